"""What the fetcher tells the engine; every process that has no network tells of connections that it was refused."""

from dataclasses import dataclass
from typing import Any

from engine.wire.envelope import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection(Message):
    """How connection `number` of this process stands; told when it begins, while it goes on, when it has ended.

    Moments are UTC in ISO 8601; `ended_at` is "" while it goes on. `outcome` is a value of
    `engine.network.Outcome`. Bytes are those of the socket.
    """

    number: int
    host: str
    port: int
    began_at: str
    ended_at: str = ""
    sent_bytes: int = 0
    received_bytes: int = 0
    outcome: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Message):
    """`done` of `total` bytes have arrived (`total` 0: not known); more of them come over so many `connections`."""

    done: int
    total: int
    connections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Message):
    """Something about a download that a person may want to know; `note` is a value of `types.DownloadNote`.

    `number` is how many pieces were damaged, or how many seconds are waited.
    """

    note: str
    number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched(Message):
    """The files are complete at `paths`, in their order; `sha256` is the first one's.

    `verified` tells whether the hub had announced a hash of each.
    """

    paths: tuple[str, ...]
    sha256: str
    size_bytes: int
    commit: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesFound(Message):
    """The files that were asked for: the name of each in the repository, and its size in bytes."""

    files: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSearched(Message):
    """The repositories that were found, in the hub's order; each as the fields of `types.HubModel` in JSON's types."""

    models: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryDescribed(Message):
    """What the hub tells of a repository: the fields of `types.HubModel`, and its model files by name and size.

    `left_out` counts files that are none of a model or that cannot be asked for.
    """

    model: dict[str, Any]
    files: tuple[tuple[str, int], ...]
    left_out: int = 0
