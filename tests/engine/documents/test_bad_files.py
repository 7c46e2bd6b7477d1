"""Files that cannot be read: each is listed with its reason, and the rest goes on."""

import os
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.reading import Reader, Unit
from engine.errors import DocumentDamaged, DocumentTooLarge
from engine.events import DocumentSettled, Progressed
from engine.operation import Cancel, finish
from engine.places import Places
from engine.types import DocumentState, Hit, IndexReport
from tests.engine.documents.paper import paragraph, write_docx, write_pdf
from tests.reliability.hostile_making import pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


def zip_named_pdf(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as file:
        for _ in range(48):
            file.write(b" " * 1024 * 1024)


def lying_bomb(path: Path) -> None:
    """A bomb whose directory says that it is small."""
    bomb(path)
    raw = bytearray(path.read_bytes())
    entry = raw.rindex(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(raw)


def laughs(path: Path) -> None:
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    write_docx(path, paragraph("x").replace("x</w:t>", "&i;</w:t>"), head=f"<!DOCTYPE w [{entities}]>")


def outside(path: Path) -> None:
    write_docx(
        path,
        paragraph("x").replace("x</w:t>", "&x;</w:t>"),
        head='<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    )


def many_parts(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_000):
            archive.writestr(f"word/media/{number}", b"")
        archive.writestr("word/document.xml", b"<w/>")


def gigabyte(path: Path) -> None:
    """A file that takes no room; reading it to its end would take long."""
    path.touch()
    os.truncate(path, 1 << 30)


def many_pages(path: Path) -> None:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 20_004))
    pages = b"<</Type/Pages/Kids[" + kids + b"]/Count 20001>>"
    one = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    path.write_bytes(pdf(b"<</Type/Catalog/Pages 2 0 R>>", pages, *[one] * 20_001))


BAD: list[tuple[str, Callable[[Path], object], str, str]] = [
    ("zip.pdf", zip_named_pdf, "DocumentDamaged", "it is a ZIP archive"),
    ("text.pdf", lambda path: path.write_text("just text"), "DocumentDamaged", "it does not begin like one"),
    ("broken.pdf", lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 9), "DocumentDamaged", "broken"),
    ("secret.pdf", lambda path: write_pdf(path, [["x"]], password="p"), "DocumentDamaged", "password"),
    ("pictures.pdf", lambda path: write_pdf(path, [[], []]), "DocumentEmpty", "blank"),
    ("empty.txt", lambda path: path.write_bytes(b""), "DocumentEmpty", "the file is empty"),
    ("blank.md", lambda path: path.write_text("\n \n"), "DocumentEmpty", "no words"),
    ("picture.txt", lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99)), "DocumentDamaged", "PNG"),
    ("binary.md", lambda path: path.write_bytes(bytes(range(256)) * 99), "DocumentDamaged", "binary data"),
    ("large.txt", lambda path: path.write_bytes(b"fifty megabytes\n" * 3_276_800), "DocumentTooLarge", "50 MiB"),
    ("a gigabyte.txt", gigabyte, "DocumentTooLarge", "1024 MiB and the most is 20 MiB"),
    ("other.docx", zip_named_pdf, "DocumentDamaged", "without Word text"),
    ("cut.docx", lambda path: path.write_bytes(b"PK\x03\x04" + bytes(500)), "DocumentDamaged", "archive is broken"),
    (
        "old.docx",
        lambda path: path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(99)),
        "DocumentDamaged",
        "older",
    ),
    ("broken.docx", lambda path: write_docx(path, "<w:p>"), "DocumentDamaged", "its text is broken"),
    ("bomb.docx", bomb, "DocumentTooLarge", "unpack to 48 MiB"),
    ("liar.docx", lying_bomb, "DocumentDamaged", "broken"),
    ("laughs.docx", laughs, "DocumentDamaged", "entities"),
    ("outside.docx", outside, "DocumentDamaged", "entities"),
    ("deep.docx", lambda path: write_docx(path, "<w:p>" * 5000 + "</w:p>" * 5000), "DocumentDamaged", "broken"),
    (
        "noise after a mark.txt",
        lambda path: path.write_bytes(b"\xff\xfe" + b"\x00\xd8" * 900),
        "DocumentDamaged",
        "binary",
    ),
    ("pipe.txt", os.mkfifo, "FileNotReadable", "no ordinary file"),
    ("device.txt", lambda path: path.symlink_to("/dev/zero"), "FileNotReadable", "no ordinary file"),
    ("kernel.txt", lambda path: path.symlink_to("/proc/kmsg"), "DocumentEmpty", "the file is empty"),
    ("round.txt", lambda path: path.symlink_to(path), "FileNotReadable", "too many levels"),
    ("many parts.docx", many_parts, "DocumentTooLarge", "20,001 parts"),
    ("many pages.pdf", many_pages, "DocumentTooLarge", "20,001 pages"),
    ("deep.html", lambda path: path.write_text("<div>" * 200_000 + "x"), "DocumentDamaged", "nested too deeply"),
]


