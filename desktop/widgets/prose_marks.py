"""Small signs after the sentences of a laid-out text, and lines under some of its words.

Layout moves every character, so places are put into the text before it: characters of a private plane, each next to a
letter, where they change nothing that markdown sees. Found again in the document, they give way to the signs. The
text's own characters of that plane are replaced first, so none can make a sign.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtGui import QBrush, QColor, QTextBlock, QTextCharFormat, QTextCursor, QTextDocument, QTextFormat

from desktop.plain import tip
from desktop.theme import SMALL_PX, Colours
from desktop.widgets.prose_dress import units

MARK = "mark:"  # the start of a sign's link
_SIGN = QTextFormat.Property.UserProperty + 1
_ENDS, _BEGINNINGS, _CLOSINGS = 0xF0000, 0xF4000, 0xF8000
_MOST = 0x4000
_PLACE = re.compile(f"[{chr(_ENDS)}-{chr(_CLOSINGS + _MOST - 1)}]")
_TAIL = re.compile(r"[.。．!！…,、;:：)\]）」』】\"'”’]*(?:\s?\[\d{1,3}\])*[.。．)\]）」』】\"'”’]*")
_CITED_LAST = re.compile(r"\[\d{1,3}\]\Z")


class Mark(NamedTuple):
    """A sign after `text[start:end]`, and the spans of the text that are underlined in `tint`.

    `tint` is a token of the colours. A sign with a number can be chosen, and reports it.
    """

    start: int
    end: int
    sign: str
    tint: str
    tip: str
    number: int | None = None
    underlined: tuple[tuple[int, int], ...] = ()


def with_places(text: str, marks: Sequence[Mark]) -> str:
    """The text as it is to be laid out, with the places of the marks in it."""
    if not marks:
        return text
    places: list[tuple[int, str]] = []
    spans = 0
    for at, mark in enumerate(marks[:_MOST]):
        for start, end in mark.underlined[: _MOST - spans]:
            places += [(start, chr(_BEGINNINGS + spans)), (end, chr(_CLOSINGS + spans))]
            spans += 1
        places.append((_after_letters(text, mark.start, mark.end), chr(_ENDS + at)))
    pieces, at = [], 0
    for place, letter in sorted(places, key=lambda item: item[0]):  # stable: an underline ends before the sign
        pieces += [without_places(text[at:place], "\N{REPLACEMENT CHARACTER}"), letter]
        at = place
    return "".join([*pieces, without_places(text[at:], "\N{REPLACEMENT CHARACTER}")])


def without_places(text: str, instead: str = "") -> str:
    """The text without places, for where nothing is marked."""
    return _PLACE.sub(instead, text)


def show_marks(document: QTextDocument, look: Colours, marks: Sequence[Mark]) -> bool:
    """Put signs and lines where their places came to stand; True where one can be chosen."""
    under = [mark for mark in marks[:_MOST] for _ in mark.underlined]
    cursor = QTextCursor(document)
    cursor.beginEditBlock()
    block = document.lastBlock()
    chosen = False
    while block.isValid():
        chosen = _mark_block(cursor, block, look, marks, under) or chosen
        block = block.previous()
    cursor.endEditBlock()
    return chosen


def plain_text_of(selection: QTextDocument) -> str:
    """The text of a document without the signs, which are no part of what was written."""
    cursor = QTextCursor(selection)
    block = selection.begin()
    while block.isValid():
        signs = [span for span in block.textFormats() if span.format.hasProperty(_SIGN)]
        for span in reversed(signs):
            _select(cursor, block.position() + span.start, span.length)
            cursor.removeSelectedText()
        block = block.next()
    return selection.toPlainText()


# Its own affairs.


def _after_letters(text: str, start: int, end: int) -> int:
    """Where the last letter of `text[start:end]` ends that is not in a citation."""
    while end > start:
        cited = _CITED_LAST.search(text, max(start, end - 5), end)
        if cited:
            end = cited.start()
        elif text[end - 1].isalnum():
            break
        else:
            end -= 1
    return end


def _mark_block(
    cursor: QTextCursor, block: QTextBlock, look: Colours, marks: Sequence[Mark], under: Sequence[Mark]
) -> bool:
    """From its end to its beginning, so that what is still to come stays where it is."""
    text, chosen = block.text(), False
    closings: dict[int, QTextCursor] = {}
    for found in reversed(list(_PLACE.finditer(text))):
        place = ord(found[0])
        at = block.position() + units(text[: found.start()])
        _select(cursor, at, 2)
        cursor.removeSelectedText()
        text = text[: found.start()] + text[found.end() :]
        if place >= _CLOSINGS:
            closings[place - _CLOSINGS] = QTextCursor(cursor)
        elif place >= _BEGINNINGS:
            number = place - _BEGINNINGS
            if number in closings and number < len(under):
                _select(cursor, at, closings[number].position() - at)
                cursor.mergeCharFormat(_line(look, under[number]))
        elif place - _ENDS < len(marks):
            mark = marks[place - _ENDS]
            tail = _TAIL.match(text, found.start())
            end = tail.end() if tail else found.start()
            cursor.setPosition(at + units(text[found.start() : end]))
            apart = "" if text[end : end + 1] in ("", " ") else "\u202f"
            cursor.insertText(f"\u202f{mark.sign}{apart}", _sign(look, mark))
            chosen = chosen or mark.number is not None
    return chosen


def _sign(look: Colours, mark: Mark) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setProperty(_SIGN, True)
    form.setForeground(QBrush(QColor(getattr(look, mark.tint))))
    form.setProperty(QTextFormat.Property.FontPixelSize, SMALL_PX)
    form.setToolTip(tip(mark.tip))
    if mark.number is not None:
        form.setAnchor(True)
        form.setAnchorHref(f"{MARK}{mark.number}")
    return form


def _line(look: Colours, mark: Mark) -> QTextCharFormat:
    form = QTextCharFormat()
    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DashUnderline)
    form.setUnderlineColor(QColor(getattr(look, mark.tint)))
    form.setToolTip(tip(mark.tip))
    return form


def _select(cursor: QTextCursor, at: int, length: int) -> None:
    cursor.setPosition(at)
    cursor.setPosition(at + length, QTextCursor.MoveMode.KeepAnchor)
