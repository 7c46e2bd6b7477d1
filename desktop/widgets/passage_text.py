"""A passage on screen: which part of it is shown, where its marks fall, and how it is laid out.

Everything here is plain text put into a text layout: nothing in a document can make it load
anything. Offsets into Python text count characters; Qt counts UTF-16 units, so every offset
handed to Qt goes through `qt_offset`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QPainter, QTextCharFormat, QTextLayout, QTextOption

from desktop.theme import colour
from engine.unseen import visible_at

Span = tuple[int, int]

SNIPPET_CHARACTERS = 340
BEFORE_THE_MARK = 90
LONGEST_WORD = 40  # what is longer may be cut
LINE_SPACING = 1.16
PARAGRAPH = "\u2003"  # what a blank line becomes where all is on one line
_GOOD_STARTS = " \u2003\n、。，．！？"


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of text on one line and the spans in it to show as matched."""

    text: str
    marks: tuple[Span, ...]


def qt_offset(text: str, offset: int) -> int:
    """Where character `offset` of `text` is in UTF-16 units."""
    return offset + sum(1 for character in text[:offset] if ord(character) > 0xFFFF)


def snippet(text: str, marks: Sequence[Span] = (), most: int = SNIPPET_CHARACTERS) -> Snippet:
    """The part of `text` worth showing: about `most` characters, around the first mark, on one line."""
    text, marks = _on_one_line(*_seen(text, marks))
    if len(text) <= most:
        return Snippet(text, tuple(marks))
    first = min((start for start, _ in marks), default=0)
    begin = 0 if first <= BEFORE_THE_MARK * 1.5 else _good_start(text, first - BEFORE_THE_MARK, first)
    end = _good_end(text, begin + most)
    lead, tail = ("… " if begin else ""), (" …" if end < len(text) else "")
    shift = len(lead) - begin
    kept = (
        (max(start, begin) + shift, min(stop, end) + shift) for start, stop in marks if start < end and stop > begin
    )
    return Snippet(lead + text[begin:end].rstrip() + tail, tuple(kept))


def _seen(text: str, marks: Sequence[Span]) -> tuple[str, list[Span]]:
    """The text with what is hidden in it made visible; the marks move along."""
    shown, places = visible_at(text, [place for mark in marks for place in mark])
    return shown, list(zip(places[::2], places[1::2], strict=True))


def _on_one_line(text: str, marks: Sequence[Span]) -> tuple[str, list[Span]]:
    """Runs of white space become one space, blank lines a wide one, so that a heading does not run into its text."""
    kept: list[str] = []
    places: list[int] = []
    gap = ""
    for character in text:
        if character.isspace():
            places.append(len(kept))
            gap += character
            continue
        if gap and kept:
            kept.extend(PARAGRAPH if gap.count("\n") > 1 else " ")
        gap = ""
        places.append(len(kept))
        kept.append(character)
    places.append(len(kept))
    last = len(text)
    moved = [(places[min(start, last)], places[min(stop, last)]) for start, stop in marks]
    return "".join(kept), [(start, stop) for start, stop in moved if start < stop]


def _good_start(text: str, wanted: int, latest: int) -> int:
    """The first word or clause that begins at or after `wanted`, before `latest`."""
    for place in range(max(wanted, 1), latest):
        if text[place - 1] in _GOOD_STARTS:
            return place
    return max(wanted, 0)


def _good_end(text: str, wanted: int) -> int:
    """The last end of a word or clause at or a little before `wanted`."""
    if wanted >= len(text):
        return len(text)
    for place in range(wanted, max(wanted - LONGEST_WORD, 0), -1):
        if text[place].isspace() or text[place - 1] in _GOOD_STARTS:
            return place
    return wanted


class PassageLayout:
    """A snippet laid out in at most `lines` lines of `width` pixels, its marks bold on the mark colour.

    `height` is that of all its lines together, in pixels.
    """

    def __init__(self, shown: Snippet, font: QFont, width: float, lines: int) -> None:
        end = self._fill(shown, font, width, lines)
        if end < qt_offset(shown.text, len(shown.text)):  # more text than lines: the last one ends with an ellipsis
            units = shown.text.encode("utf-16-le")[: 2 * max(end - 2, 0)]
            text = units.decode("utf-16-le", "ignore").rstrip() + "…"
            marks = tuple((start, min(stop, len(text))) for start, stop in shown.marks if start < len(text))
            self._fill(Snippet(text, marks), font, width, lines)

    def draw(self, painter: QPainter, left: float, top: float) -> None:
        """Paint it with the painter's pen."""
        self._layout.draw(painter, QPointF(left, top), [], QRectF())

    def _fill(self, shown: Snippet, font: QFont, width: float, lines: int) -> int:
        """Lay the text out; returns how many UTF-16 units of it found room."""
        self._layout = QTextLayout(shown.text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setFormats([_marked(shown.text, *mark) for mark in shown.marks])
        self._layout.beginLayout()
        self.height, end = 0.0, 0
        for _ in range(lines):
            line = self._layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(max(width, 1.0))
            line.setPosition(QPointF(0, self.height))
            self.height += line.height() * LINE_SPACING
            end = line.textStart() + line.textLength()
        self._layout.endLayout()
        return end


def _marked(text: str, start: int, stop: int) -> QTextLayout.FormatRange:
    look = QTextCharFormat()
    look.setBackground(colour("mark"))
    look.setFontWeight(QFont.Weight.Bold)
    marked = QTextLayout.FormatRange()
    marked.start = qt_offset(text, start)
    marked.length = qt_offset(text, stop) - marked.start
    marked.format = look
    return marked
