"""Tesseract's table of words, read into words.

Source: "TSV" in tesseract(1): level, page, block, paragraph, line, word, left, top, width, height, confidence, text.
"""

from typing import NamedTuple

MOST_WORDS = 50_000  # of a page; a newspaper has ten thousand
MOST_LETTERS = 1_000  # of a word
_COLUMNS, _WORD = 12, "5"


class Word(NamedTuple):
    """A word, how sure Tesseract is of it from 0 to 1, its box in points, and its line and paragraph on the page."""

    text: str
    confidence: float
    left: int
    top: int
    right: int
    bottom: int
    line: int
    paragraph: int


def words_in(table: str, width: int, height: int) -> tuple[Word, ...]:
    """The words of a table about a picture of this size, in the order of reading."""
    found: list[Word] = []
    lines: dict[tuple[str, ...], int] = {}
    paragraphs: dict[tuple[str, ...], int] = {}
    for row in table.split("\n")[1:]:
        cells = row.split("\t")
        if len(cells) != _COLUMNS or cells[0] != _WORD or not cells[11].strip():
            continue
        try:
            left, top, wide, high = (int(cell) for cell in cells[6:10])
            confidence = float(cells[10]) / 100
        except ValueError:
            continue
        line = lines.setdefault(tuple(cells[1:5]), len(lines))
        paragraph = paragraphs.setdefault(tuple(cells[1:4]), len(paragraphs))
        x, y = sorted((0, left, width))[1], sorted((0, top, height))[1]
        right, bottom = sorted((x, left + wide, width))[1], sorted((y, top + high, height))[1]
        sure = sorted((0.0, confidence, 1.0))[1]
        found.append(Word(cells[11].strip()[:MOST_LETTERS], sure, x, y, right, bottom, line, paragraph))
        if len(found) == MOST_WORDS:
            break
    return tuple(found)
