"""One prompt to several models."""

from dataclasses import dataclass

from engine.types.answers import MessageState, Speed
from engine.types.documents import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One model's answer to the prompt of a comparison. `adapters` are those that worked, and how strongly.

    `thoughts` are what it thought before the answer, in `thinking_s`.
    """

    model_id: int
    model: str
    text: str
    state: MessageState
    speed: Speed | None = None
    note: str = ""
    adapters: tuple[tuple[str, float], ...] = ()
    thoughts: str = ""
    thinking_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One prompt, the passages given to every model, and what each wrote."""

    prompt: str
    trials: tuple[Trial, ...]
    sources: tuple[Source, ...] = ()
