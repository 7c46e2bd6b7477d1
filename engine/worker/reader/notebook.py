"""Jupyter notebooks: the cells, and the words that came of them.

Format: nbformat 4, and the cells of nbformat 3.
"""

import json
from collections.abc import Iterator
from typing import Any

from engine.formats import PlaceKind
from engine.worker.reader.file import File
from engine.worker.reader.text import lines_of
from engine.worker.reader.unit import Place, Unit, units

CALLED = "a notebook"
MOST_OUTPUT = 10_000  # characters that came of one cell


def read(file: File) -> Iterator[Unit]:
    """All cells, one after another."""
    try:
        notebook = json.loads(lines_of(file, CALLED))
        cells = [
            *notebook.get("cells", ()),
            *(cell for sheet in notebook.get("worksheets", ()) for cell in sheet["cells"]),
        ]
        texts = [_words(cell) for cell in cells]
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        raise file.damaged(CALLED, "it is broken") from error
    except RecursionError as error:
        raise file.damaged(CALLED, "its parts are nested too deeply") from error
    pieces: list[str] = []
    places: list[Place] = []
    at = 0
    for number, text in enumerate(texts, start=1):
        if text:
            places.append(Place(at, PlaceKind.CELL, number))
            pieces.append(text)
            at += len(text) + 2
    yield from units("\n\n".join(pieces), places)


def _words(cell: dict[str, Any]) -> str:
    outputs = [_text(output) for output in cell.get("outputs", ())]
    return "\n\n".join(text for text in (_whole(cell.get("source", cell.get("input", ""))), *outputs) if text)


def _text(output: dict[str, Any]) -> str:
    found = output.get("text", output.get("data", {}).get("text/plain", ""))
    return _whole(found)[:MOST_OUTPUT]


def _whole(lines: Any) -> str:
    """Text that stands as one string or as a list of lines."""
    text = lines if isinstance(lines, str) else "".join(line for line in lines if isinstance(line, str))
    return text.strip()
