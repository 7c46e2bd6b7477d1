"""Adding again: what is unchanged is passed over, what changed is replaced, what is gone is forgotten."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents, ingest
from engine.errors import Cancelled
from engine.events import Changed, DocumentSettled, Progressed
from engine.operation import Cancel, finish
from engine.store import Store
from engine.types import Hit, IndexReport
from tests.engine.documents.paper import write_pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


def touch(path: Path) -> None:
    """Give a file a time of its own."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))


def test_a_folder_is_read_without_what_nobody_means(folder: Path, add: Add, documents: Documents) -> None:
    for name in ("a.txt", "sub/b.md", ".hidden.txt", ".git/c.txt", "node_modules/d.txt", "~$e.docx", "f.bin"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("needle")
    assert add(folder).read == 2
    assert [one.path.relative_to(folder).as_posix() for one in documents.all()] == ["a.txt", "sub/b.md"]
    assert documents.roots() == (folder,)


def test_a_link_round_in_a_circle_is_not_followed(folder: Path, add: Add) -> None:
    (folder / "a.txt").write_text("needle")
    try:
        (folder / "round").symlink_to(folder, target_is_directory=True)
    except OSError:
        pytest.skip("links are not allowed here")
    assert add(folder).read == 1


def test_unchanged_files_are_passed_over(folder: Path, add: Add, documents: Documents) -> None:
    (folder / "a.txt").write_text("needle")
    add(folder)
    before = documents.all()
    touch(folder / "a.txt")  # another time, the same content
    for _ in range(2):
        report = add(folder)
        assert (report.read, report.unchanged, report.failed) == (0, 1, ())
    assert documents.all() == before


def test_a_changed_file_is_found_by_its_old_words_until_the_new_ones_are_kept(
    folder: Path, documents: Documents, add: Add, search: Search
) -> None:
    (folder / "a.txt").write_text("the old needle")
    add(folder)
    (folder / "a.txt").write_text("the new pin")
    touch(folder / "a.txt")
    seen = []
    operation = documents.add([folder], Cancel())
    for event in operation:
        if isinstance(event, Progressed | DocumentSettled):
            seen.append((type(event), len(search("needle")), len(search("pin"))))
    assert seen[0] == (Progressed, 1, 0)
    assert (DocumentSettled, 0, 1) in seen
    assert all(old + new == 1 for _, old, new in seen)


def test_a_file_that_is_gone_from_its_folder_is_forgotten(folder: Path, add: Add, search: Search) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("needle")
    add(folder)
    (folder / "a.txt").unlink()
    report = add(folder)
    assert (report.removed, report.unchanged) == (1, 1)
    assert [hit.passage.path.name for hit in search("needle")] == ["b.txt"]


def test_a_folder_that_is_gone_or_empty_takes_nothing_with_it(folder: Path, add: Add, search: Search) -> None:
    """A drive that is not connected looks like this."""
    (folder / "a.txt").write_text("needle")
    add(folder)
    (folder / "a.txt").unlink()
    assert add(folder).removed == 0
    folder.rmdir()
    report = add(folder)
    assert (report.removed, [one.reason_code for one in report.failed]) == (0, ["FileMissing"])
    assert len(search("needle")) == 1


def test_a_file_that_is_broken_now_and_mended_later_comes_back(folder: Path, add: Add, search: Search) -> None:
    for content, found in (("needle", 1), ("", 0), ("needle again", 1)):
        (folder / "a.txt").write_text(content)
        touch(folder / "a.txt")
        add(folder)
        assert len(search("needle")) == found


def test_what_was_read_before_stop_stays(
    folder: Path, documents: Documents, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "KEEP_EVERY_S", 3600.0)
    for number in range(9):
        (folder / f"{number}.txt").write_text(f"needle {number}")
    cancel = Cancel()

    def run() -> None:
        for event in documents.add([folder], cancel):
            if isinstance(event, Progressed) and event.done == 4:
                cancel.press()

    with pytest.raises(Cancelled):
        run()
    kept = len(search("needle"))
    assert kept in (4, 5)
    assert finish(documents.add([folder], Cancel())).unchanged == kept


@pytest.mark.parametrize(("share", "commits"), [(1e9, 6), (1e-9, 2)])
def test_commits_that_take_long_wait_longer(
    folder: Path, documents: Documents, monkeypatch: pytest.MonkeyPatch, share: float, commits: int
) -> None:
    for name, value in {"KEEP_EVERY_S": 0.0, "KEEP_SLOWLY_S": 3600.0, "KEEPING_SHARE": share}.items():
        monkeypatch.setattr(ingest, name, value)
    for number in range(6):
        (folder / f"{number}.txt").write_text(f"needle {number}")
    events = list(documents.add([folder], Cancel()))
    assert sum(isinstance(event, Changed) for event in events) == commits


def test_progress_tells_files_rate_and_time_left(folder: Path, documents: Documents) -> None:
    for number in range(3):
        (folder / f"{number}.txt").write_text("needle")
    events = list(documents.add([folder], Cancel()))
    moved = [event for event in events if isinstance(event, Progressed)]
    assert [event.done for event in moved] == [0, 0, 1, 2, 3]
    assert all(event.total == 3 and event.unit == "files" for event in moved[1:])
    assert moved[-1].per_s > 0
    assert moved[-1].left_s == 0
    assert Changed(what="documents") in events


def test_erased_documents_leave_no_word_behind(
    folder: Path, add: Add, search: Search, documents: Documents, store: Store
) -> None:
    (folder / "a.txt").write_text("needle unique")
    write_pdf(folder / "b.pdf", [["needle"], ["needle"]])
    add(folder)
    finish(documents.erase([one.id for one in documents.all()], Cancel()))
    assert search("needle") == ()
    assert documents.all() == documents.roots() == documents.trash() == ()
    counts = documents.counts()
    assert (counts.documents, counts.passages, counts.embedded) == (0, 0, 0)
    assert store.documents.passages.spread(["unique"]) == {"unique": 0}
    assert (folder / "a.txt").exists()


def test_numbers_of_documents_are_never_used_again(folder: Path, add: Add, documents: Documents) -> None:
    """A kept answer that cites an erased document must not open another one."""
    (folder / "a.txt").write_text("one")
    add(folder)
    (old,) = documents.all()
    finish(documents.erase([old.id], Cancel()))
    (folder / "b.txt").write_text("two")
    add(folder / "b.txt")
    assert documents.all()[0].id > old.id