@pytest.mark.parametrize(("name", "make", "code", "why"), BAD, ids=[row[0] for row in BAD])
def test_a_file_that_cannot_be_read_is_listed_with_its_reason_and_the_rest_goes_on(
    folder: Path,
    add: Add,
    search: Search,
    documents: Documents,
    name: str,
    make: Callable[[Path], object],
    code: str,
    why: str,
) -> None:
    make(folder / name)
    (folder / "a good one.txt").write_text("the needle is before")
    (folder / "zz good one.txt").write_text("the needle is behind")
    report = add(folder)
    assert report.read == 2
    (failed,) = report.failed
    assert (failed.path.name, failed.state, failed.reason_code) == (name, DocumentState.FAILED, code)
    assert why in failed.reason
    assert len(search("needle")) == 2
    assert failed in documents.all()
    assert documents.counts().failed == 1


def test_a_file_without_read_permission_is_listed_with_its_reason(
    documents: Documents, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    """The reader gives up the administrator's rights first, should the tests have them."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions work differently here")
    monkeypatch.setattr(documents, "_reader", Reader(places.private, "tests.fakes.humble_reader"))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for name in ("good.txt", "secret.txt", "zz.txt"):
            (folder / name).write_text("needle")
            (folder / name).chmod(0o644)
        (folder / "secret.txt").chmod(0o000)
        report = finish(documents.add([folder], Cancel()))
    documents._reader.close()
    assert report.read == 2
    (failed,) = report.failed
    assert (failed.path.name, failed.reason_code) == ("secret.txt", "FileNotReadable")
    assert "permission denied" in failed.reason


def test_a_file_of_an_unknown_kind_is_refused_when_named_and_passed_over_in_a_folder(folder: Path, add: Add) -> None:
    (folder / "a.xyz").write_text("?")
    assert add(folder) == IndexReport(seconds=add(folder).seconds) or not add(folder).failed
    (failed,) = add(folder / "a.xyz").failed
    assert failed.reason_code == "FormatUnknown"


def test_a_folder_in_place_of_a_file_and_a_missing_file_are_named(folder: Path, add: Add) -> None:
    (folder / "odd.txt").mkdir()
    report = add(folder / "odd.txt", folder / "gone.txt", folder / "gone")
    assert [one.reason_code for one in report.failed] == ["FileMissing", "FileMissing"]


def test_a_name_that_is_no_text_is_told_and_the_rest_goes_on(folder: Path, add: Add, search: Search) -> None:
    (folder / "good.txt").write_text("needle")
    inner = folder / "inner"
    inner.mkdir()
    try:
        (folder / os.fsdecode(b"odd \xff.txt")).write_text("needle")
        inner.rename(folder / os.fsdecode(b"odd folder \xfe"))
    except OSError:
        pytest.skip("this system keeps every name as text")
    (folder / os.fsdecode(b"odd folder \xfe") / "in it.txt").write_text("needle")
    report = add(folder, folder / os.fsdecode(b"odd folder \xfe"))
    assert (report.read, [one.reason_code for one in report.failed]) == (1, ["FileNotReadable"] * 2)
    assert all("its name is not text" in one.reason for one in report.failed)
    assert len(search("needle")) == 1


@pytest.mark.parametrize(
    "name",
    ["..txt", "a\u202etxt.exe.txt", "CON.txt", "trailing dot..txt", "space .txt", "x" * 251 + ".txt",
     "a\nb\t\x1b[2J.txt",
     "&<b>bold.txt", "%s%n.txt", "'; drop table documents; --.txt", "語\U0001f3e1.txt"],
)  # fmt: skip
def test_whatever_a_file_is_called_it_is_read_under_its_own_name(
    folder: Path, add: Add, documents: Documents, name: str
) -> None:
    (folder / name).write_text("needle")
    report = add(folder / name)
    assert (report.read, report.failed) == (1, ())
    (document,) = documents.all()
    assert document.path == folder / name
    assert [path.name for path in folder.iterdir()] == [name]


def test_links_and_second_names_lead_nowhere_else(folder: Path, add: Add, tmp_path: Path, documents: Documents) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.txt").write_text("needle")
    (folder / "linked folder").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "first.txt").write_text("needle")
    os.link(folder / "first.txt", folder / "second.txt")
    report = add(folder)
    assert (report.read, report.failed) == (2, ())
    assert [document.path.name for document in documents.all()] == ["first.txt", "second.txt"]


def test_a_reader_that_is_killed_costs_one_document(
    folder: Path, documents: Documents, search: Search, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(documents, "_reader", Reader(places.private, "tests.fakes.dying_reader"))
    for name in ("a", "die", "z"):
        (folder / f"{name}.txt").write_text(f"needle {name}")
    report = finish(documents.add([folder], Cancel()))
    documents._reader.close()
    assert (report.read, [one.path.name for one in report.failed]) == (2, ["die.txt"])
    assert "signal SIGKILL" in report.failed[0].reason
    assert len(search("needle")) == 2


def test_what_was_read_of_a_document_that_takes_too_long_is_kept_and_the_rest_is_told(
    folder: Path, documents: Documents, search: Search, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(documents, "_reader", Reader(places.private, "tests.fakes.dying_reader"))
    for name in ("a", "slow", "z"):
        (folder / f"{name}.txt").write_text(f"needle {name}")
    assert finish(documents.add([folder], Cancel())).read == 3
    assert len(search("needle")) == 3
    slow = next(document for document in documents.all() if document.path.stem == "slow")
    assert (slow.state, slow.pages, slow.reason_code) == (DocumentState.READ, 1, "DocumentTooSlow")
    assert slow.reason.startswith(f"Of {slow.path} only the beginning was read, up to page or part 1: ")
    looked = finish(documents.look_again(Cancel()))
    assert (looked.read, looked.unchanged) == (0, 3)
    again = finish(documents.add([folder], Cancel()))
    documents._reader.close()
    assert (again.read, again.unchanged) == (1, 2)  # whoever adds it by hand wants another try
    assert len(search("needle")) == 3


def test_a_document_that_takes_too_long_before_its_first_word_is_listed_with_its_reason(
    folder: Path, documents: Documents, monkeypatch: pytest.MonkeyPatch, places: Places
) -> None:
    monkeypatch.setattr(documents, "_reader", Reader(places.private, "tests.fakes.dying_reader"))
    (folder / "slow.txt").write_text(" \n")
    (failed,) = finish(documents.add([folder], Cancel())).failed
    documents._reader.close()
    assert (failed.state, failed.reason_code) == (DocumentState.FAILED, "DocumentTooSlow")


def test_a_folder_that_vanishes_while_it_is_read_costs_its_files_and_nothing_else(
    folder: Path, documents: Documents, search: Search
) -> None:
    inner = folder / "m"
    inner.mkdir()
    for path in (folder / "a.txt", inner / "b.txt", inner / "c.txt", folder / "z.txt"):
        path.write_text(f"needle {path.stem}")
    operation = documents.add([folder], Cancel())
    settled, report = [], None
    try:
        while True:
            event = next(operation)
            if isinstance(event, Progressed) and event.total == 4 and inner.exists():
                for path in inner.iterdir():
                    path.unlink()
                inner.rmdir()
            if isinstance(event, DocumentSettled):
                settled.append(event.document)
    except StopIteration as end:
        report = end.value
    assert report.read == 2
    assert {one.reason_code for one in report.failed} == {"FileMissing"}
    assert len(settled) == 4
    assert len(search("needle")) == 2


def test_the_reader_may_not_take_all_memory(folder: Path, places: Places) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("the system enforces this limit on Linux only")
    reader = Reader(places.private)
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{n}</w:t></w:r></w:p></w:tc>" for n in range(900_000))
    write_docx(folder / "wide.docx", f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>")
    try:
        with pytest.raises((DocumentTooLarge, DocumentDamaged)):
            reader.read(folder / "wide.docx", "docx", Cancel())
        good = write_docx(folder / "good.docx", paragraph("still reading"))
        assert reader.read(good, "docx", Cancel()).pages == (Unit("still reading"),)
    finally:
        reader.close()
