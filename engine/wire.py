"""What crosses the pipe between the engine and its processes.

One JSON object per line, tagged with its kind, at most `LINE_BYTES` long. Every message names the job it belongs to.
A new field gets a default, so an older peer still works; a changed meaning bumps `PROTOCOL`, and `Hello` refuses the
mismatch. Unknown fields are ignored, unknown kinds are an error. Never pickle: what comes from outside is data.

  engine → process  Load Generate Measure SetThreads Stop · Embed · Read Draw · Fetch · MakeModels · AskKeychain · Beat
  process → engine  Sealed Hello Loading Loaded Reading Token Called Weighed Done Measured · Embedded · PageRead
                    DocumentRead Drawn · Connection Moved Fetched · ModelsMade · KeychainAnswered · Failed · Alive
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from engine.sampling import Odds, Sampling
from engine.typed import checked, no_number

PROTOCOL = 1
LINE_BYTES = 32 * 1024 * 1024


class WireError(Exception):
    """A line that is not a message of ours; the peer that sent it is not to be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Anything that crosses; `job` 0 is the process itself."""

    job: int = 0


# --- engine → process ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Message):
    """Load one GGUF file with `threads` (0: physical cores); far more than `need_bytes` is refused (0: no limit)."""

    path: str
    context_tokens: int
    threads: int = 0
    need_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Generate(Message, Sampling):
    """Answer the last of `messages` ({"role", "content", "reasoning_content"}), or go on from `prompt` as it is.

    `tools` are described as OpenAI's API does; `thinking` asks for it first; `ignore_end` goes on past the end token.
    """

    messages: tuple[dict[str, str], ...] = ()
    prompt: str = ""
    tools: tuple[dict[str, Any], ...] = ()
    thinking: bool = False
    max_tokens: int = 1024
    ignore_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Message):
    """Count the tokens of each of `messages` ({"role", "content"}) as `Generate` would read them."""

    messages: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreads(Message):
    """From the next decode on, use `threads` threads (0: physical cores)."""

    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Message):
    """End job `job` as soon as possible; it still reports `Done` or `Failed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat(Message):
    """Say `Alive` at once, also while a job is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed(Message):
    """Turn texts into unit vectors."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read(Message):
    """Read one document into pages of text. `reader` names the kind of document."""

    path: str
    reader: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw(Message):
    """Draw one page of a paged document, `width` pixels wide, and find the boxes of a span."""

    path: str
    reader: str
    page: int
    width: int
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Message):
    """Download `file` of `repository` into `folder` as `name`, without a folder; "" names it by its hash."""

    endpoint: str
    repository: str
    file: str
    folder: str
    revision: str = "main"
    token: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeModels(Message):
    """Write the test models into `folder`."""

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskKeychain(Message):
    """Have `keychain` ("": the session's own) "find", "read" (for `answer_s`), "write" or "forget" its `entry`."""

    do: str
    keychain: str = ""
    entry: str = ""
    secret: str = field(default="", repr=False)
    answer_s: float = 0.0


# --- process → engine ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed(Message):
    """From now on `process` keeps to its rules: the `walls` that hold, and every way out with what came of trying it.

    Sent before `Hello` by a process that is given nothing, else before the first request is worked on.
    `unmet` names the walls that the system offers and that do not hold: the process then does no work and ends.
    """

    process: str
    pid: int
    walls: tuple[str, ...]
    tried: tuple[tuple[str, str], ...]
    seconds: float = 0.0
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello(Message):
    """Every process says so before it listens."""

    process: str
    protocol: int = PROTOCOL
    pid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alive(Message):
    """The answer to `Beat`: the process hears. Its job may still take long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading(Message):
    """`fraction` of the model's tensors are in."""

    fraction: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Message):
    """The model is ready; `template` as in `Done`. `dimensions` is the length of an embedder's vectors, else 0."""

    context_tokens: int = 0
    threads: int = 0
    template: str = "model"
    seconds: float = 0.0
    dimensions: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Message):
    """`done` of `total` prompt tokens are read."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Message):
    """The next piece of a reply, of one token or several, or of the `thought` before it; whole characters only."""

    text: str
    thought: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for half a character, which nothing could keep."""
        self.text.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Called(Message):
    """The model calls a tool; `arguments` is a JSON object as text."""

    name: str
    arguments: str

    def __post_init__(self) -> None:
        """Raises `ValueError` as `Token` does."""
        (self.name + self.arguments).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed(Message, Odds):
    """How likely the token just picked was; told where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Message):
    """A generation ended: "end", "stopped" or "cut". `template` is "model" or the fallback used, and why."""

    end: str
    prompt_tokens: int = 0
    reused_tokens: int = 0
    tokens: int = 0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    reading_tokens_per_s: float = 0.0
    total_s: float = 0.0
    peak_bytes: int = 0
    threads: int = 0
    template: str = "model"
    template_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Message):
    """The answer to `Measure`; the template adds about `turn_tokens` to each turn and `fixed_tokens` to the whole."""

    tokens: tuple[int, ...]
    turn_tokens: int = 0
    fixed_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded(Message):
    """Unit vectors, float32 little-endian, row after row, base64; `dimensions` numbers each."""

    vectors: str
    dimensions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead(Message):
    """The text of one page; `number` counts from 1. Lines end in a line feed."""

    number: int
    text: str

    def __post_init__(self) -> None:
        """Raises `ValueError` for half a character, which nothing could keep."""
        self.text.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead(Message):
    """The document has been read to its end. `paged`: the pages are pages of a page format."""

    pages: int
    paged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Message):
    """A page as PNG (base64) and the boxes of the span, in its pixels."""

    png: str
    width: int
    height: int
    boxes: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Message):
    """How connection `number` of this process stands; told when it begins, while it goes on, when it has ended.

    Moments are UTC in ISO 8601; `ended_at` is "" while it goes on. `outcome` is a value of
    `engine.network.Outcome`. Bytes are those of the socket.
    """

    number: int
    host: str
    port: int
    began_at: str
    ended_at: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    outcome: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Message):
    """`done` of `total` bytes have arrived (`total` 0: not known)."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(Message):
    """The file is complete at `path`; `verified` tells whether the hub had announced its SHA-256, `sha256`."""

    path: str
    sha256: str
    size_bytes: int
    commit: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsMade(Message):
    """The test models' files."""

    paths: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class KeychainAnswered(Message):
    """What came of it. `keychain` "": none in this session; `refused`: why it would not; `gone`: no such entry."""

    keychain: str = ""
    secret: str = field(default="", repr=False)
    refused: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed(Message):
    """The job ended in an error: the class's name in `engine.errors` and its facts."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


REQUESTS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (Load, Generate, Measure, SetThreads, Stop, Beat, Embed, Read, Draw, Fetch, MakeModels, AskKeychain)
}
REPORTS: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        Sealed, Hello, Alive, Loading, Loaded, Reading, Token, Called, Weighed, Done, Measured, Embedded, PageRead,
        DocumentRead, Drawn, Connection, Moved, Fetched, ModelsMade, KeychainAnswered, Failed,
    )
}  # fmt: skip

FINAL: frozenset[type[Message]] = frozenset(
    {Loaded, Done, Measured, Embedded, DocumentRead, Drawn, Fetched, ModelsMade, KeychainAnswered, Failed}
)  # after one of these a job says nothing more
_FIELDS: dict[type[Message], dict[str, Any]] = {
    kind: {item.name: item.type for item in dataclasses.fields(kind)} for kind in {**REQUESTS, **REPORTS}.values()
}  # the declared type of each field; asking a dataclass each time is slow


def line(message: Message) -> bytes:
    """One message as one line, line feed included."""
    fields = {name: getattr(message, name) for name in _FIELDS[type(message)]}
    text = json.dumps({"kind": type(message).__name__, **fields}, ensure_ascii=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def message(raw: bytes, kinds: dict[str, type[Message]]) -> Message:
    """The message in one line. Raises `WireError` for anything that is not one of `kinds`."""
    try:
        fields = json.loads(raw, parse_constant=no_number)
        kind = kinds[fields.pop("kind")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {raw[:80]!r}") from error
    known = _FIELDS[kind]
    try:
        values = {name: checked(known[name], value) for name, value in fields.items() if name in known}
        return kind(**values)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"not a {kind.__name__}: {raw[:80]!r}") from error
