"""What is asked of a model and what it answers, without a place in a chat."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.forms import FREE, Form, Judged
from engine.loading import LoadOptions
from engine.sampling import Sampling
from engine.types.pictures import Picture


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
    `peak_bytes` is the worker's peak resident memory. `threads` wrote most of it and `reading_threads` read most (0:
    nothing was read); `threads_why` tells why not every core had one: "chosen" by the person, "busy" with other
    programs, on "battery", a container's "share", "fast" cores only, "measured" to be no slower, or always as many for
    a "seed"; "" where all had.
    `guessed` tokens were weighed ahead, `guessed_right` of them kept; `speed_up` is how many times as fast the tokens
    came as without, 0 where that was not measured.
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
    reading_threads: int = 0
    threads_why: str = ""
    guessed: int = 0
    guessed_right: int = 0
    speed_up: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a model is told: one turn of a conversation, without its history in the store."""

    role: Role
    text: str
    thoughts: str = ""  # told only where the model's template wants them
    pictures: tuple[Picture, ...] = ()  # before the text, with their data


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Sampling, LoadOptions):
    """How an answer is to be written, and how the model is to be loaded for it.

    `threads` 0 lets Hanare choose. `tools` are described as OpenAI's API has it; an answer that is to have a form
    calls none. `begun` is the beginning of an answer, after `begun_thoughts`: it goes on from there, and only what is
    new is written.
    """

    answer_tokens: int = 1024
    threads: int = 0
    thinking: bool = False
    form: Form = FREE
    guess_ahead: bool = True
    tools: tuple[dict[str, Any], ...] = ()
    begun: str = ""
    begun_thoughts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a model wrote. `template` is "model", or the fallback's name; `calls` are tools' names and JSON objects.

    `judged` tells whether it has the form that it was to have.
    `note` tells the person what else happened, "" where nothing did.
    """

    text: str
    state: MessageState
    speed: Speed
    template: str = "model"
    template_why: str = ""
    thoughts: str = ""
    calls: tuple[tuple[str, str], ...] = ()
    judged: Judged = Judged()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """How likely an answer is to a model: the sum of the log-probabilities of its `tokens`, in nats."""

    log_probability: float
    tokens: int
