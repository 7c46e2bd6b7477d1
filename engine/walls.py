"""The walls around this program, and what they and those around its processes were measured to be.

What a kind of process may do stands in `engine.privacy.rules`; here is what came of trying it.
"""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.privacy.probe import Tried, probe
from engine.privacy.rules import allowed


class Reach(StrEnum):
    """What came of trying one way out of a process."""

    OPEN = "open"
    REFUSED = "refused"
    ABSENT = "absent"  # this computer has no such way


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way out of a process that was tried: what came of it, and whether it may be open.

    `name` is one of `engine.privacy.rules.CHANNELS`, for instance "tcp4" or "read store".
    """

    name: str
    reach: Reach
    allowed: bool

    @property
    def holds(self) -> bool:
        """Whether what came of it is what the rules want."""
        return self.allowed or self.reach is not Reach.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """What one running process was measured to be able to do.

    `kind` is one of `engine.privacy.rules.RULES` ("app", "model", "document", …). `walls` names the
    mechanisms that the operating system accepted: "filter" (of system calls), "network" and "files"
    (Landlock's rules), "scope" (signals and abstract sockets); "sandbox" on macOS and "job" on Windows,
    which nobody has proven there. `channels` is empty for the broker, which has no walls by design.
    """

    kind: str
    pid: int
    walls: tuple[str, ...]
    channels: tuple[Channel, ...]
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether no way out is open that the rules want shut."""
        return all(channel.holds for channel in self.channels)


def measured(private: Path) -> Walls:
    """What this program can do: every way out is tried now, in a few milliseconds."""
    return judged("app", os.getpid(), (), probe("app", str(private)))


def judged(kind: str, pid: int, walls: tuple[str, ...], tried: Tried, seconds: float = 0.0) -> Walls:
    """What a process's own tries mean, by the rules for its kind."""
    channels = tuple(Channel(name=name, reach=Reach(reach), allowed=allowed(kind, name)) for name, reach in tried)
    return Walls(kind=kind, pid=pid, walls=walls, channels=channels, seconds=seconds)
