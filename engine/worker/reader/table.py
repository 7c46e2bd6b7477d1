"""Tables as lines of text: cells set apart by tabs, and a place for every few rows, named by its cells."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from engine.formats import PlaceKind
from engine.worker.reader.unit import MOST_LABEL, Place, Unit, clipped, units

ROWS = 20  # that one place holds


def table(rows: Iterable[Sequence[str]], sheet: str = "", left: int = 0) -> Iterator[Unit]:
    """The units of a table whose first row is row 1 and whose first column is column `left`, from 0.

    Rows without words are left out; `sheet` is the name of the sheet that it is.
    """
    filled = ((number, cells) for number, cells in enumerate(rows, start=1) if any(cell.strip() for cell in cells))
    pieces: list[str] = []
    places: list[Place] = []
    at = 0
    while block := list(islice(filled, ROWS)):
        lines = ["\t".join(" ".join(cell.split()) for cell in cells).rstrip() + "\n" for _, cells in block]
        places.append(_place(at, sheet, left, block, lines))
        pieces += lines
        at += sum(map(len, lines))
    yield from units("".join(pieces), places)


def column(index: int) -> str:
    """The letters of a column, counted from 0: A, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _place(at: int, sheet: str, left: int, block: Sequence[tuple[int, Sequence[str]]], lines: Sequence[str]) -> Place:
    width = max(line.rstrip("\n").count("\t") for line in lines)
    cells = f"{column(left)}{block[0][0]}:{column(left + width)}{block[-1][0]}"
    if not sheet:
        return Place(at, PlaceKind.CELLS, label=cells)
    return Place(at, PlaceKind.SHEET, label=f"{clipped(sheet, MOST_LABEL - len(cells) - 2)}, {cells}")
