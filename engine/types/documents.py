"""Documents, what is found in them, and answers from them."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from engine.formats import PlaceKind
from engine.forms import Judged
from engine.types.answers import MessageState, Speed
from engine.types.reach import Coverage, Fitting


class DocumentState(StrEnum):
    """How far a document has come."""

    READ = "read"  # its words are searchable
    FAILED = "failed"  # could not be read; see `reason`


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file the person added. `kind` is a name in the table of formats ("pdf").

    `pages` counts pages, slides, messages, or the parts of a long text. `reason_code` names the error
    class and `reason` is its sentence where `state` is FAILED; else `reason` tells what in the file was not read, and
    `reason_code` names what ended it before its end, "" for nothing.
    Of its pages, `pictures` show text only as a picture that nobody has read, and `by_ocr` were read by OCR;
    `ocr_failed` tells why it could not read one.
    `deleted_at` is set while it lies in the trash.
    """

    id: int
    path: Path
    kind: str
    state: DocumentState
    size_bytes: int
    pages: int
    passages: int
    read_at: str
    reason_code: str = ""
    reason: str = ""
    deleted_at: str | None = None
    pictures: int = 0
    by_ocr: int = 0
    ocr_failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder the person added, which is kept in step.

    `rules` say in .gitignore's way what is left out; None: those that come with Hanare. A file larger than
    `most_bytes` is not read (0: as any other). `away`: it was not there, or empty, at the last look.
    `scanned_at` is None until it was looked through once. `documents` and `failed` count what lies in it and in no
    other added folder deeper down.
    """

    id: int
    path: Path
    added_at: str
    scanned_at: str | None = None
    rules: str | None = None
    most_bytes: int = 0
    paused: bool = False
    away: bool = False
    documents: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A named group of documents; each may be in any number of them.

    `documents` are the ids of all that are in it and not in the trash. They were put in by themselves (`put_in`, also
    those in the trash), or they lie in one of its `folders`, now or later.
    """

    id: int
    name: str
    documents: frozenset[int] = frozenset()
    put_in: frozenset[int] = frozenset()
    folders: frozenset[int] = frozenset()

    @property
    def term(self) -> str:
        """What limits a search or a question to it; see `engine.documents.query`."""
        return f'in:"{self.name.replace(chr(34), "")}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What rules leave out of a folder: of `files` of kinds that are read, so many by a rule and so many by size."""

    files: int
    by_rules: int
    too_large: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a person calls a place in a document: "slide 3", "sheet Prices, A1:D40", "Costs › Heating".

    `kind` is a value of `formats.PlaceKind`, "" where there is nothing to call it by. `number` counts from 1, 0 where
    places of this kind have none. `label` is in the document's own words: a title, a sheet's name with its cells, the
    path of headings.
    """

    kind: str = ""
    number: int = 0
    label: str = ""

    @property
    def words(self) -> str:
        """The place in English; "" where there is nothing to say."""
        pattern = PLACE_WORDS.get(self.kind, "{label}")
        said = pattern.format(number=self.number, label=self.label)
        return f"{said}: {self.label}" if self.label and "{label}" not in pattern else said


PLACE_WORDS: dict[str, str] = {
    PlaceKind.PAGE: "page {number}",
    PlaceKind.SLIDE: "slide {number}",
    PlaceKind.SHEET: "sheet {label}",
    PlaceKind.CELLS: "cells {label}",
    PlaceKind.CHAPTER: "chapter {number}",
    PlaceKind.MESSAGE: "message {number}",
    PlaceKind.CELL: "cell {number}",
    PlaceKind.SECTION: "{label}",
    PlaceKind.FILE: "{label}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The text of one page, `number` from 1: of a page, a slide, a message, or of one long text.

    `paged` where the format really has pages (PDF). `place` is that of its beginning. `confidence` is OCR's in what
    it read of it, from 0 to 1; None for the document's own text.
    """

    document_id: int
    number: int
    text: str
    paged: bool = False
    place: Place = Place()
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A stretch of one page: `text` is exactly `page.text[start:end]`; it begins at `place`; `confidence` as of it."""

    document_id: int
    path: Path
    page: int
    start: int
    end: int
    text: str
    paged: bool = False
    place: Place = Place()
    confidence: float | None = None

    def __post_init__(self) -> None:
        """What was kept before places were has the page as its place."""
        if self.paged and not self.place.kind:
            object.__setattr__(self, "place", Place(kind=PlaceKind.PAGE, number=self.page))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage(Spot):
    """A stretch that is found; see `Spot`. `mtime_ns` is when its file was changed."""

    id: int
    mtime_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One search result.

    `group` counts the documents of the list from 1, in the order of their first results. `also_in` are other passages
    that say the same.

    `marks` are spans within `passage.text` to show as matched. `word_rank` and `meaning_rank` count from 1 and are
    None where that way of searching did not find it; `reordered_rank` is the place a reranking model gave it, None
    where none rated it. `score` orders the list and means nothing on its own.
    """

    rank: int
    score: float
    passage: Passage
    marks: tuple[tuple[int, int], ...] = ()
    word_rank: int | None = None
    meaning_rank: int | None = None
    reordered_rank: int | None = None
    group: int = 1
    also_in: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Spot):
    """A numbered passage an answer may cite as [1], [2] …; see `Spot`."""

    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much the documents hold. `embedded` of `passages` can be found by meaning."""

    documents: int
    failed: int
    passages: int
    embedded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ocr:
    """What this computer has to read pictures of text: the version of Tesseract, "" for none.

    `languages` are those it has data for, by its own names ("eng", "jpn").
    """

    version: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesRead:
    """What came of reading pictures of text: so many pages with `words`, `blank` ones, and those that `failed`.

    `waiting` pages could not be tried: there is no `ocr`, or none of the languages that are wanted.
    """

    words: int = 0
    blank: int = 0
    failed: int = 0
    waiting: int = 0
    ocr: Ocr = Ocr()

    @property
    def done(self) -> int:
        """How many pages were tried."""
        return self.words + self.blank + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What turns many passages into vectors with the built-in model; `why` is a sentence, with figures where measured.

    `name` is what a setting calls it: "llama.cpp" or "sentence-transformers".
    """

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """`passages` were read for the search by meaning; of `cut` the model read only the beginning.

    `note` is a sentence where something else was to read them than did.
    """

    passages: int
    cut: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """How far the chosen model is: it has read `prepared` of `passages`.

    With `changing`, another one is still searched with meanwhile.
    """

    prepared: int
    passages: int
    changing: bool = False

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to do."""
        return self.prepared >= self.passages and not self.changing


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence copied verbatim from a document: `page.text[start:end]`. Those that a model chose have no score."""

    text: str
    source: Source
    score: float | None = None


