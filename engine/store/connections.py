"""The network ledger as rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.network import Connection, Outcome, Totals
from engine.store.vault import Vault


class ConnectionRows:
    """Reads and keeps `Connection`. Nothing here deletes one."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Connection, ...]:
        """Every connection, the newest first."""
        return tuple(_connection(row) for row in self._vault.rows("SELECT * FROM connection ORDER BY id DESC"))

    def totals(self) -> Totals:
        """Counts and sums over all of them."""
        (row,) = self._vault.rows(
            """SELECT count(*) FILTER (WHERE outcome <> :blocked) AS made,
                 count(*) FILTER (WHERE outcome = :blocked) AS blocked,
                 count(DISTINCT host) FILTER (WHERE outcome <> :blocked) AS hosts,
                 coalesce(sum(sent_bytes), 0) AS sent, coalesce(sum(received_bytes), 0) AS received
               FROM connection""",
            {"blocked": Outcome.BLOCKED.value},
        )
        return Totals(
            connections=row["made"], blocked=row["blocked"], hosts=row["hosts"], sent_bytes=row["sent"],
            received_bytes=row["received"],
        )  # fmt: skip

    def add(self, line: Connection) -> int:
        """Keep a new one; its number. Raises `DiskFull`."""
        with self._vault.writing() as db:
            cursor = db.conn.execute(
                """INSERT INTO connection (process, why, what, channel, host, port, began_at, ended_at, sent_bytes,
                     received_bytes, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
                (
                    line.process, line.why, line.what, line.channel, line.host, line.port, line.began_at,
                    line.ended_at, line.sent_bytes, line.received_bytes, line.outcome.value,
                ),
            )  # fmt: skip
            return int(cursor.lastrowid or 0)

    def add_missing(self, lines: Sequence[Connection]) -> None:
        """Keep those of `lines`, the newest first, that are not here. Raises `DiskFull`."""
        here = {replace(line, id=0) for line in self.all()}
        for line in reversed(lines):
            if replace(line, id=0) not in here:
                self.add(line)

    def update(self, line: Connection) -> None:
        """Keep how it stands now. Raises `DiskFull`."""
        with self._vault.writing() as db:
            db.conn.execute(
                "UPDATE connection SET ended_at = ?, sent_bytes = ?, received_bytes = ?, outcome = ? WHERE id = ?",
                (line.ended_at, line.sent_bytes, line.received_bytes, line.outcome.value, line.id),
            )

    def mark_cut(self) -> None:
        """What a program that is no more had open has been cut off; when, nobody saw."""
        with self._vault.writing() as db:
            db.conn.execute(
                "UPDATE connection SET outcome = ? WHERE outcome = ?", (Outcome.CUT.value, Outcome.OPEN.value)
            )


def _connection(row: dict[str, Any]) -> Connection:
    return Connection(**{**row, "outcome": Outcome(row["outcome"])})
