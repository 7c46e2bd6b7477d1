"""The walls around this program: raised before anything else, shut when its window stands, and measured.

    raise_walls()      first of all, before Qt and before other threads: a clean environment, no way to other computers
    shut("app")        when the window stands and the key is read: no new socket, no program started
    measured(private)  what this program can do now

What a kind of process may do stands in `engine.privacy.rules`; `Walls` is what came of trying it.
"""

import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.privacy import environment, seal, starting
from engine.privacy.probe import Tried, probe
from engine.privacy.rules import allowed

RISING = "starting"


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
    mechanisms that the operating system accepted: "filter" (of system calls), "overheard" (which
    tells what it refuses), "network" and "files" (Landlock's rules), "scope" (signals and abstract sockets);
    "sandbox" on macOS and "job" on Windows, which nobody has proven there. `channels` is empty for the broker,
    which has no walls by design.
    `ended`: it was measured when it ran, and is gone.
    """

    kind: str
    pid: int
    walls: tuple[str, ...]
    channels: tuple[Channel, ...]
    seconds: float = 0.0
    ended: bool = False

    @property
    def holds(self) -> bool:
        """Whether no way out is open that the rules want shut."""
        return all(channel.holds for channel in self.channels)


def raise_walls() -> None:
    """Clean the environment, start the broker, then shut every way to other computers, for good. Once.

    Cleaning may start this program anew in its own place. Only Linux can raise walls around a running program.
    """
    environment.clean()
    if sys.platform == "linux" and not seal.kind():
        starting.begin()
        seal.seal(RISING)


def taken_out() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Variables of the environment that could load foreign code or leak: those that were taken out at the start.

    And which of them had worked before that, and could not be undone.
    """
    return environment.taken_out(), environment.still_at_work()


def shut(kind: str) -> None:
    """From now on keep to the rules of `kind`, where the walls were raised; a script or a test has none."""
    if seal.kind() == RISING:
        seal.seal(kind)


def is_shut() -> bool:
    """Whether this program can no longer reach other programs, the keychain among them."""
    return bool(seal.kind()) and seal.kind() != RISING


def opens_outside() -> bool:
    """Whether this program has a broker to open things by, as it has since its walls were raised."""
    return starting.broker_pid() is not None


def open_outside(what: str) -> bool:
    """Hand a file, a folder or a web address to the desktop's own program; False where there is none for it."""
    return starting.open_outside(what)


def measured(private: Path) -> tuple[Walls, ...]:
    """What this program can do: every way out is tried now, in a few milliseconds. Its broker is named, not tried."""
    kind, broker = seal.kind() or "app", starting.broker_pid()
    ours = judged(kind, os.getpid(), seal.walls(), probe(kind, str(private)))
    return (ours,) if broker is None else (ours, judged("broker", broker, (), ()))


def judged(kind: str, pid: int, walls: tuple[str, ...], tried: Tried, seconds: float = 0.0) -> Walls:
    """What a process's own tries mean, by the rules for its kind."""
    channels = tuple(Channel(name=name, reach=Reach(reach), allowed=allowed(kind, name)) for name, reach in tried)
    return Walls(kind=kind, pid=pid, walls=walls, channels=channels, seconds=seconds)
