"""The nouns of keeping safe: backups, what a restore brought back, what an erasure left.

As in `engine.types`: plain frozen values, sizes in bytes, moments in UTC.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class BackupKind(StrEnum):
    """Why a backup was made."""

    REGULAR = "regular"  # by itself, once a day
    UPDATE = "update"  # before a newer Hanare changed the store's shape
    RESTORE = "restore"  # what was there before another backup was restored
    ASKED = "asked"  # the person asked for it


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """How much a store holds, the trash included. `step` is the shape of its tables."""

    chats: int = 0
    messages: int = 0
    documents: int = 0
    step: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing that a person would miss."""
        return not (self.chats or self.messages or self.documents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """One backup: a folder with a store and the ways to its key. `name` is what a person calls it by."""

    name: str
    path: Path
    kind: BackupKind
    made_at: str
    size_bytes: int
    counts: StoreCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore changed. `aside` keeps what was there before; None where that was empty."""

    before: StoreCounts
    after: StoreCounts
    aside: Backup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What came of a damaged store: what a backup held, what was read of the damaged file, where that is now.

    `unreadable` counts the chats and messages that stand in the damaged file and could not be read.
    """

    after: StoreCounts
    salvaged: int
    unreadable: int
    damaged: Path
    backup: Backup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where everything is now. `left` names what could not be removed from the old place."""

    data: Path
    files: int
    size_bytes: int
    left: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased, and what is still there because it is not Hanare's or would not go."""

    files: int
    size_bytes: int
    left: tuple[Path, ...] = ()
    backups: int = 0  # backups that were left, because it was not asked to erase them
