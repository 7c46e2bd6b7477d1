"""OpenDocument texts and presentations: paragraphs, headings, lists and tables; slides with their notes.

Format: OpenDocument 1.3 part 3 (OASIS). Footnotes come at the end; what was deleted under change
tracking, and annotations, are left out.
"""

from collections.abc import Iterator

from lxml import etree

from engine.formats import PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.package import Package, package
from engine.worker.reader.rows import end_cell, end_paragraph, end_row
from engine.worker.reader.unit import HEADING, Place, Unit, clipped, sections, units, unmarked

_NAMESPACE = "{{urn:oasis:names:tc:opendocument:xmlns:{}:1.0}}"
_OFFICE, _TEXT, _TABLE, _DRAW, _SHOW = map(_NAMESPACE.format, ("office", "text", "table", "drawing", "presentation"))
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_TEXT}note-citation", f"{_OFFICE}forms"}
_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_PARAGRAPHS = {f"{_TEXT}p", f"{_TEXT}h"}
_LEVELS = {str(level): mark for level, mark in HEADING.items()}
_SPACES = {str(count): count for count in range(1, 100)}  # in a row; a file may claim any number


def read_text(file: File) -> Iterator[Unit]:
    """The document's text."""
    with package(file, "an OpenDocument text") as parts:
        text, headings = unmarked(_written(_body(parts)))
    yield from units(text, sections(text, headings))


def read_slides(file: File) -> Iterator[Unit]:
    """One unit for each slide."""
    with package(file, "an OpenDocument presentation") as parts:
        pages = _body(parts).iter(f"{_DRAW}page")
    for number, page in enumerate(pages, start=1):
        titles = [_written(frame) for frame in page.iter(f"{_DRAW}frame") if frame.get(f"{_SHOW}class") == "title"]
        text, _ = unmarked(_written(page))
        yield from units(text, [Place(0, PlaceKind.SLIDE, number, clipped(unmarked(" ".join(titles))[0]))])


# Its own affairs.


def _body(parts: Package) -> "etree._Element":
    if _CONTENT not in parts.names:
        raise parts.damaged("it is a ZIP archive without text")
    if _MANIFEST in parts.names and b"encryption-data" in parts.part(_MANIFEST):
        raise parts.damaged("it has a password")
    body = parts.xml(_CONTENT).find(f"{_OFFICE}body")
    if body is None:
        raise parts.damaged("it is broken")
    return body


def _written(root: "etree._Element") -> str:
    """The words below an element, its notes last."""
    written: list[str] = []
    notes: list[str] = []
    outer: list[list[str]] = []  # what a note interrupts
    skipping = in_cell = in_paragraph = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag, step = element.tag, 1 if event == "start" else -1
        if tag in _LEFT_OUT:
            skipping += step
        elif skipping:
            continue
        elif tag == f"{_TEXT}note":
            if event == "start":
                outer.append(written)
                written = []
            else:
                notes.append("".join(written).strip())
                written = outer.pop()
        elif tag == f"{_TABLE}table-cell":
            in_cell += step
            if event == "end":
                end_cell(written)
        elif event == "start":
            in_paragraph += tag in _PARAGRAPHS
            _open(written, element, bool(in_cell))
            if in_paragraph and element.text:
                written.append(element.text)
        else:
            in_paragraph -= tag in _PARAGRAPHS
            _close(written, tag, bool(in_cell))
        if event == "end" and in_paragraph and element.tail and not skipping:
            written.append(element.tail)
    return "\n\n".join(part for part in ("".join(written).strip(), *notes) if part)


def _open(written: list[str], element: "etree._Element", in_cell: bool) -> None:
    tag = element.tag
    if tag == f"{_TEXT}h":
        written.append(_LEVELS.get(element.get(f"{_TEXT}outline-level", "1"), HEADING[6]))
    elif tag == f"{_TEXT}list-item" and not in_cell:
        written.append("• ")
    elif tag == f"{_TEXT}s":
        written.append(" " * _SPACES.get(element.get(f"{_TEXT}c", "1"), 1))
    elif tag == f"{_TEXT}tab":
        written.append("\t")
    elif tag == f"{_TEXT}line-break":
        written.append("\n")


def _close(written: list[str], tag: object, in_cell: bool) -> None:
    if tag in _PARAGRAPHS:
        end_paragraph(written, in_cell)
    elif tag == f"{_TABLE}table-row":
        end_row(written)
    elif tag == f"{_TABLE}table":
        written.append("\n")
