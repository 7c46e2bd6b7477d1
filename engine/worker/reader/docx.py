"""Word documents: paragraphs, headings, lists and tables, in reading order, with footnotes at the end.

Format: ECMA-376 part 1, WordprocessingML. Pages are the layout's, not the file's, so there are
none. What is unpacked has a limit, and what pretends to be small has too.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from engine.errors import DocumentDamaged, DocumentTooLarge
from engine.worker.reader.tidy import parts

MOST_XML_BYTES = 64 * 1024 * 1024
MOST_PARTS = 20_000  # pictures and what belongs to them; a long book has some thousands
MOST_RATIO = 200  # real text shrinks 5 to 30 times
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_KIND = "a Word document"


def read(path: Path) -> Iterator[str]:
    """The document's text."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if len(names) > MOST_PARTS:
                why = f"it has {len(names):,} parts and the most is {MOST_PARTS:,}"
                raise DocumentTooLarge(path=str(path), why=why)
            if _TEXTS[0] not in names:
                raise DocumentDamaged(path=str(path), kind=_KIND, why="it is a ZIP archive without Word text")
            texts = [_text(path, _unpacked(path, archive, name)) for name in _TEXTS if name in names]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        why = "it has a password" if "password" in str(error) else "the archive is broken"
        raise DocumentDamaged(path=str(path), kind=_KIND, why=why) from error
    except etree.XMLSyntaxError as error:
        raise DocumentDamaged(path=str(path), kind=_KIND, why="its text is broken") from error
    yield from parts("\n\n".join(text for text in texts if text.strip()))


# Its own affairs.


def _unpacked(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(name)
    unpacked, packed = entry.file_size, max(entry.compress_size, 1)
    if unpacked > MOST_XML_BYTES or (unpacked > 4 * 1024 * 1024 and unpacked / packed > MOST_RATIO):
        why = f"its text would unpack to {unpacked / 1024**2:.0f} MiB"
        raise DocumentTooLarge(path=str(path), why=why)
    with archive.open(entry) as file:
        return file.read(MOST_XML_BYTES)


def _text(path: Path, raw: bytes) -> str:
    # The format forbids declarations: entities are how small files grow, and reach for other files.
    declares = DocumentDamaged(path=str(path), kind=_KIND, why="it declares entities, which no Word document does")
    if b"<!DOCTYPE" in raw[:4096]:
        raise declares
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    root = etree.fromstring(raw, parser)
    if getattr(root.getroottree().docinfo, "doctype", ""):
        raise declares
    written: list[str] = []
    skipping = in_cell = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if tag == _FALLBACK:
            skipping += 1 if event == "start" else -1
        elif skipping:
            continue
        elif tag == f"{_W}tc":
            in_cell += 1 if event == "start" else -1
            if event == "end":
                _end_cell(written)
        elif event == "start":
            _open(written, element)
        else:
            _close(written, tag, bool(in_cell))
    return "".join(written).strip()


def _open(written: list[str], element: "etree._Element") -> None:
    tag = element.tag
    if tag == f"{_W}t":
        written.append(element.text or "")
    elif tag == f"{_W}tab":
        parent = element.getparent()
        if parent is not None and parent.tag == f"{_W}r":  # elsewhere it defines where tabs stop
            written.append("\t")
    elif tag in (f"{_W}br", f"{_W}cr"):
        written.append("\n")
    elif tag == f"{_W}noBreakHyphen":
        written.append("-")
    elif tag == f"{_W}numPr":  # inside a paragraph's properties, before its text
        written.append("• ")


def _close(written: list[str], tag: str, in_cell: bool) -> None:
    if tag == f"{_W}p":
        written.append("\n" if in_cell else "\n\n")
    elif tag == f"{_W}tr":
        while written and written[-1] in ("\t", "\n"):
            written.pop()
        written.append("\n")
    elif tag == f"{_W}tbl":
        written.append("\n")


def _end_cell(written: list[str]) -> None:
    """A cell's paragraphs end in a line feed each; the last one gives way to the cell's border."""
    while written and written[-1] == "\n":
        written.pop()
    written.append("\t")
