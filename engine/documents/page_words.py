"""The words that OCR found on a page, made into its text; and from a span of that text back to boxes on the page. Pure.

Of the boxes one is kept for each word, in parts of the page, so that they fit the page however large it is drawn.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# Below this Tesseract guesses: what it makes of specks, of lines of a table, of what stands in a photograph.
LEAST_CONFIDENCE = 0.4
LEAST_OF_PAGE = 0.65  # on the average: below it a page is no text, or in a language that it was not read in
_KEPT = struct.Struct("<IIHHHH")  # first and last character, left, top, right, bottom
_WHOLE = 0xFFFF
_DENSE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U000323af]")
Found = tuple[str, float, int, int, int, int, int, int]  # as in `wire.Recognized`
Box = tuple[float, float, float, float]


class PageWords(NamedTuple):
    """A page's text, how sure OCR is of it from 0 to 1, and the boxes of its words, for `boxes`."""

    text: str
    confidence: float
    kept: bytes


NOTHING = PageWords("", 0.0, b"")


def made_of(words: Iterable[Found], width: int, height: int) -> PageWords:
    """The text of a page of `width` by `height` points.

    Words are set apart by a space but for those of a script that knows none; lines and paragraphs as they are on
    the page. The page's confidence is that of its words, each by its length.
    """
    sure = [word for word in words if word[1] >= LEAST_CONFIDENCE]
    letters = sum(len(word[0]) for word in sure)
    confidence = sum(word[1] * len(word[0]) for word in sure) / letters if letters else 0.0
    if confidence < LEAST_OF_PAGE:
        return NOTHING
    pieces: list[str] = []
    kept, length = bytearray(), 0
    before: Found | None = None
    for word in sure:
        pieces.append(_between(before, word))
        start = length + len(pieces[-1])
        length = start + len(word[0])
        pieces.append(word[0])
        sides = (word[2] / width, word[3] / height, word[4] / width, word[5] / height)
        kept += _KEPT.pack(start, length, *(round(min(max(side, 0.0), 1.0) * _WHOLE) for side in sides))
        before = word
    return PageWords("".join(pieces), confidence, bytes(kept))


def boxes(kept: bytes, start: int, end: int, width: int, height: int) -> tuple[Box, ...]:
    """The boxes of text[start:end] on a page drawn `width` by `height` points: one for each stretch of a line."""
    return tuple(_joined(_within(kept, start, end, width, height)))


# Its own affairs.


def _between(before: Found | None, word: Found) -> str:
    if before is None:
        return ""
    if before[7] != word[7]:
        return "\n\n"
    if before[6] != word[6]:
        return "\n"
    return "" if _dense(before[0][-1]) and _dense(word[0][0]) else " "


def _dense(character: str) -> bool:
    """Whether it is of Chinese or Japanese, which set no spaces between words."""
    return _DENSE.match(character) is not None


def _within(kept: bytes, start: int, end: int, width: int, height: int) -> Iterator[Box]:
    for first, last, left, top, right, bottom in _KEPT.iter_unpack(kept):
        if first < end and start < last:
            yield (left / _WHOLE * width, top / _WHOLE * height, right / _WHOLE * width, bottom / _WHOLE * height)


def _joined(boxes: Iterable[Box]) -> Sequence[Box]:
    """Boxes that follow one another on a line as one: they share more than half of their height."""
    lines: list[Box] = []
    for box in boxes:
        if lines and box[0] >= lines[-1][0]:
            left, top, right, bottom = lines[-1]
            shared = min(bottom, box[3]) - max(top, box[1])
            if shared > min(bottom - top, box[3] - box[1]) / 2 and box[0] - right < 2 * (bottom - top):
                lines[-1] = (left, min(top, box[1]), max(right, box[2]), max(bottom, box[3]))
                continue
        lines.append(box)
    return lines
