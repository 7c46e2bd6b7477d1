"""The characters of a PDF page, and which of pdfium's numbered characters each of them is.

pdfium numbers what it finds on a page and ends lines with a carriage return and a line feed. The
text kept leaves the carriage returns out and sets an empty line where the page has a larger gap
or another size of letters, so that a heading is no part of the sentence below it.
"""

import ctypes
from dataclasses import dataclass
from itertools import islice

import pypdfium2
import pypdfium2.raw as pdfium

_LARGER_GAP = 1.35  # times the usual distance of two lines on the page, both by the size of their letters
_OTHER_SIZE = 1.12
_SHOWN = {0x00: " ", 0x02: "-", 0xFFFE: "-"}  # pdfium's marks for a hyphen at a line's end
_HALF = "\ufffd"  # what `_at_once` makes of half a character
_LOOKED_AT = 3  # letters at each end of a line; the largest counts, so that a raised figure does not


@dataclass(frozen=True, slots=True)
class _Line:
    first: int  # places in the text
    last: int
    base: float  # height of its last letter's foot on the page, in points
    start_base: float
    size: float


def characters(text: pypdfium2.PdfTextPage) -> tuple[str, list[int]]:
    """The page's text, and for each of its characters pdfium's number of it."""
    written, numbers = _plain(text)
    places = _gaps(_lines(text, written, numbers))
    for place in reversed(places):
        written.insert(place, "\n")
        numbers.insert(place, numbers[place])
    return "".join(written), numbers


def _plain(text: pypdfium2.PdfTextPage) -> tuple[list[str], list[int]]:
    count = text.count_chars()
    whole = _at_once(text, count)
    if len(whole) != count or _HALF in whole:  # some are left out of it, or are halves of one
        return _one_by_one(text, count)
    numbers = [number for number, character in enumerate(whole) if character != "\r"]
    return list(whole.replace("\r", "").translate(_SHOWN)), numbers


def _at_once(text: pypdfium2.PdfTextPage, count: int) -> str:
    """All of a page's characters, which takes a hundredth of the time of asking for each."""
    buffer = (ctypes.c_ushort * (count + 1))()
    found = pdfium.FPDFText_GetText(text, 0, count, buffer)
    return bytes(buffer)[: 2 * max(found - 1, 0)].decode("utf-16-le", "replace")


def _one_by_one(text: pypdfium2.PdfTextPage, count: int) -> tuple[list[str], list[int]]:
    written: list[str] = []
    numbers: list[int] = []
    high = 0
    for number in range(count):
        code = pdfium.FPDFText_GetUnicode(text, number)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        if code == 0x0D:
            continue
        written.append(chr(code).translate(_SHOWN) if code < 0x110000 else " ")
        numbers.append(number)
    return written, numbers


def _lines(text: pypdfium2.PdfTextPage, written: list[str], numbers: list[int]) -> list[_Line]:
    """The lines that have letters, in the order of the text."""
    lines: list[_Line] = []
    start = 0
    for line in "".join(written).split("\n"):
        end = start + len(line)
        firsts = list(islice((at for at in range(start, end) if not written[at].isspace()), _LOOKED_AT))
        lasts = islice((at for at in range(end - 1, start - 1, -1) if not written[at].isspace()), _LOOKED_AT)
        if firsts:
            ends = list(dict.fromkeys([*lasts, *firsts]))
            size = max(_size(text, numbers[at]) for at in ends)
            start_base, base = _base(text, numbers[firsts[0]]), _base(text, numbers[ends[0]])
            lines.append(_Line(firsts[0], ends[0], base, start_base, size))
        start = end + 1
    return lines


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


def _size(text: pypdfium2.PdfTextPage, number: int) -> float:
    box = pdfium.FS_RECTF()
    found = pdfium.FPDFText_GetLooseCharBox(text, number, box)
    return abs(box.top - box.bottom) if found else 0.0


def _base(text: pypdfium2.PdfTextPage, number: int) -> float:
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, number, x, y)
    return y.value
