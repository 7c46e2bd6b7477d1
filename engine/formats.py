"""Which files are read, and by which reader: the one table of formats, and the kinds of places in them.

The reader's process has the other half, from kind to reader. A folder is searched for these
names only; a file added by name must be one of them.
"""

from enum import StrEnum
from pathlib import PurePath
from typing import NamedTuple

MIB = 1024**2
MOST_BYTES = 1024 * MIB  # of any kind


class Format(NamedTuple):
    """A kind of document: what it is called in a sentence, the endings of its files, and how large one may be."""

    called: str
    endings: tuple[str, ...]
    most_bytes: int = 20 * MIB


FORMATS: dict[str, Format] = {
    "pdf": Format("PDF", (".pdf",), MOST_BYTES),
    "docx": Format("a Word document", (".docx", ".docm"), 256 * MIB),
    "html": Format("HTML", (".html", ".htm", ".xhtml")),
    "markdown": Format("Markdown", (".md", ".markdown")),
    "text": Format("text", (".txt", ".text")),
}
DRAWN = frozenset({"pdf"})  # kinds whose pages can be shown as they look
_KINDS = {ending: kind for kind, known in FORMATS.items() for ending in known.endings}


class PlaceKind(StrEnum):
    """What a person calls a place in a document: "slide 3", "sheet Prices, A1:D40", "Costs › Heating"."""

    PAGE = "page"
    SECTION = "section"  # below a heading; its label is the path of headings


def kind_of(path: PurePath) -> str | None:
    """The kind of reader for a file of this name; None where there is none."""
    return _KINDS.get(path.suffix.lower())
