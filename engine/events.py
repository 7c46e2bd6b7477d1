"""What long work reports while it runs. Past participles; every one is a frozen value."""

from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.sampling import Odds
from engine.types import Document, Download, DownloadNote, Fitting, Hit, Message, Model, Quote, Source, Speed


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Anything an operation yields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(Event):
    """Something kept is different now.

    "chats", "models", "catalogue", "downloads", "documents", "connections", "settings", "keys", "backups", "states",
    "token" (the hub's access token that the keychain keeps).
    """

    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed(Event):
    """Work moved on. `total` is 0 while unknown.

    `unit` is "files", "bytes", "passages", "notes", "tokens", "sizes", "models".
    """

    done: int
    total: int
    unit: str
    per_s: float = 0.0
    left_s: float | None = None
    now: str = ""  # what is being worked on, for a person
    connections: int = 0  # over which bytes come


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadNoted(Event):
    """Something about a download that a person may want to know; `number` belongs to the note."""

    note: DownloadNote
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadEnded(Event):
    """A download of the queue has come to its end: the model is here, or `error` says why not.

    In place of a model there is a `folder` where it has to be converted first.
    """

    download: Download
    model: Model | None = None
    folder: Path | None = None
    error: EngineError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLoading(Event):
    """A model is being loaded, `fraction` of 1 so far. `waits_for` is the model that is to leave first, at work yet."""

    model: str
    fraction: float = 0.0
    waits_for: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRead(Event):
    """The model has read `done` of `total` prompt tokens; it holds `context_tokens` in all (0: not known)."""

    done: int
    total: int
    context_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReached(Event):
    """The model has read `done` of `total` prompt tokens and now looks at a picture."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryBegun(Event):
    """The model is summing up so many earlier messages that no longer fit its context."""

    messages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageKept(Event):
    """A message was committed to the store."""

    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedFor(Event):
    """A question that needs what was said before it is searched for in these words."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassagesFound(Event):
    """The passages an answer will be written from."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMeasured(Event):
    """The document that a question is about was counted: it is given whole where it fits, else its best passages."""

    fitting: Fitting


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesTaken(Event):
    """All that a model has noted so far of the documents that it reads; it cites `sources` by their numbers."""

    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteFound(Event):
    """A model has chosen this sentence of the passages, and it stands in its document to the letter."""

    quote: Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAdded(Event):
    """The next piece of an answer; never half a character. `tokens` were written so far, thoughts among them."""

    text: str
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextHeld(Event):
    """The next piece of an answer was written and is not shown before the answer is checked; `tokens` in all so far."""

    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckerFailed(Event):
    """The model that is to check answers could not, and `error` says why; the answer is checked without it."""

    error: EngineError


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtAdded(Event):
    """The next piece of what a model thinks before it answers; never half a character. `tokens` as in TextAdded."""

    text: str
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalled(Event):
    """The model calls a tool it was offered; `arguments` is a JSON object as text."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWeighed(Event):
    """How likely the next token of an answer was; it comes before the text of that token."""

    odds: Odds


@dataclass(frozen=True, slots=True, kw_only=True)
class HitsFound(Event):
    """Search results so far. `complete` is False while meaning is still to be searched, or hits to be reordered.

    `reordered_s` is how long a reranking model took for it, 0 where there is none; `not_reordered` is why it could not.
    `also` are words that were searched as well, being written nearly as words that were asked for and are nowhere.
    """

    hits: tuple[Hit, ...]
    complete: bool
    reordered_s: float = 0.0
    not_reordered: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSettled(Event):
    """One file was read, or could not be."""

    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialMoved(Event):
    """Something happened in column `column` of a comparison (counted from 0)."""

    column: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnded(Event):
    """A column of a comparison is finished; `error` says why where it failed."""

    column: int
    speed: Speed | None = None
    note: str = ""
    error: EngineError | None = None
