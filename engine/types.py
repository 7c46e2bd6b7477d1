"""The nouns of Hanare: plain frozen values that every part may hold.

A value here knows nothing of storage, processes or windows. Sizes are bytes, times are seconds, moments are UTC
in ISO 8601, character spans are half-open offsets into the text of one page.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.context import Context, WhenFull
from engine.sampling import Sampling

# --- models -----------------------------------------------------------------------------


class ModelOrigin(StrEnum):
    """Where a model file came from."""

    DISK = "disk"  # the person's own file, used in place, never copied nor deleted
    HUB = "hub"  # fetched into our models folder
    TEST = "test"  # made by us at first run: real machinery, random weights, writes noise


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What the header of a GGUF file says, read without loading the model.

    `parameters` counts weights; `quantization` is the usual name ("Q4_K_M"); `kv_bytes_per_token` is what one
    token of context costs with a 16-bit cache. `template` is the chat template's source, None where there is
    none. `use` is what the file is for: "chat", or "embedding", "diffusion", "vision", "adapter", "vocabulary",
    which cannot chat. `parts` counts the files of a model that comes in several; `path` is then the first.
    `sampling` is what its maker recommends, by the names in `engine.sampling`; None where nobody has looked.
    """

    architecture: str
    name: str
    parameters: int
    quantization: str
    context_tokens: int
    layers: int
    embedding: int
    vocabulary: int
    size_bytes: int
    tensor_bytes: int
    kv_bytes_per_token: int
    template: str | None = None
    use: str = "chat"
    parts: int = 1
    sampling: dict[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model the library knows. `missing` means its file is not where it was.

    `mtime_ns` is the file's when `facts` were read. `repository` and `sha256` are those of models from the hub.
    """

    id: int
    name: str
    path: Path
    origin: ModelOrigin
    facts: ModelFacts
    added_at: str
    missing: bool = False
    mtime_ns: int = 0
    repository: str = ""
    sha256: str = ""

    @property
    def is_test(self) -> bool:
        """True for the tiny models we make, whose text is noise."""
        return self.origin is ModelOrigin.TEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a model will need in memory and whether this computer has it now.

    `need_bytes` = `weights_bytes` + `context_bytes` + `working_bytes`. `free_bytes` is without what is kept
    for the rest of the computer. `fitting_tokens` is the longest context that would fit; 0 where none would.
    """

    need_bytes: int
    free_bytes: int
    weights_bytes: int
    context_bytes: int
    working_bytes: int
    context_tokens: int
    fitting_tokens: int = 0

    @property
    def fits(self) -> bool:
        """Whether what is free now covers the need."""
        return self.need_bytes <= self.free_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysDown:
    """What would fit: a shorter context, another model, a smaller form of the same and its need. Empty: none."""

    context_tokens: int = 0
    model: Model | None = None
    quantization: str = ""
    quantized_bytes: int = 0


# --- chats ------------------------------------------------------------------------------


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class MessageState(StrEnum):
    """How a message ended."""

    COMPLETE = "complete"
    WRITING = "writing"  # being written now
    STOPPED = "stopped"  # the person pressed Stop; the text is what there was
    CUT = "cut"  # the token limit or the end of the context was reached
    INTERRUPTED = "interrupted"  # the program or the model's process ended in mid-answer
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What one answer cost.

    `first_token_s` runs from the request to the first piece of text; `tokens_per_s` is over the tokens after the
    first; `reading_tokens_per_s` over the prompt tokens really read (`prompt_tokens` less `reused_tokens`);
    `peak_bytes` is the worker's peak resident memory. `threads` is the number that wrote the last token.
    """

    prompt_tokens: int = 0
    reused_tokens: int = 0
    tokens: int = 0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    reading_tokens_per_s: float = 0.0
    total_s: float = 0.0
    peak_bytes: int = 0
    threads: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a model is told: one turn of a conversation, without its history in the store."""

    role: Role
    text: str
    thoughts: str = ""  # told only where the model's template wants them


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Sampling):
    """How an answer is to be written. `threads` 0 lets Hanare choose. `tools` are described as OpenAI's API has it."""

    context_tokens: int = 4096
    answer_tokens: int = 1024
    threads: int = 0
    thinking: bool = False
    tools: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote. `template` is "model", or the fallback's name; `calls` are tools' names and JSON objects."""

    text: str
    state: MessageState
    speed: Speed
    template: str = "model"
    template_why: str = ""
    thoughts: str = ""
    calls: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn. Turns form a tree: editing or regenerating adds a sibling, nothing is lost.

    `version` counts from 1 among the `versions` siblings under the same parent. `sources` are the passages given.
    """

    id: int
    chat_id: int
    parent_id: int | None
    role: Role
    text: str
    state: MessageState = MessageState.COMPLETE
    model: str = ""
    created_at: str = ""
    version: int = 1
    versions: int = 1
    speed: Speed | None = None
    sources: tuple["Source", ...] = ()
    note: str = ""  # why it failed or was cut, in one sentence
    thoughts: str = ""
    thinking_s: float = 0.0
    context: Context | None = None  # what entered the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """One conversation. `deleted_at` is set while it lies in the trash; a temporary one has an id below zero."""

    id: int
    title: str
    created_at: str
    updated_at: str
    model_id: int | None = None
    deleted_at: str | None = None
    when_full: WhenFull | None = None  # None: as the settings say


