"""Word documents: paragraphs, headings, lists and tables, in reading order, with footnotes at the end.

Format: ECMA-376 part 1, WordprocessingML. Pages are the layout's, not the file's, so there are
none; headings are the paragraphs whose style is one, or that have a place in the outline.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.worker.reader.file import File
from engine.worker.reader.package import Package, package
from engine.worker.reader.rows import end_cell, end_paragraph, end_row
from engine.worker.reader.steps import Step
from engine.worker.reader.unit import HEADING, Unit, sections, units, unmarked

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL, _STYLE, _RUN, _CELL = f"{_W}val", f"{_W}style", f"{_W}r", f"{_W}tc"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TEXTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
_STYLES = "word/styles.xml"
_HEADING_STYLE = re.compile(r"heading ([1-6])")  # the name in every language of Word; what is shown is translated

_OUTLINE = {str(level - 1): mark for level, mark in HEADING.items()}
StepsOf = Callable[[Package, str], Iterable[Step]]  # of a part


def read(file: File) -> Iterator[Unit]:
    """The document's text."""
    yield from _read(file, Package.steps)


def read_plain(file: File) -> Iterator[Unit]:
    """The same by plain Python. Raises `ReadAlone` for what that does not read."""
    yield from _read(file, Package.plain_steps)


# Its own affairs.


def _read(file: File, steps_of: StepsOf) -> Iterator[Unit]:
    with package(file, "a Word document") as parts:
        if _TEXTS[0] not in parts.names:
            raise parts.damaged("it is a ZIP archive without Word text")
        styles = _heading_styles(parts, steps_of)
        texts = [_text(steps_of(parts, name), styles) for name in _TEXTS if name in parts.names]
    text, headings = unmarked("\n\n".join(text for text in texts if text.strip()))
    yield from units(text, sections(text, headings))


def _heading_styles(parts: Package, steps_of: StepsOf) -> dict[str, int]:
    """The level of each style that makes a heading, by the style's id."""
    if _STYLES not in parts.names:
        return {f"Heading{level}": level for level in HEADING}
    found: dict[str, int] = {}
    style: str | None = None  # that has not told its name
    for step in steps_of(parts, _STYLES):
        if step.tag == _STYLE:
            style = step.attributes.get(f"{_W}styleId", "") if step.opens else None
        elif step.opens and step.tag == f"{_W}name" and style is not None:
            if match := _HEADING_STYLE.fullmatch(step.attributes.get(_VAL, "").lower()):
                found[style] = int(match[1])
            style = None
    return found


def _text(steps: Iterable[Step], styles: Mapping[str, int]) -> str:
    written: list[str] = []
    above: list[str] = []  # the elements that are open
    skipping = in_cell = 0
    for step in steps:
        tag = step.tag
        if step.opens:
            above.append(tag)
        else:
            above.pop()
        if tag == _FALLBACK:
            skipping += 1 if step.opens else -1
        elif skipping:
            continue
        elif tag == _CELL:
            in_cell += 1 if step.opens else -1
            if not step.opens:
                end_cell(written)
        elif step.opens:
            _open(written, step, styles, in_run=above[-2:-1] == [_RUN])
        else:
            _close(written, tag, bool(in_cell))
    return "".join(written).strip()


def _open(written: list[str], step: Step, styles: Mapping[str, int], *, in_run: bool) -> None:
    tag = step.tag
    if tag == f"{_W}t":
        written.append(step.text)
    elif tag == f"{_W}tab":
        if in_run:  # elsewhere it defines where tabs stop
            written.append("\t")
    elif tag in (f"{_W}br", f"{_W}cr"):
        written.append("\n")
    elif tag == f"{_W}noBreakHyphen":
        written.append("-")
    elif tag == f"{_W}numPr":  # inside a paragraph's properties, before its text
        written.append("• ")
    elif tag == f"{_W}pStyle" and step.attributes.get(_VAL) in styles:
        written.append(HEADING[styles[step.attributes.get(_VAL, "")]])
    elif tag == f"{_W}outlineLvl" and step.attributes.get(_VAL) in _OUTLINE:
        written.append(_OUTLINE[step.attributes.get(_VAL, "")])


def _close(written: list[str], tag: str, in_cell: bool) -> None:
    if tag == f"{_W}p":
        end_paragraph(written, in_cell)
    elif tag == f"{_W}tr":
        end_row(written)
    elif tag == f"{_W}tbl":
        written.append("\n")
