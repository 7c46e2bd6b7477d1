"""How far a question to the documents reaches, what that costs, and what was read for the answer."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Reach(StrEnum):
    """What an answer is made from."""

    PASSAGES = "passages"  # the passages that fit the question best
    DOCUMENT = "document"  # the whole text of one document
    ALL = "all"  # all documents, read in passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Whether the whole text of a document has room: a prompt of `tokens` tokens, of which `room` fit.

    `about`: they were estimated, because there are far too many.
    """

    tokens: int
    room: int
    about: bool = False

    @property
    def fits(self) -> bool:
        """Whether it was given whole."""
        return self.tokens <= self.room


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCost:
    """About what it takes to read documents in passes, told before it begins.

    `seconds` is None where it is not known how fast the model reads.
    """

    documents: int
    tokens: int
    passes: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A document that was not read, or not all of it, and why, in a sentence."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was read for an answer: `read` of `documents` to their last passage, in so many `passes`.

    `unread` could not be read; the rest was not reached before a Stop. Of those in `partly` something was left out.
    `cut` of the notes taken ended at their longest length; `left_out` had no room in the answer's prompt.
    """

    documents: int
    read: int = 0
    passages: int = 0
    passes: int = 0
    unread: tuple[Unread, ...] = ()
    partly: tuple[Unread, ...] = ()
    cut: int = 0
    left_out: int = 0
