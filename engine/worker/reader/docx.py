"""Word documents: paragraphs, headings, lists and tables, in reading order, with footnotes at the end.

Format: ECMA-376 part 1, WordprocessingML. Pages are the layout's, not the file's, so there are
none; headings are the paragraphs whose style is one, or that have a place in the outline.
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from engine.worker.reader.file import File
from engine.worker.reader.package import Package, package
from engine.worker.reader.rows import end_cell, end_paragraph, end_row
from engine.worker.reader.unit import HEADING, Unit, sections, units, unmarked

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_W}val"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_STYLES = "word/styles.xml"
_HEADING_STYLE = re.compile(r"heading ([1-6])")  # the name in every language of Word; what is shown is translated

_OUTLINE = {str(level - 1): mark for level, mark in HEADING.items()}


def read(file: File) -> Iterator[Unit]:
    """The document's text."""
    with package(file, "a Word document") as parts:
        if _TEXTS[0] not in parts.names:
            raise parts.damaged("it is a ZIP archive without Word text")
        styles = _heading_styles(parts)
        texts = [_text(parts.xml(name), styles) for name in _TEXTS if name in parts.names]
    text, headings = unmarked("\n\n".join(text for text in texts if text.strip()))
    yield from units(text, sections(text, headings))


# Its own affairs.


def _heading_styles(parts: Package) -> dict[str, int]:
    """The level of each style that makes a heading, by the style's id."""
    if _STYLES not in parts.names:
        return {f"Heading{level}": level for level in HEADING}
    found = {}
    for style in parts.xml(_STYLES).iter(f"{_W}style"):
        name = style.find(f"{_W}name")
        match = _HEADING_STYLE.fullmatch("" if name is None else name.get(_VAL, "").lower())
        if match:
            found[style.get(f"{_W}styleId", "")] = int(match[1])
    return found


def _text(root: "etree._Element", styles: Mapping[str, int]) -> str:
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
                end_cell(written)
        elif event == "start":
            _open(written, element, styles)
        else:
            _close(written, tag, bool(in_cell))
    return "".join(written).strip()


def _open(written: list[str], element: "etree._Element", styles: Mapping[str, int]) -> None:
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
    elif tag == f"{_W}pStyle" and element.get(_VAL) in styles:
        written.append(HEADING[styles[element.get(_VAL, "")]])
    elif tag == f"{_W}outlineLvl" and element.get(_VAL) in _OUTLINE:
        written.append(_OUTLINE[element.get(_VAL, "")])


def _close(written: list[str], tag: str, in_cell: bool) -> None:
    if tag == f"{_W}p":
        end_paragraph(written, in_cell)
    elif tag == f"{_W}tr":
        end_row(written)
    elif tag == f"{_W}tbl":
        written.append("\n")
