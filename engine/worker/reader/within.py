"""Files that lie in other files: attachments of mails, members of archives. How many, how deep, how large.

One `Within` is there for one document of the disk. What cannot be read in it is told and left out,
and the rest goes on.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from engine.errors import DocumentTooLarge, EngineError
from engine.formats import BY_OCR, MIB, PlaceKind, kind_of
from engine.worker.reader.file import File
from engine.worker.reader.picture_file import may_hold_text
from engine.worker.reader.sniff import check_beginning
from engine.worker.reader.steps import ReadAlone
from engine.worker.reader.unit import Heading, Place, Unit, joined

MOST_DEPTH = 4  # a file in a mail in an archive in an archive
MOST_FILES = 5_000
MOST_BYTES = 512 * MIB  # of all of them together
MOST_PICTURES = 500  # more are hardly pictures of text, and each takes seconds to read
MOST_PICTURE_BYTES = 256 * MIB  # beside the others, which photographs are not to crowd out
Reader = Callable[[File], Iterator[Unit]]
HolderReader = Callable[[File, "Within"], Iterator[Unit]]
Lines = Callable[[bytes, str, str], tuple[str, list[Heading]]]


class Readers(NamedTuple):
    """Who reads what: `single` one file, `holders` one in which others lie, `lines` a page as `html.lines` does."""

    single: Mapping[str, Reader]
    holders: Mapping[str, HolderReader]
    lines: Lines


class Within:
    """Reads a document and what lies in it. `left_out` is told why a file in it is not read."""

    def __init__(self, readers: Readers, left_out: Callable[[EngineError], None]) -> None:
        self._readers = readers.single
        self._holders = readers.holders
        self.lines = readers.lines
        self.left_out = left_out
        self._depth = 0
        self._files = _Budget(MOST_FILES, MOST_BYTES)
        self._pictures = _Budget(MOST_PICTURES, MOST_PICTURE_BYTES)

    def units(self, file: File, kind: str) -> Iterator[Unit]:
        """What the reader of its kind makes of a file."""
        if not self.reads(kind):
            raise ReadAlone(kind)
        check_beginning(file, kind)
        holder = self._holders.get(kind)
        yield from holder(file, self) if holder else self._readers[kind](file)

    def reads(self, kind: str) -> bool:
        """Whether there is a reader for a kind of document."""
        return kind in self._readers or kind in self._holders

    def inner(self, outer: File, name: str, raw: bytes, place: Place) -> Iterator[Unit]:
        """The units of a file in `outer`, each at `place` and where it stands in the file itself.

        None for a kind that is not read, an empty file, a picture too small to be one of text, and with the reason told
        for one that cannot be read.
        """
        kind = kind_of(PurePath(name))
        if kind is None or not raw:
            return
        file = File(f"{outer.name} › {name}", raw=raw)
        self._depth += 1
        try:
            if kind in BY_OCR and self.reads(kind) and not may_hold_text(file):
                return
            self._count(file, pictures=kind in BY_OCR)
            for unit in self.units(file, kind):
                yield placed(unit, place)
        except EngineError as error:
            self.left_out(error)
        finally:
            self._depth -= 1

    def _count(self, file: File, *, pictures: bool) -> None:
        budget = self._pictures if pictures else self._files
        budget.files += 1
        budget.bytes += file.size_bytes
        if self._depth > MOST_DEPTH:
            raise DocumentTooLarge(path=file.name, why="it lies too deep in other files")
        if budget.files > budget.most:
            why = f"more than {budget.most:,} {'pictures' if pictures else 'files'} lie in one document"
            raise DocumentTooLarge(path=file.name, why=why)
        if budget.bytes > budget.most_bytes:
            most = budget.most_bytes // MIB
            why = f"the {'pictures' if pictures else 'files'} in one document have more than {most} MiB"
            raise DocumentTooLarge(path=file.name, why=why)


@dataclass(slots=True)
class _Budget:
    """How many of one sort may lie in a document and how large all of them may be, and what there was so far."""

    most: int
    most_bytes: int
    files: int = 0
    bytes: int = 0


def placed(unit: Unit, outer: Place) -> Unit:
    """The unit with its places named from the outside: "message 12: Offer › prices.xlsx › Prices, A1:D40"."""
    inner = unit.places if unit.places and not unit.places[0].at else (Place(0, PlaceKind.FILE), *unit.places)
    places = (outer._replace(at=place.at, label=joined((outer.label, _locator(place)))) for place in inner)
    return unit._replace(places=tuple(places))


def _locator(place: Place) -> str:
    """A place without a word of any language: "3: Costs"."""
    number = str(place.number) if place.number else ""
    return ": ".join(part for part in (number, place.label) if part)
