"""Spreadsheets of Excel and OpenDocument: the values of the cells of each sheet, row by row.

Formulas are read as what they last came to. Format of the limits: ECMA-376 part 1, SpreadsheetML.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import python_calamine

from engine.errors import DocumentTooLarge
from engine.worker.reader.file import File
from engine.worker.reader.package import Package, package
from engine.worker.reader.table import table
from engine.worker.reader.unit import Unit

CALLED = "a spreadsheet"
MOST_CELLS = 5_000_000  # of one sheet, empty ones between others included: each takes memory
_CELL = re.compile(rb"""\br=["']([A-Z]{1,8})([0-9]{1,12})["']""")  # further out than a sheet has cells, too
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_BLOCK = 1024 * 1024
_LONGEST_CELL = 32  # bytes of such a place, and to spare
Cell = str | int | float | bool | date | datetime | time | timedelta


def read(file: File) -> Iterator[Unit]:
    """The sheets, one after another."""
    with file.open() as opened:
        packed = opened.read(2) == b"PK"
    if packed:
        with package(file, CALLED) as parts:
            parts.check_all()
            for name in sorted(filter(_SHEET.fullmatch, parts.names)):
                _check_extent(parts, name)
    with file.open() as opened:
        try:
            book = python_calamine.load_workbook(opened)
            for name in book.sheet_names:
                yield from _sheet(book, name)
        except python_calamine.PasswordError as error:
            raise file.damaged(CALLED, "it has a password") from error
        except python_calamine.CalamineError as error:
            raise file.damaged(CALLED, "it is broken") from error


# Its own affairs.


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> Iterator[Unit]:
    try:
        sheet = book.get_sheet_by_name(name)
    except python_calamine.WorksheetNotFound:  # a sheet that is a chart
        return
    left = sheet.start[1] if sheet.start else 0
    yield from table(([_shown(cell) for cell in row] for row in sheet.iter_rows()), name, left)


def _shown(cell: Cell) -> str:
    """A value as a sheet shows it: 300, not 300.0."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    return str(cell)


def _check_extent(parts: Package, name: str) -> None:
    """Raises `DocumentTooLarge` where cells lie so far apart that the empty ones between would fill the memory."""
    rows = columns = 0
    tail = b""
    with parts.stream(name) as opened:
        while block := opened.read(_BLOCK):
            for letters, digits in _CELL.findall(tail + block):
                rows = max(rows, int(digits))
                columns = max(columns, _index(letters))
            tail = block[-_LONGEST_CELL:]
    if rows * columns > MOST_CELLS:
        why = f"a sheet of it has {rows:,} rows and {columns:,} columns"
        raise DocumentTooLarge(path=parts.file.name, why=why)


def _index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index
