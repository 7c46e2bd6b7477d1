"""What the processes tell the engine."""

from dataclasses import dataclass, field
from typing import Any

from engine.formats import PlaceKind
from engine.sampling import Odds
from engine.wire.envelope import PROTOCOL, Message

_PLACE_KINDS = frozenset(PlaceKind)


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
    """The model is ready; `template` as in `Done`. `dimensions` is the length of an embedder's vectors, else 0.

    `card` names the graphics cards that have `card_layers` of its layers; with none, `card_why` tells why one that
    was wanted is not used.
    Told by encoders only: the `sha256` of the file, or of all its parts, and whether its vocabulary `reads_japanese`.
    """

    context_tokens: int = 0
    threads: int = 0
    template: str = "model"
    seconds: float = 0.0
    card: str = ""
    card_layers: int = 0
    card_why: str = ""
    dimensions: int = 0
    sha256: str = ""
    reads_japanese: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Message):
    """`done` of `total` prompt tokens are read."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking(Message):
    """A picture is being looked at, after `done` of `total` prompt tokens."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Message):
    """The next piece of a reply, of one token or several, or of the `thought` before it; whole characters only.

    `tokens` are those picked so far.
    """

    text: str
    thought: bool = False
    tokens: int = 0

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
    """A generation ended: "end", "stopped" or "cut". `template` is "model" or the fallback used, and why.

    `threads` wrote most of it and `reading_threads` read most (0: nothing was); `threads_why` as in `types.Speed`.
    `verdict`, `problem` and `problem_at` are those of `engine.forms.Judged` where the answer was to have a form.
    `speed_up` is how many times as fast the tokens came as without guesses; 0 where nothing was guessed.
    `aside_bytes` of the peak were conversations put aside, which a model can do without.
    """

    end: str
    prompt_tokens: int = 0
    reused_tokens: int = 0
    tokens: int = 0
    first_token_s: float = 0.0
    tokens_per_s: float = 0.0
    reading_tokens_per_s: float = 0.0
    total_s: float = 0.0
    peak_bytes: int = 0
    aside_bytes: int = 0
    threads: int = 0
    reading_threads: int = 0
    threads_why: str = ""
    template: str = "model"
    template_why: str = ""
    verdict: str = ""
    problem: str = ""
    problem_at: str = ""
    guessed: int = 0
    guessed_right: int = 0
    speed_up: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Message):
    """The answer to `Measure`; the template adds about `turn_tokens` to each turn and `fixed_tokens` to the whole."""

    tokens: tuple[int, ...]
    turn_tokens: int = 0
    fixed_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored(Message):
    """The answer to `Score`: the sum of the log-probabilities, in nats, of its `tokens`, thoughts among them."""

    log_probability: float
    tokens: int
    prompt_tokens: int = 0
    reused_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWanted(Message):
    """What is kept of the chat saves reading: send it in `StatePiece`s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateUsed(Message):
    """What came of the state that was sent: it stands for `tokens` tokens, 0 where it was of no use."""

    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StateHeld(Message):
    """The answer to `HoldState`: `size_bytes` of state, for `tokens`; both empty where nothing was held of the chat.

    `marks` are points to which the model can go back, as (tokens before it, bytes); their bytes come after the rest
    of the state and count among `size_bytes`.
    """

    tokens: tuple[int, ...] = ()
    size_bytes: int = 0
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTaken(Message):
    """The answer to `TakeState`."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded(Message):
    """Unit vectors, float32 little-endian, row after row, base64; `dimensions` numbers each.

    `cut` of the texts were longer than the model reads: what came after that is not in their vectors.
    """

    vectors: str
    dimensions: int
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reranked(Message):
    """How well each text answers, the higher the better, on a scale of the model's own; `cut` as in `Embedded`."""

    scores: tuple[float, ...]
    cut: int = 0


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
        self.text.encode()
        self.sender.encode()
        before = 0
        for at, kind, number, label in self.places:
            if not before <= at <= len(self.text) or kind not in _PLACE_KINDS or number < 0:
                raise ValueError(kind)
            label.encode()
            before = at


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut(Message):
    """A file that lies in the document could not be read, and the rest goes on; `code` and `facts` as in `Failed`."""

    code: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead(Message):
    """The document has been read to its end. `paged`: the pages are pages of a page format."""

    pages: int
    paged: bool


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
