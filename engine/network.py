"""The nouns of the network ledger: plain frozen values, as those of `engine.types`."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a connection stands or ended."""

    OPEN = "open"
    CLOSED = "closed"  # it ended in order
    FAILED = "failed"  # it never came about
    BROKEN = "broken"  # it broke off
    CUT = "cut"  # its process ended first: at least these bytes were carried
    BLOCKED = "blocked"  # a process tried, and was refused on this computer


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One line of the network ledger. Bytes are counted at the socket of the process that connected.

    `why` is a code of the click that led to it ("download"), `what` names what it was for;
    `ended_at` is "" while it is open, and where nobody saw its end. `host` is "" where native code was refused before
    it could name one; `channel` then tells the kind of socket that it wanted ("udp", "unix", …).
    """

    id: int = 0
    process: str
    why: str = ""
    what: str = ""
    channel: str = "tcp"
    host: str
    port: int
    began_at: str
    ended_at: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    outcome: Outcome = Outcome.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the ledger comes to; `blocked` attempts are not among the `connections`."""

    connections: int = 0
    blocked: int = 0
    hosts: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0