# --- documents --------------------------------------------------------------------------


class DocumentState(StrEnum):
    """How far a document has come."""

    READ = "read"  # its words are searchable
    FAILED = "failed"  # could not be read; see `reason`


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file the person added. `kind` is a name in the table of formats ("pdf").

    `pages` counts pages where the format has them, else 1. `reason_code` names the error
    class and `reason` is its sentence where `state` is FAILED. `deleted_at` is set while it lies in the trash.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The text of one page, `number` from 1; `paged` where the format really has pages (PDF), not one long text."""

    document_id: int
    number: int
    text: str
    paged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of one page: `text` is exactly `page.text[start:end]`."""

    id: int
    document_id: int
    path: Path
    page: int
    start: int
    end: int
    text: str
    paged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One search result.

    `marks` are spans within `passage.text` to show as matched. `word_rank` and `meaning_rank` count from 1 and are
    None where that way of searching did not find it. `score` orders the list and means nothing on its own.
    """

    rank: int
    score: float
    passage: Passage
    marks: tuple[tuple[int, int], ...] = ()
    word_rank: int | None = None
    meaning_rank: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A numbered passage an answer may cite as [1], [2] … Offsets are into the page's text."""

    number: int
    document_id: int
    path: Path
    page: int
    start: int
    end: int
    text: str
    paged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much the documents hold. `embedded` of `passages` can be found by meaning."""

    documents: int
    failed: int
    passages: int
    embedded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence copied verbatim from a document: `page.text[start:end]`."""

    text: str
    source: Source
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question: `text` that cites `sources` as [n]; without a `model`, `quotes`, verbatim."""

    question: str
    text: str = ""
    quotes: tuple[Quote, ...] = ()
    sources: tuple[Source, ...] = ()
    model: str = ""
    state: MessageState = MessageState.COMPLETE
    speed: Speed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What came of adding files: counts, and one line for each that was not read.

    `unchanged` files were already here with the same content; those that lay in the trash are `restored`.
    """

    read: int = 0
    restored: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: tuple[Document, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePicture:
    """A page as PNG with the boxes of a span in its pixels (left, top, right, bottom), none where it has no place."""

    png: bytes = field(repr=False)
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()


# --- compare ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One model's answer to the prompt of a comparison."""

    model_id: int
    model: str
    text: str
    state: MessageState
    speed: Speed | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One prompt, the passages given to every model, and what each wrote."""

    prompt: str
    trials: tuple[Trial, ...]
    sources: tuple[Source, ...] = ()


# --- this computer ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of `hanare doctor`: what was looked at, what was found, whether it is well."""

    name: str
    found: str
    ok: bool
    advice: str = ""
