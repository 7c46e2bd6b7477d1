"""Folders are kept in step: what changed is read, what moved is known again, what is gone goes, and nothing else."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.embedding import NAME
from engine.documents.rules import Rules
from engine.errors import TextNotAccepted
from engine.operation import Cancel, finish
from engine.store import Store
from engine.types import DocumentState, Hit, IndexReport, LeftOut

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


@pytest.fixture
def look(documents: Documents) -> Callable[..., IndexReport]:
    """Looks again, at everything or at some paths."""
    return lambda *paths: finish(documents.look_again(Cancel(), paths or None))


Look = Callable[..., IndexReport]


def written(folder: Path, **texts: str) -> None:
    """Files of these names, without ".txt", with these texts."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)


def names(documents: Documents) -> list[str]:
    return sorted(document.path.name for document in documents.all())


def passages(store: Store) -> list[tuple[int, str]]:
    """Every passage with its number: one that was read again has another."""
    return store.documents.vectors.lacking(NAME, 0, 99)


def test_an_unchanged_file_is_not_even_opened(
    folder: Path, add: Add, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(folder, a="needle", b="pin")
    add(folder)
    monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("it was opened"))
    assert look().unchanged == 2


def test_a_renamed_file_keeps_its_passages_and_is_not_read_again(
    folder: Path, add: Add, look: Look, search: Search, store: Store
) -> None:
    written(folder, a="needle", b="pin")
    add(folder)
    before = passages(store)
    (folder / "a.txt").rename(folder / "c.txt")
    report = look()
    assert (report.moved, report.read, report.removed, report.unchanged) == (1, 0, 0, 1)
    assert passages(store) == before
    assert [hit.passage.path.name for hit in search("needle")] == ["c.txt"]


def test_a_folder_that_moved_into_another_added_one_is_known_again(
    folder: Path, tmp_path: Path, add: Add, look: Look, store: Store
) -> None:
    written(folder, a="needle")
    written(folder / "sub", b="pin", c="nail")
    other = tmp_path / "other"
    written(other, d="tack")
    add(folder, other)
    before = passages(store)
    (folder / "sub").rename(other / "sub")
    report = look()
    assert (report.moved, report.read, report.removed) == (2, 0, 0)
    assert passages(store) == before


def test_a_copy_is_a_document_of_its_own(folder: Path, add: Add, look: Look, search: Search) -> None:
    written(folder, a="needle")
    add(folder)
    shutil.copy(folder / "a.txt", folder / "b.txt")
    assert look().read == 1
    (hit,) = search("needle")
    assert [hit.passage.path.name, *(other.path.name for other in hit.also_in)] == ["a.txt", "b.txt"]


def test_what_is_gone_lies_in_the_trash_and_comes_back_with_its_file(
    folder: Path, add: Add, look: Look, documents: Documents, search: Search, store: Store
) -> None:
    written(folder, a="needle", b="pin")
    add(folder)
    before = passages(store)
    (folder / "a.txt").rename(folder.parent / "a.txt")
    assert look().removed == 1
    assert search("needle") == ()
    assert [one.path.name for one in documents.trash()] == ["a.txt"]
    (folder.parent / "a.txt").rename(folder / "a.txt")
    assert look().restored == 1
    assert passages(store) == before
    (folder / "a.txt").unlink()
    look()
    written(folder, c="needle")  # from somewhere else, hours later
    assert look().moved == 1
    assert passages(store) == before


def test_what_was_taken_out_of_the_trash_stays_although_its_file_is_gone(
    folder: Path, add: Add, look: Look, documents: Documents, search: Search
) -> None:
    written(folder, a="needle", b="pin")
    add(folder)
    (folder / "a.txt").unlink()
    look()
    documents.restore([one.id for one in documents.trash()])
    assert (look().removed, len(search("needle"))) == (0, 1)
    written(folder, a="needle")
    look()
    (folder / "a.txt").unlink()
    assert (look().removed, search("needle")) == (1, ())


