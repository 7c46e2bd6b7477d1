"""What every message has, whichever way it goes."""

from dataclasses import dataclass

PROTOCOL = 2
LINE_BYTES = 32 * 1024 * 1024
MOST_CARRIED_BYTES = 4 * 1024 * 1024  # that follow one line


class WireError(Exception):
    """A line that is not a message of ours; the peer that sent it is not to be trusted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Anything that crosses; `job` 0 is the process itself."""

    job: int = 0
