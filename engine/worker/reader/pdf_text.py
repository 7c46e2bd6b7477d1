"""The characters of a PDF page, and which of pdfium's numbered characters each of them is.

pdfium numbers what it finds on a page and ends lines with a carriage return and a line feed. The
text kept leaves the carriage returns out and sets an empty line where the page has a larger gap
or another size of letters, so that a heading is no part of the sentence below it.

A page is its handle of pdfium's here, and pdfium writes where a letter is into the same place each time: hundreds are
asked for on a page, and looking a page up in its helper takes longer than pdfium does.
"""

import ctypes
import re
from itertools import islice, pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

_LARGER_GAP = 1.35  # times the usual distance of two lines on the page, both by the size of their letters
_OTHER_SIZE = 1.12
_HALF = re.compile("[\ud800-\udfff]")
# Two signs are pdfium's for a hyphen at a line's end.
_WRITTEN = {0x02: 0x2D, 0xFFFE: 0x2D, 0x00: 0x20}
_LOOKED_AT = 3  # letters at each end of a line; the largest counts, so that a raised figure does not


class _Line(NamedTuple):
    first: int  # places in the text
    last: int
    base: float  # height of its last letter's foot on the page, in points
    start_base: float
    size: float


def characters(text: Any) -> tuple[str, list[int]]:
    """The page's text, and for each of its characters pdfium's number of it."""
    written, numbers = _plain(text)
    places = _gaps(_lines(text, written, numbers))
    for place in reversed(places):
        numbers.insert(place, numbers[place])
    borders = [0, *places, len(written)]
    return "\n".join(written[start:end] for start, end in pairwise(borders)), numbers


def _plain(text: Any) -> tuple[str, list[int]]:
    found = _at_once(text)
    if found is None:
        return _one_by_one(text)
    numbers: list[int] = []
    at = 0
    for piece in found.split("\r"):
        numbers += range(at, at + len(piece))
        at += len(piece) + 1
    found = found.replace("\r", "")
    return found.replace("\x02", "-").replace("\ufffe", "-").replace("\x00", " "), numbers


def _at_once(text: Any) -> str | None:
    """All of the page; None where pdfium does not tell one sign of two bytes for each character that it counts."""
    count = pdfium.FPDFText_CountChars(text)
    raw = bytearray(2 * (max(count, 0) + 1))
    if pdfium.FPDFText_GetText(text, 0, count, ctypes.byref(ctypes.c_ushort.from_buffer(raw))) != count + 1:
        return None
    found = raw[: 2 * count].decode("utf-16-le", "surrogatepass")
    return None if len(found) != count or _HALF.search(found) else found


def _one_by_one(text: Any) -> tuple[str, list[int]]:
    written: list[str] = []
    numbers: list[int] = []
    high = 0
    for number in range(pdfium.FPDFText_CountChars(text)):
        code = pdfium.FPDFText_GetUnicode(text, number)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        if code == 0x0D:
            continue
        code = _WRITTEN.get(code) or code
        written.append(chr(code) if 0 < code < 0x110000 else " ")
        numbers.append(number)
    return "".join(written), numbers


def _lines(text: Any, written: str, numbers: list[int]) -> list[_Line]:
    """The lines that have letters, in the order of the text."""
    origin, box_of = pdfium.FPDFText_GetCharOrigin, pdfium.FPDFText_GetLooseCharBox
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    to_box, to_x, to_y = ctypes.byref(box), ctypes.byref(x), ctypes.byref(y)

    def base(place: int) -> float:
        y.value = 0.0
        origin(text, numbers[place], to_x, to_y)
        return float(y.value)

    lines: list[_Line] = []
    at = 0
    for line in written.split("\n"):
        if letters := _ends(line):
            size = 0.0
            for letter in letters:
                if box_of(text, numbers[at + letter], to_box) and (high := abs(box.top - box.bottom)) > size:
                    size = high
            first, last = at + letters[0], at + letters[-1]
            lines.append(_Line(first, last, base(last), base(first), size))
        at += len(line) + 1
    return lines


def _ends(line: str) -> list[int]:
    """The places of the first and the last letters of a line, in their order; each once."""
    first = [*islice((place for place, sign in enumerate(line) if not sign.isspace()), _LOOKED_AT)]
    after = first[-1] if first else len(line)
    last = [*islice((place for place in range(len(line) - 1, after, -1) if not line[place].isspace()), _LOOKED_AT)]
    return first + last[::-1]


def _gaps(lines: list[_Line]) -> list[int]:
    """Where in the text a line begins that stands apart from the one before."""
    pairs = list(zip(lines, lines[1:], strict=False))
    distances = [(one.base - other.start_base) / max(one.size, other.size, 1.0) for one, other in pairs]
    downs = sorted(distance for distance in distances if distance > 0)
    usual = downs[(len(downs) - 1) // 2] if downs else 0.0
    return [
        other.first
        for (one, other), distance in zip(pairs, distances, strict=True)
        if distance > _LARGER_GAP * usual or max(one.size, other.size) > _OTHER_SIZE * min(one.size, other.size)
    ]
