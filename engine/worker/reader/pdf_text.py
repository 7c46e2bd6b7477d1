"""The characters of a PDF page, and which of pdfium's numbered characters each of them is.

pdfium numbers what it finds on a page and ends lines with a carriage return and a line feed. The
text kept leaves the carriage returns out and sets an empty line where the page has a larger gap
or another size of letters, so that a heading is no part of the sentence below it.
"""

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

import pypdfium2
import pypdfium2.raw as pdfium

_LARGER_GAP = 1.35  # times the usual distance of two lines on the page, both by the size of their letters
_OTHER_SIZE = 1.12
_HALF = re.compile("[\ud800-\udfff]")
# Two signs are pdfium's for a hyphen at a line's end.
_WRITTEN = {0x02: 0x2D, 0xFFFE: 0x2D, 0x00: 0x20}
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
        numbers.insert(place, numbers[place])
    borders = [0, *places, len(written)]
    return "\n".join(written[start:end] for start, end in pairwise(borders)), numbers


def _plain(text: pypdfium2.PdfTextPage) -> tuple[str, list[int]]:
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


def _at_once(text: pypdfium2.PdfTextPage) -> str | None:
    """All of the page; None where pdfium does not tell one sign of two bytes for each character that it counts."""
    count = text.count_chars()
    raw = ctypes.create_string_buffer(2 * (count + 1))
    if pdfium.FPDFText_GetText(text, 0, count, ctypes.cast(raw, ctypes.POINTER(ctypes.c_ushort))) != count + 1:
        return None
    found = raw.raw[: 2 * count].decode("utf-16-le", "surrogatepass")
    return None if len(found) != count or _HALF.search(found) else found


def _one_by_one(text: pypdfium2.PdfTextPage) -> tuple[str, list[int]]:
    written: list[str] = []
    numbers: list[int] = []
    high = 0
    for number in range(text.count_chars()):
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


def _lines(text: pypdfium2.PdfTextPage, written: str, numbers: list[int]) -> list[_Line]:
    """The lines that have letters, in the order of the text."""
    lines: list[_Line] = []
    at = 0
    for line in written.split("\n"):
        if letters := [*_letters(line, range(len(line))), *_letters(line, range(len(line) - 1, -1, -1))]:
            size = max(_size(text, numbers[at + letter]) for letter in letters)
            first, last = at + min(letters), at + max(letters)
            lines.append(_Line(first, last, _base(text, numbers[last]), _base(text, numbers[first]), size))
        at += len(line) + 1
    return lines


def _letters(line: str, places: range) -> Iterator[int]:
    """The first of these places at which there are letters."""
    return islice((place for place in places if not line[place].isspace()), _LOOKED_AT)


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