def test_what_the_person_removed_stays_away_even_when_it_was_erased(
    folder: Path, add: Add, look: Look, documents: Documents, search: Search
) -> None:
    written(folder, a="needle", b="pin")
    add(folder)
    (a,) = (one for one in documents.all() if one.path.name == "a.txt")
    documents.remove([a.id])
    assert look().restored == 0
    finish(documents.erase([a.id], Cancel()))
    assert look().read == 0
    assert search("needle") == ()
    assert add(folder / "a.txt").read == 1  # it is wanted again
    assert (look().unchanged, len(search("needle"))) == (2, 1)


def test_a_folder_that_is_not_there_keeps_all_and_says_so(
    folder: Path, tmp_path: Path, add: Add, look: Look, documents: Documents, search: Search
) -> None:
    written(folder, a="needle")
    add(folder)
    folder.rename(tmp_path / "away")
    report = look()
    assert (report.away, report.removed, report.failed) == ((folder,), 0, ())
    assert [one.away for one in documents.folders.all()] == [True]
    assert len(search("needle")) == 1
    folder.mkdir()  # the place where a drive is to appear
    assert look().away == (folder,)
    folder.rmdir()
    (tmp_path / "away").rename(folder)
    assert (look().unchanged, look().away) == (1, ())
    assert [one.away for one in documents.folders.all()] == [False]


def test_a_file_copied_from_a_drive_that_is_not_there_does_not_take_its_document(
    folder: Path, tmp_path: Path, add: Add, look: Look, documents: Documents
) -> None:
    drive = tmp_path / "drive"
    written(drive, a="needle")
    written(folder, b="pin")
    add(folder, drive)
    shutil.copy(drive / "a.txt", folder / "a.txt")
    drive.rename(tmp_path / "unplugged")
    assert (look().read, look().moved) == (1, 0)
    assert names(documents) == ["a.txt", "a.txt", "b.txt"]


