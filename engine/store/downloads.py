"""The queue of downloads as rows."""

import json
from typing import Any

from engine.errors import EngineError, rebuilt
from engine.store.values import now
from engine.store.vault import Vault
from engine.types import Download, HubFile


class DownloadRows:
    """Reads and keeps `Download`, but for what is true of a running one only. A token is never among it."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Download, ...]:
        """Every download, the next first."""
        return tuple(_download(row) for row in self._vault.rows("SELECT * FROM download ORDER BY place, id"))

    def add(self, download: Download) -> int:
        """Keep a new one, the last of all; its number. Raises `DiskFull`."""
        projector = download.projector
        with self._vault.writing() as db:
            cursor = db.conn.execute(
                """INSERT INTO download (place, repository, file, revision, projector, projector_bytes, with_token,
                     added_at) SELECT coalesce(max(place), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM download""",
                (
                    download.repository, download.file, download.revision, projector.name if projector else "",
                    projector.size_bytes if projector else 0, download.with_token, now(),
                ),
            )  # fmt: skip
            return int(cursor.lastrowid or 0)

    def update(self, download: Download) -> None:
        """Keep how it stands now. Raises `DiskFull`."""
        error = download.error
        said = json.dumps({"code": error.code, "facts": error.facts}, default=str) if error else None
        with self._vault.writing() as db:
            db.conn.execute(
                """UPDATE download SET done_bytes = ?, total_bytes = ?, held = ?, with_token = ?, error = ?
                   WHERE id = ?""",
                (download.done_bytes, download.total_bytes, download.held, download.with_token, said, download.id),
            )

    def put_in_order(self, numbers: tuple[int, ...]) -> None:
        """Keep the order of all of them. Raises `DiskFull`."""
        with self._vault.writing() as db:
            db.conn.executemany(
                "UPDATE download SET place = ? WHERE id = ?", [(at, each) for at, each in enumerate(numbers, start=1)]
            )

    def remove(self, download_id: int) -> None:
        """Forget one. Raises `DiskFull`."""
        with self._vault.writing() as db:
            db.conn.execute("DELETE FROM download WHERE id = ?", (download_id,))


def _download(row: dict[str, Any]) -> Download:
    return Download(
        id=row["id"], repository=row["repository"], file=row["file"], revision=row["revision"],
        projector=HubFile(row["projector"], row["projector_bytes"]) if row["projector"] else None,
        done_bytes=row["done_bytes"], total_bytes=row["total_bytes"], with_token=bool(row["with_token"]),
        held=bool(row["held"]), error=_error(row["error"]),
    )  # fmt: skip


def _error(said: str | None) -> EngineError | None:
    if not said:
        return None
    fields = json.loads(said)
    return rebuilt(fields["code"], fields["facts"])
