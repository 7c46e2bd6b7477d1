"""Mails, mailboxes and archives: what lies in them is read by the readers of its kind, within limits."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from types import MappingProxyType

import pytest

from engine.documents import Documents
from engine.types import DocumentState, Hit, IndexReport
from tests.engine.documents.office import cells, packed, xlsx
from tests.engine.documents.paper import write_pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]
Read = Callable[..., None]


@pytest.fixture
def read(folder: Path, add: Add) -> Read:
    """Reads one file made of `raw`."""

    def reads(name: str, raw: bytes) -> None:
        (folder / name).write_bytes(raw)
        report = add(folder / name)
        assert (report.read, report.failed) == (1, ())

    return reads


@pytest.fixture
def place(search: Search, documents: Documents) -> Callable[[str], str]:
    """Where the one passage that holds a word stands; its text is the text at its span."""

    def find(query: str) -> str:
        (hit,) = search(query)
        page = documents.page(hit.passage.document_id, hit.passage.page)
        assert page.text[hit.passage.start : hit.passage.end] == hit.passage.text
        return hit.passage.place.words

    return find


Place = Callable[[str], str]


def mail(
    subject: str, words: str, attached: Mapping[str, bytes] = MappingProxyType({}), html: str = ""
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "梅子 <ume@example.org>"
    message["To"] = "boss@example.org"
    message["Subject"] = subject
    message.set_content(words)
    if html:
        message.add_alternative(html, subtype="html")
    for name, raw in attached.items():
        message.add_attachment(raw, maintype="application", subtype="octet-stream", filename=name)
    return message


def a_pdf(folder: Path) -> bytes:
    return write_pdf(folder / "made.pdf", [["first"], ["the thimble"]]).read_bytes()


def test_a_mail_is_read_with_its_head_and_its_attachments(
    tmp_path: Path, read: Read, place: Place, documents: Documents
) -> None:
    sheet = xlsx({"価格": cells(1, {"A": "the pin"})})
    attached = {"見積.pdf": a_pdf(tmp_path), "prices.xlsx": sheet, "photo.png": b"\x89PNG", "empty.txt": b""}
    read("offer.eml", mail("お見積り", "the needle\n", attached, "<p>the same in HTML</p>").as_bytes())
    assert place("needle") == "message 1: お見積り"
    assert place("thimble") == "message 1: お見積り › 見積.pdf › 2"
    assert place("pin") == "message 1: お見積り › prices.xlsx › 価格, A1:A1"
    (document,) = documents.all()
    why = "offer.eml › photo.png could not be read as a picture: it is none that Hanare knows."
    assert document.reason.endswith(why)
    text = documents.page(document.id, 1).text
    assert text == "From: 梅子 <ume@example.org>\nTo: boss@example.org\nSubject: お見積り\n\nthe needle"


@pytest.mark.parametrize("encoding", ["iso-2022-jp", "cp932", "utf-8"])
def test_a_mail_is_read_whatever_it_is_written_in(
    read: Read, place: Place, documents: Documents, encoding: str
) -> None:
    head = b"From: ume@example.org\r\nSubject: " + "件名です".encode(encoding) + b"\r\n\r\n"
    read("raw.eml", head + "離れの手引き。the needle\r\n".encode(encoding))
    assert place("needle") == "message 1: 件名です"
    assert "離れの手引き。the needle" in documents.page(documents.all()[0].id, 1).text


def test_a_mail_of_html_alone_and_a_mail_in_a_mail_are_read(read: Read, place: Place) -> None:
    inner = EmailMessage()
    inner["Subject"] = "Inner"
    inner.set_content("<h1>Head</h1><p>the pin<script>x()</script>", subtype="html")
    outer = mail("Outer", "the needle")
    outer.add_attachment(inner)
    read("a.eml", outer.as_bytes())
    assert place("needle") == "message 1: Outer"
    assert place("pin") == "message 1: Outer › Inner"


def test_a_mail_is_read_although_mails_lie_too_deep_in_it(read: Read, place: Place, documents: Documents) -> None:
    raw = mail("At the bottom", "the pin").as_bytes()
    for number in range(12):
        head = b"Subject: %d\nContent-Type: multipart/mixed; boundary=x%d\n\n" % (number, number)
        words = b"--x%d\n\nneedle%d here\n--x%d\nContent-Type: message/rfc822\n\n" % (number, number, number)
        raw = head + words + raw + b"\n--x%d--\n" % number
    read("a.eml", raw)
    assert place("needle11") == "message 1: 11"
    assert "mails lie too deep in it" in documents.all()[0].reason


def test_the_mails_of_a_mailbox_are_numbered(read: Read, place: Place, documents: Documents) -> None:
    mails = [mail("One", "the needle\n\nFrom here on\n"), mail("二通目", "the pin", {"a.txt": b"the thimble"})]
    raws = [one.as_bytes().replace(b"\nFrom here", b"\n>From here") for one in mails]
    read("all.mbox", b"".join(b"From ume@example.org Thu Jan  1 09:00:00 2026\n" + raw + b"\n\n" for raw in raws))
    assert place("needle") == "message 1: One"
    assert place("pin") == "message 2: 二通目"
    assert place("thimble") == "message 2: 二通目 › a.txt"
    assert "\n\nFrom here on" in documents.page(documents.all()[0].id, 1).text


def test_the_files_of_an_archive_are_read_at_their_paths(tmp_path: Path, read: Read, place: Place) -> None:
    members = {
        "papers/見積.pdf": a_pdf(tmp_path), "notes/a.md": "# Head\n\nthe needle", "node_modules/x.js": "the needle",
        "__MACOSX/._a.md": "the needle", "photo.jpg": b"\xff\xd8\xff", "offer.eml": mail("Offer", "the pin").as_bytes(),
        "README": "the key",
    }  # fmt: skip
    read("all.zip", packed(members))
    assert place("thimble") == "papers/見積.pdf › 2"
    assert place("needle") == "notes/a.md › Head"
    assert place("pin") == "offer.eml › 1: Offer"
    assert place("key") == "README"


def test_names_in_an_archive_of_windows_are_read_as_japanese(read: Read, place: Place) -> None:
    raw = packed({"xxxx.txt": "the needle"})
    read("old.zip", raw.replace(b"xxxx.txt", "見積".encode("cp932") + b".txt"))
    assert place("needle") == "見積.txt"


@pytest.mark.parametrize("way", ["", "gz", "bz2", "xz"])
def test_a_tar_archive_is_read_however_it_is_packed(read: Read, place: Place, way: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{way}") as archive:  # type: ignore[call-overload]
        for name, raw in {"./見積/a.txt": b"the needle", "b.csv": "梅,the pin\n".encode()}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(raw)
            archive.addfile(entry, io.BytesIO(raw))
        link = tarfile.TarInfo("link.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    read(f"all.tar{'.' if way else ''}{way}", out.getvalue())
    assert place("needle") == "見積/a.txt"
    assert place("pin") == "b.csv › A1:B1"


def test_what_cannot_be_read_in_an_archive_is_told_and_the_rest_is_read(
    read: Read, place: Place, documents: Documents
) -> None:
    bomb = packed({"word/document.xml": b" " * 48_000_000})
    read("all.zip", packed({"a.pdf": "no PDF", "b.docx": bomb, "c.txt": "the needle", "d.txt": b" " * 8_000_000}))
    assert place("needle") == "c.txt"
    (document,) = documents.all()
    assert document.state is DocumentState.READ
    for told in ("all.zip › a.pdf could not be read as PDF", "b.docx is too large", "d.txt is too large to read"):
        assert told in document.reason


def test_a_member_that_is_damaged_costs_only_itself(read: Read, place: Place, documents: Documents) -> None:
    raw = packed({"a.txt": "bad", "b.txt": "the needle"})
    read("a.zip", _with_another_sum(raw))
    assert place("needle") == "b.txt"
    assert "a.zip › a.txt could not be read as text: the archive is broken" in documents.all()[0].reason


def _with_another_sum(raw: bytes) -> bytes:
    """The first member's checksum in the directory is wrong."""
    changed = bytearray(raw)
    changed[raw.index(b"PK\x01\x02") + 16] ^= 0xFF
    return bytes(changed)


