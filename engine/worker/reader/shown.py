"""The text of a document as it is shown and kept: no more than a document may have, and not without any words."""

from collections.abc import Iterator, Sequence

from engine.errors import DocumentEmpty, DocumentTooLarge, EngineError
from engine.worker.reader.file import File
from engine.worker.reader.limits import MOST_CHARACTERS, MOST_PAGES
from engine.worker.reader.tidy import tidy
from engine.worker.reader.unit import Unit
from engine.worker.reader.within import Within

MOST_LEFT_OUT = 20  # files in a document that are told to be left out
EMPTY = {"pdf": "its pages are blank"}


def shown(within: Within, file: File, kind: str, left_out: Sequence[EngineError]) -> Iterator[Unit]:
    """The units of a document, with what cannot be kept out of their texts.

    Raises `DocumentTooLarge`; at the end `DocumentEmpty`, or the first of what `within` has `left_out`, where there was
    nothing to read.
    """
    characters = 0
    something = False
    for pages, unit in enumerate(within.units(file, kind), start=1):
        text = tidy(unit.text)
        characters += len(text)
        if characters > MOST_CHARACTERS:
            most = f"it has more than {MOST_CHARACTERS // 1_000_000} million characters"
            raise DocumentTooLarge(path=file.name, why=most)
        if pages > MOST_PAGES:
            raise DocumentTooLarge(path=file.name, why=f"it has more than {MOST_PAGES:,} parts")
        something = something or unit.picture is not None or bool(text.strip())
        yield unit._replace(text=text)
    if not something:
        why = EMPTY.get(kind, "there are no words in it")
        raise left_out[0] if left_out else DocumentEmpty(path=file.name, why=why)
