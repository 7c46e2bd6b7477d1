"""The context of a model: what it held for one answer, counted, and what is done where a chat outgrows it.

Plain frozen values, part of the vocabulary of `engine.types`. Tokens are those of the model's own
vocabulary, counted in its process.
"""

from dataclasses import dataclass
from enum import StrEnum


class WhenFull(StrEnum):
    """What is done where a chat no longer fits the context."""

    OLDEST = "oldest"  # the oldest turns are left out
    ENDS = "ends"  # the first turn and the last ones stay, those between are left out
    SUMMARY = "summary"  # a summary by the model stands for the oldest turns
    STOP = "stop"  # nothing is left out: no answer is written


class Part(StrEnum):
    """What a stretch of a prompt is."""

    SYSTEM = "system"  # the instructions
    SUMMARY = "summary"
    TURN = "turn"  # an earlier message
    PASSAGE = "passage"
    QUESTION = "question"
    BEGUN = "begun"  # the answer that is gone on with
    TEMPLATE = "template"  # what the chat template writes around the others, and what joins them


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that entered: `of` is the id of its message, or the number of its passage, else 0."""

    part: Part
    tokens: int
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What entered one answer, and what did not.

    The tokens of `entries` add up to `prompt_tokens`, or to a few more: texts counted one by one may join.
    `left_out` counts the messages from `cut_from` up to the one before `cut_to` (ids; 0 where nothing was cut), which
    `summary`, where there is one, stands for. `searched_for` is what passages were looked for with, where that was
    not the question as it was written. `context_tokens` are 0 where no model was asked, and only that is known.
    """

    context_tokens: int
    prompt_tokens: int
    entries: tuple[Entry, ...] = ()
    when_full: WhenFull = WhenFull.OLDEST
    left_out: int = 0
    cut_from: int = 0
    cut_to: int = 0
    summary: str = ""
    searched_for: str = ""

    @property
    def read(self) -> bool:
        """Whether a model read anything for it."""
        return self.context_tokens > 0

    def is_full(self, answer_tokens: int) -> bool:
        """Whether an answer of so many tokens has filled it."""
        return self.prompt_tokens + answer_tokens >= self.context_tokens

    def tokens(self, part: Part) -> int:
        """The tokens of all entries of one kind."""
        return sum(entry.tokens for entry in self.entries if entry.part is part)