def deep_archive() -> bytes:
    raw = packed({"a.txt": "the needle"})
    for _ in range(8):
        raw = packed({"inner.zip": raw})
    return raw


def locked_archive() -> bytes:
    raw = bytearray(packed({"a.txt": "secret"}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        raw[raw.index(mark) + at] |= 1
    return bytes(raw)


def many_files() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}.txt", b"")
    return out.getvalue()


def tar_of_nothing() -> bytes:
    """Says that it holds a file of eight GiB."""
    entry = tarfile.TarInfo("a.bin")
    entry.size = 8 << 30
    return entry.tobuf() + bytes(4096)


def deep_mail() -> bytes:
    kind = b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n'
    return b"Subject: deep\n" + b"".join(kind % (n, n) for n in range(3000)) + b"\nthe end\n"


@pytest.mark.parametrize(
    ("name", "make", "code", "why"),
    [
        ("deep.zip", deep_archive, "DocumentTooLarge", "too deep in other files"),
        ("locked.zip", locked_archive, "DocumentDamaged", "it has a password"),
        ("many.zip", many_files, "DocumentTooLarge", "20,001 parts"),
        ("cut.zip", lambda: packed({"a.txt": "x" * 999})[:60], "DocumentDamaged", "archive is broken"),
        ("pictures.zip", lambda: packed({"a.png": "x"}), "DocumentDamaged", "none that Hanare knows"),
        ("programs.zip", lambda: packed({"a.exe": "x"}), "DocumentEmpty", "no words"),
        ("huge.tar", tar_of_nothing, "DocumentTooLarge", "too much is packed in it"),
        ("cut.tar.gz", lambda: b"\x1f\x8b\x08" + bytes(99), "DocumentDamaged", "archive is broken"),
        ("cut.tar.bz2", lambda: b"BZh9" + bytes(99), "DocumentDamaged", "archive is broken"),
        ("text.tar", lambda: b"just words " * 99, "DocumentDamaged", "archive is broken"),
        ("picture.eml", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "DocumentDamaged", "PNG"),
        ("words.eml", lambda: b"\njust words\n", "DocumentDamaged", "it has no head"),
        ("deep.eml", deep_mail, "DocumentDamaged", "nested too deeply"),
        ("words.mbox", lambda: b"just words\n", "DocumentDamaged", "no mail begins in it"),
    ],
)
def test_what_lies_in_others_is_refused_with_its_reason_where_it_does_harm(
    folder: Path, add: Add, name: str, make: Callable[[], bytes], code: str, why: str
) -> None:
    (folder / name).write_bytes(make())
    (failed,) = add(folder / name).failed
    assert failed.reason_code == code
    assert why in failed.reason
