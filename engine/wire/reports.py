"""What the processes tell the engine."""

from dataclasses import dataclass, field
from typing import Any

from engine.sampling import Odds
from engine.wire.envelope import PROTOCOL, Message


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
    `speed_up`: so many times as fast as without guesses, 0 without any. `aside_bytes` of the peak are not needed.
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
    """The answer to `HoldState`, for `tokens` of which the `first` are kept already; empty where nothing was held.

    `stretches` are (where each ends, bytes), `marks` points to which the model can go back (tokens before it, bytes).
    Their bytes stand one behind the other.
    """

    tokens: tuple[int, ...] = ()
    first: int = 0
    stretches: tuple[tuple[int, int], ...] = ()
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StateTaken(Message):
    """The answer to `TakeState`."""

    data: bytes


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
