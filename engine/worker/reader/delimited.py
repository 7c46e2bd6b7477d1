"""CSV and TSV: rows of values, set apart by whatever sets most of them apart."""

import csv
import io
from collections.abc import Iterator

from engine.worker.reader.file import File
from engine.worker.reader.table import table
from engine.worker.reader.text import lines_of
from engine.worker.reader.unit import Unit

CALLED = "a table"
_BETWEEN = (",", "\t", ";", "|")
_LOOKED_AT = 20  # lines
csv.field_size_limit(20 * 1024 * 1024)


def read(file: File) -> Iterator[Unit]:
    """The rows as one table."""
    text = lines_of(file, CALLED)
    try:
        yield from table(csv.reader(io.StringIO(text), delimiter=_between(text)))
    except csv.Error as error:
        raise file.damaged(CALLED, "it is broken") from error


def _between(text: str) -> str:
    """The character that stands equally often in most of the first lines; a comma where none does."""
    lines = [line for line in text[:65536].split("\n")[:_LOOKED_AT] if line.strip()]

    def agreement(character: str) -> tuple[int, int]:
        counts = [line.count(character) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0, usual)

    return max(_BETWEEN, key=agreement)
