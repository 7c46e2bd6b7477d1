"""What the processes that read documents, pictures of text and pictures report."""

from dataclasses import dataclass, field
from typing import Any

from engine.formats import PlaceKind
from engine.wire.envelope import Message

_PLACE_KINDS = frozenset(PlaceKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead(Message):
    """The text of one page; `number` counts from 1. Lines end in a line feed.

    `places` begin at a character of the text, in order: (character, kind, number, label) as in `types.Place`.
    `sender` is who sent the mail that it is of.
    `pictured`: the page has hardly any text and shows a picture, which may be one of text.
    """

    number: int
    text: str
    places: tuple[tuple[int, str, int, str], ...] = ()
    sender: str = ""
    pictured: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for half a character, which nothing could keep, and for places that are none."""
        _check_page(self.text, self.places, self.sender)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRead(Message):
    """What came of one document of `ReadTogether`, the one at place `which` from 0.

    Each of `pages` is text, places and sender as in `PageRead`. Without pages, `code` and `facts` tell why, as in
    `Failed`; each of `left_out` is code and facts as in `LeftOut`. One that is not told of is to be read by `Read`.
    """

    which: int
    pages: tuple[tuple[str, tuple[tuple[int, str, int, str], ...], str], ...] = ()
    left_out: tuple[tuple[str, dict[str, Any]], ...] = ()
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises `ValueError` as `PageRead` does."""
        for page in self.pages:
            _check_page(*page)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut(Message):
    """A file that lies in the document could not be read, and the rest goes on; `code` and `facts` as in `Failed`."""

    code: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead(Message):
    """The document has been read to its end.

    After `ReadTogether`: all that could be read together have been told of, `pages` in all.
    """

    pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen(Message):
    """A page as OCR sees it: a byte for each point, packed by zlib, in base64; `dpi` points to an inch, 0: not known.

    `place` is that of its beginning: (kind, number, label) as in `types.Place`.
    """

    number: int
    width: int
    height: int
    dpi: int
    grey: str = field(repr=False)
    place: tuple[str, int, str] = ("", 0, "")

    def __post_init__(self) -> None:
        """Raises `ValueError` for a place that is none."""
        kind, number, label = self.place
        if (kind and kind not in _PLACE_KINDS) or number < 0:
            raise ValueError(kind)
        label.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrFound(Message):
    """The version of Tesseract, "" for none, and the languages it has data for, by its own names."""

    version: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognized(Message):
    """The words of a picture in the order of reading.

    Each as (text, confidence from 0 to 1, left, top, right, bottom, line, paragraph): its box in points of the
    picture, and the numbers of its line and paragraph on the page.
    """

    words: tuple[tuple[str, float, int, int, int, int, int, int], ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError` for half a character, which nothing could keep."""
        for word in self.words:
            word[0].encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Message):
    """A page as PNG (base64) and the boxes of the span, in its pixels."""

    png: str
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureTaken(Message):
    """A picture made anew, "png" or "jpeg", and its thumbnail, one of the two; both base64."""

    kind_of_file: str
    data: str = field(repr=False)
    width: int
    height: int
    thumbnail: str = field(repr=False)


def _check_page(text: str, places: tuple[tuple[int, str, int, str], ...], sender: str) -> None:
    text.encode()
    sender.encode()
    before = 0
    for at, kind, number, label in places:
        if not before <= at <= len(text) or kind not in _PLACE_KINDS or number < 0:
            raise ValueError(kind)
        label.encode()
        before = at