class Support(StrEnum):
    """How far a sentence of an answer is supported by the passages."""

    SUPPORTED = "supported"
    PARTLY = "partly"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One sentence of an answer, `text[start:end]`, and how far passages support it.

    `source` is the sentence that supports it best, under its passage's number; None where it is unsupported. `cited`
    are the numbers that the sentence cites. `unfound` are the spans in the answer of numbers and names that
    stand in no passage. `against` is a sentence that contradicts it, by a model that judges such: it is unsupported.
    """

    start: int
    end: int
    support: Support
    source: Source | None = None
    cited: tuple[int, ...] = ()
    unfound: tuple[tuple[int, int], ...] = ()
    against: Source | None = None

    @property
    def cites_another(self) -> bool:
        """Whether it cites passages, and none of them is the one that supports it."""
        return self.source is not None and bool(self.cited) and self.source.number not in self.cited


class Refusal(StrEnum):
    """Why there is no answer, where only what the passages support is to be answered, or quoted."""

    NOTHING = "nothing"  # no passage was found, and no model was asked
    WEAK = "weak"  # the passages do not answer the question, and no model was asked
    UNSUPPORTED = "unsupported"  # no sentence of what the model wrote is supported by them
    UNCHECKED = "unchecked"  # the program ended before what the model wrote was checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question: `text` that cites `sources` as [n]; or, where it is `verbatim`, `quotes` alone.

    `model` wrote the text, or chose the quotes; without one they were ranked. `changed` of them are left out, because
    their documents are no longer as they were read. `thoughts` are what the model thought before it, in `thinking_s`.
    `checked` are the sentences of the text. Where `refused` is set, the text is empty; what was written is `withheld`,
    and `checked` are its sentences. `fitting` tells whether a document was given whole, where that was wanted, and
    `coverage` what was read, where all documents were.
    """

    question: str
    text: str = ""
    verbatim: bool = False
    quotes: tuple[Quote, ...] = ()
    changed: int = 0
    sources: tuple[Source, ...] = ()
    model: str = ""
    state: MessageState = MessageState.COMPLETE
    speed: Speed | None = None
    judged: Judged = Judged()  # where it was to have a form
    checked: tuple[Checked, ...] = ()
    refused: Refusal | None = None
    withheld: str = ""
    thoughts: str = ""
    thinking_s: float = 0.0
    fitting: Fitting | None = None
    coverage: Coverage | None = None
    note: str = ""  # what else happened, in sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What came of adding files: counts, and one line for each that was not read.

    `unchanged` files were already here with the same content; those that lay in the trash are `restored`.
    `moved` ones have another name or place; `removed` ones are in the trash because their files are gone. Nothing was
    done about the folders in `away`, which were not there.
    """

    read: int = 0
    restored: int = 0
    moved: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Document, ...] = ()
    away: tuple[Path, ...] = ()
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether anything is different now."""
        return bool(self.read or self.restored or self.moved or self.removed or self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePicture:
    """A page as PNG with the boxes of a span in its pixels (left, top, right, bottom), none where it has no place."""

    png: bytes = field(repr=False)
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()
