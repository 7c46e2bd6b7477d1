"""What readers make of a document: units of text, and the places in each.

A unit is what is opened and read as one: a page, a slide, a message, a part of a long text. A place
is what a person calls a stretch of it; it begins at a character and lasts until the next one.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from engine.formats import PlaceKind
from engine.worker.reader.tidy import parts, tidy

MOST_LABEL = 200  # characters
_MOST_TITLE = 80
_LEVELS = range(1, 7)
HEADING = {level: chr(level) for level in _LEVELS}  # written before a heading; such characters are in no text
MARKS = "".join(HEADING.values())
MARK = re.compile(f"[{MARKS}]")


class Place(NamedTuple):
    """A place that begins at character `at`. `kind`, `number` and `label` as in `engine.types.Place`."""

    at: int
    kind: PlaceKind
    number: int = 0
    label: str = ""


class Grey(NamedTuple):
    """A picture as OCR sees it: a byte for each point, and how many points make an inch, 0 where nobody knows."""

    width: int
    height: int
    dpi: int
    points: bytes


class Unit(NamedTuple):
    """A text, and where its places begin, in order. Before the first one there is nothing to call it by.

    `sender` is who sent the mail that it is of, or came with.
    `picture` draws a page that has hardly any text and shows a picture instead, as long as the next unit was not
    asked for.
    """

    text: str
    places: tuple[Place, ...] = ()
    sender: str = ""
    picture: Callable[[], Grey] | None = None


class Heading(NamedTuple):
    """A heading from character `at` to `end`; the lower the level, the higher it stands."""

    at: int
    end: int
    level: int
    title: str


def units(text: str, places: Sequence[Place] = ()) -> Iterator[Unit]:
    """A text with its places, in as many units as its length asks for."""
    starts = [place.at for place in places]
    start = 0
    for part in parts(text):
        first, last = bisect_right(starts, start), bisect_right(starts, start + len(part) - 1)
        before = [places[first - 1]._replace(at=start)] if first else []
        within = [*before, *places[first:last]]
        yield Unit(part, tuple(place._replace(at=place.at - start) for place in within))
        start += len(part)


def unmarked(text: str) -> tuple[str, list[Heading]]:
    """The text without the marks of headings, and the headings they stood before; each ends with its line."""
    pieces: list[str] = []
    headings: list[Heading] = []
    length = 0
    for line in text.split("\n"):
        bare = MARK.sub("", line)
        if bare != line and bare.strip():
            level = next(ord(mark) for mark in line if mark in MARKS)
            at = length + len(bare) - len(bare.lstrip())
            headings.append(Heading(at, at + len(bare.strip()), level, bare.strip()))
        pieces.append(bare)
        length += len(bare) + 1
    return "\n".join(pieces), headings


def sections(
    text: str, headings: Iterable[Heading], kind: PlaceKind = PlaceKind.SECTION, number: int = 0
) -> list[Place]:
    """The places that headings begin, each with the path of headings that lead to it.

    Headings with nothing between them begin one place.
    """
    places: list[Place] = []
    above: list[Heading] = []
    end = -1
    for heading in headings:
        at = places.pop().at if places and not text[end : heading.at].strip() else heading.at
        end = heading.end
        while above and above[-1].level >= heading.level:
            above.pop()
        above.append(heading)
        places.append(Place(at, kind, number, joined(clipped(one.title, _MOST_TITLE) for one in above)))
    return places


def joined(labels: Iterable[str]) -> str:
    """Labels from the outer to the inner, as one."""
    return clipped(" › ".join(label for label in labels if label), MOST_LABEL)


def clipped(label: str, most: int = MOST_LABEL) -> str:
    """A label on one line, of at most `most` characters."""
    line = " ".join(tidy(label).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