def test_a_folder_that_is_closed_is_listed_and_keeps_what_was_read(
    folder: Path, add: Add, look: Look, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(folder, a="needle")
    written(folder / "sub", b="pin")
    add(folder)
    scandir, lstat = os.scandir, Path.lstat
    closed = str(folder / "sub")

    def refuse(path: Path | str) -> None:
        if str(path).startswith(closed):
            raise PermissionError(errno.EACCES, "closed", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", lambda path: (refuse(path), scandir(path))[1])
        patch.setattr(Path, "lstat", lambda path: (refuse(path), lstat(path))[1])
        for _ in range(2):
            assert look().removed == 0
            assert names(documents) == ["a.txt", "b.txt", "sub"]
    look()
    assert names(documents) == ["a.txt", "b.txt"]


def test_what_cannot_be_read_is_tried_again_once_it_changed_or_when_asked(
    folder: Path, add: Add, look: Look, documents: Documents
) -> None:
    (folder / "a.pdf").write_bytes(b"no document")
    assert len(add(folder).failed) == 1
    assert look().failed == ()
    assert [one.failed for one in documents.folders.all()] == [1]
    assert len(add(folder / "a.pdf").failed) == 1  # try again
    (folder / "a.pdf").write_bytes(b"no document either")
    assert len(look().failed) == 1


def test_a_file_above_the_size_that_was_set_is_listed_with_its_reason(
    folder: Path, add: Add, documents: Documents
) -> None:
    written(folder, a="needle", b="pin " * 1000)
    add(folder)
    (one,) = documents.folders.all()
    documents.folders.change(one.id, None, most_bytes=1000)
    report = add(folder)
    assert [failed.reason_code for failed in report.failed] == []  # what was read before stays read
    written(folder, c="nail " * 1000)
    assert [failed.reason_code for failed in add(folder).failed] == ["DocumentTooLarge"]


def test_a_paused_folder_is_left_alone(folder: Path, add: Add, look: Look, documents: Documents) -> None:
    written(folder, a="needle")
    add(folder)
    (one,) = documents.folders.all()
    documents.folders.pause(one.id, True)
    written(folder, b="pin")
    assert (look().read, look(folder / "b.txt").read) == (0, 0)
    documents.folders.pause(one.id, False)
    assert look().read == 1


def test_only_what_was_touched_is_looked_at(folder: Path, add: Add, look: Look, documents: Documents) -> None:
    written(folder, a="needle", b="pin", c="nail")
    add(folder)
    (folder / "a.txt").unlink()
    (folder / "b.txt").unlink()
    written(folder, d="tack")
    written(folder / "node_modules", e="tacks")
    report = look(folder / "a.txt", folder / "d.txt", folder / "node_modules" / "e.txt")
    assert (report.removed, report.read) == (1, 1)
    assert names(documents) == ["b.txt", "c.txt", "d.txt"]


def test_a_removed_folder_takes_its_documents_along_and_comes_back_with_them(
    folder: Path, tmp_path: Path, add: Add, look: Look, documents: Documents, search: Search
) -> None:
    other = tmp_path / "other"
    written(folder, a="needle")
    written(other, b="pin")
    add(folder, other)
    gone = documents.folders.remove(documents.folders.all()[0].id)
    assert ([one.path for one in documents.folders.all()], names(documents)) == ([other], ["b.txt"])
    assert (look().read, search("needle")) == (0, ())
    documents.restore(gone)
    assert len(documents.folders.all()) == 2
    assert len(search("needle")) == 1


def test_an_empty_folder_can_be_added_and_fills_later(folder: Path, add: Add, look: Look, documents: Documents) -> None:
    add(folder)
    (one,) = documents.folders.all()
    assert (one.away, one.documents) == (False, 0)
    written(folder, a="needle")
    assert look().read == 1


def test_a_folder_within_an_added_one_is_not_added_twice(folder: Path, add: Add, documents: Documents) -> None:
    written(folder / "sub", a="needle")
    add(folder)
    add(folder / "sub")
    assert [one.path for one in documents.folders.all()] == [folder]


def test_rules_leave_out_and_let_in_again(
    folder: Path, add: Add, look: Look, documents: Documents, search: Search
) -> None:
    written(folder, a="needle", b="pin")
    written(folder / "drafts", c="nail")
    add(folder)
    (one,) = documents.folders.all()
    rules = "/drafts/\nb*\n!b.txt\n"
    counted = finish(documents.folders.left_out(one.id, rules, 0, Cancel()))
    assert counted == LeftOut(files=3, by_rules=1, too_large=0)
    assert finish(documents.folders.left_out(one.id, "b*", 4, Cancel())) == LeftOut(files=3, by_rules=1, too_large=1)
    documents.folders.change(one.id, rules)
    assert (look().unchanged, search("nail")) == (2, ())
    documents.folders.change(one.id, None)
    assert (look().restored, len(search("nail"))) == (1, 1)


def test_a_line_that_is_no_rule_is_refused(folder: Path) -> None:
    with pytest.raises(TextNotAccepted, match="line 2"):
        Rules(folder, "*.bak\n!\n")


def test_a_run_that_was_stopped_goes_on_where_it_was(folder: Path, documents: Documents, look: Look) -> None:
    written(folder, **{f"n{number}": f"needle {number}" for number in range(6)})
    operation = documents.add([folder], Cancel())
    for event in operation:
        if getattr(event, "done", 0) == 3:
            operation.close()  # as when the program ends
            break
    assert [one.scanned_at for one in documents.folders.all()] == [None]
    report = look()
    assert (report.read, report.unchanged) == (3, 3)
    assert all(one.state is DocumentState.READ for one in documents.all())


def test_what_hanare_keeps_is_no_document(folder: Path, add: Add) -> None:
    """Somebody may add the folder above it."""
    written(folder, a="needle")
    data = folder / "Hanare"
    data.mkdir()
    written(data, b="pin")
    (data / "hanare.db").write_bytes(b"")
    assert add(folder).read == 1
    assert Rules(folder).leave_out_below(str(data / "b.txt"), folder=False)  # so nothing that changes in it is heard
