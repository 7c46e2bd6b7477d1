"""Pages that lie on their side or upside down: read upright, and their words put back where they stand on the page.

Tesseract looks how a page lies only where reading it as it is did not go well: that costs a second, and most pages
are upright.
"""

from collections.abc import Sequence

from engine.worker.ocr.library import Library
from engine.worker.ocr.table import Word, words_in

READ_WELL = 0.8  # on the average of all letters: above, a page lies as it should


def upright_words(library: Library, grey: bytes, width: int, height: int, dpi: int, languages: str) -> tuple[Word, ...]:
    """The words of a page, in the order of reading, with their boxes as it lies. Raises as `Library.table`."""
    words = words_in(library.table(grey, width, height, dpi, languages), width, height)
    if sureness(words) >= READ_WELL:
        return words
    degrees = library.turned(grey, width, height, dpi)
    if not degrees:
        return words
    upright, wide, high = turned_back(grey, width, height, degrees)
    again = words_in(library.table(upright, wide, high, dpi, languages), wide, high)
    if sureness(again) <= sureness(words):
        return words
    return tuple(_as_it_lies(word, width, height, degrees) for word in again)


def sureness(words: Sequence[Word]) -> float:
    """How sure Tesseract is of the words of a page, from 0 to 1, each by its length; 0 where there are none."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0


def turned_back(grey: bytes, width: int, height: int, degrees: int) -> tuple[bytes, int, int]:
    """A page that is turned clockwise by 90, 180 or 270 degrees, upright; its width and height."""
    if degrees == 180:
        return grey[::-1], width, height
    columns = (grey[at::width] for at in range(width))
    if degrees == 90:
        return b"".join(reversed(list(columns))), height, width
    return b"".join(column[::-1] for column in columns), height, width


def _as_it_lies(word: Word, width: int, height: int, degrees: int) -> Word:
    """A word of the upright page where it stands on the page of this size, which is turned."""
    left, top, right, bottom = {
        90: (width - word.bottom, word.left, width - word.top, word.right),
        180: (width - word.right, height - word.bottom, width - word.left, height - word.top),
        270: (word.top, height - word.right, word.bottom, height - word.left),
    }[degrees]
    return word._replace(left=left, top=top, right=right, bottom=bottom)
