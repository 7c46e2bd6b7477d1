"""Downloads: what is to be fetched, how far it has come, and what is odd about it."""

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import EngineError
from engine.types.models import HubFile


class DownloadState(StrEnum):
    """How a download stands."""

    RUNNING = "running"
    WAITING = "waiting"  # for its turn
    PAUSED = "paused"  # until somebody says that it is to go on
    FAILED = "failed"


class DownloadNote(StrEnum):
    """Something about a download that a person may want to know."""

    RANGES = "ranges"  # the server sends all or nothing: what is stopped begins anew
    CHANGED = "changed"  # the file on the hub is another one than before: it begins anew
    DAMAGED = "damaged"  # so many pieces were damaged on this disk and are fetched again
    WAITS = "waits"  # the server does not answer or asks for so many seconds of rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One model to be fetched, with all its parts and, where there is one, its projector.

    `total_bytes` is 0 while it is not known. `per_s` (bytes) and `left_s` are of one that runs; `held` of one that the
    person paused and that goes on only when that one is named. `needs_token` where one was given that is not known any
    more. `error` is why it failed.
    """

    id: int
    repository: str
    file: str
    revision: str = "main"
    projector: HubFile | None = None
    state: DownloadState = DownloadState.PAUSED
    done_bytes: int = 0
    total_bytes: int = 0
    per_s: float = 0.0
    left_s: float | None = None
    connections: int = 0
    note: DownloadNote | None = None
    note_number: int = 0
    with_token: bool = False
    needs_token: bool = False
    held: bool = False
    error: EngineError | None = None
