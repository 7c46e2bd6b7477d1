"""Why a search found what it found, why a file is not among it, and what an answer leans on."""

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.types.documents import Hit, Passage, Source

NATS_PER_BIT = math.log(2)
LEAST_BITS = 0.05  # for each token: so much less likely is a word that is 3.4 % less likely


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one passage has to do with an answer.

    `gain` is by how many nats the answer is less likely without it, below zero where it is likelier. `share` is its
    part of all gains above zero, from 0 to 1.
    """

    source: Source
    gain: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What a written answer of `tokens` tokens leans on, passage by passage.

    `gain` is by how many nats it is less likely without any passage.
    """

    shares: tuple[Share, ...]
    gain: float
    tokens: int

    def per_token(self, gain: float) -> float:
        """A gain in bits for each token of the answer: with 1 bit each token is twice as likely."""
        return gain / NATS_PER_BIT / max(self.tokens, 1)

    @property
    def depends(self) -> bool:
        """Whether the answer depends on the passages together to speak of."""
        return self.per_token(self.gain) >= LEAST_BITS

    @property
    def tells(self) -> bool:
        """Whether it depends on single ones to speak of; else the shares of so little say little."""
        return self.per_token(sum(max(one.gain, 0.0) for one in self.shares)) >= LEAST_BITS


class Given(StrEnum):
    """What became of a found passage where an answer was written."""

    GIVEN = "given"  # it entered the prompt
    NO_ROOM = "no room"  # it was to, and had none
    FURTHER = "further"  # it came after as many as a prompt is to have


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A result and how it was found.

    `word_score` is its bm25 (higher is better) and `cosine` how near it is in meaning, on a scale on which unrelated
    texts come to 0; None where that way of searching did not find it. `given` is None where no model was asked.
    """

    hit: Hit
    word_score: float | None = None
    cosine: float | None = None
    given: Given | None = None


class Standing(StrEnum):
    """Where a file stands in a search."""

    LISTED = "listed"
    SAME = "same"  # what it says is listed under another file
    BELOW = "below"  # found, and others are better
    NOT_FOUND = "not found"  # it holds none of the words, and is not near by meaning
    NO_PHRASE = "no phrase"  # what stands in quotes is in none of its passages
    FORBIDDEN = "forbidden"  # every passage that fits holds what must not be there
    FILTERED = "filtered"  # a condition of the search leaves it out
    EMPTY = "empty"  # it was read, and there is no text in it
    NOT_READ = "not read"
    IN_TRASH = "in trash"
    NOT_ADDED = "not added"


class NotAdded(StrEnum):
    """Why a file is not among the documents."""

    GONE = "gone"  # there is no such file
    FOLDER = "folder"  # it is none
    KIND = "kind"  # files of its kind are not read
    RULE = "rule"  # a rule of its folder leaves it out
    PAUSED = "paused"  # its folder is paused
    KEPT_OUT = "kept out"  # it was removed for good
    NO_FOLDER = "no folder"  # neither it nor a folder above it was added
    NOT_YET = "not yet"  # its folder has not been looked through since it is there


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStanding:
    """Where one file stands in a search, and why.

    `why` is the condition or the phrase of the search that keeps it away, why it was not read, or a value of
    `NotAdded`; `of` is the file under which the same is listed, or the folder that it has to do with. `rank` is the
    place in the list. `best` is the passage that fits best: it `holds` and `lacks` these words of the search. The file
    comes as the `word_rank`th of `by_words` passages that hold any of them, and as the `meaning_rank`th of `by_meaning`
    that were compared, None where it does not; `cosine` as in `Found`, `near` where that is high enough. `unprepared`
    of its `passages` have no vector yet.
    """

    path: Path
    standing: Standing
    why: str = ""
    of: Path | None = None
    rank: int | None = None
    best: Passage | None = None
    holds: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    word_rank: int | None = None
    by_words: int = 0
    meaning_rank: int | None = None
    by_meaning: int = 0
    cosine: float | None = None
    near: bool = False
    passages: int = 0
    unprepared: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A search looked into: what was `asked`, the words that were searched `also`, and where one `file` stands in it.

    `by_meaning` tells whether meaning was searched, too; `not_by_meaning` is why it could not be, where it should have.
    """

    asked: str
    found: tuple[Found, ...]
    also: tuple[str, ...] = ()
    by_meaning: bool = False
    not_by_meaning: str = ""
    file: FileStanding | None = None
