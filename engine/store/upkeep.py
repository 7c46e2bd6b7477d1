"""What the store does from time to time: when it was last done, and what has lain in the trash for long."""

from engine.store.values import now
from engine.store.vault import Vault


class UpkeepRows:
    """Moments by name, and the work they stand for."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def done_at(self, name: str) -> str:
        """When `name` was last noted; "" for never."""
        rows = self._vault.rows("SELECT moment FROM upkeep WHERE name = ?", (name,))
        return str(rows[0]["moment"]) if rows else ""

    def note(self, name: str) -> None:
        """Note `name` with this moment. Raises `DiskFull`."""
        with self._vault.writing() as db:
            db.execute("INSERT OR REPLACE INTO upkeep (name, moment) VALUES (?, ?)", (name, now()))

    def old_chats(self, before: str) -> tuple[int, ...]:
        """The chats that were deleted before that moment."""
        rows = self._vault.rows("SELECT id FROM chat WHERE deleted_at < ? ORDER BY deleted_at", (before,))
        return tuple(row["id"] for row in rows)

    def old_documents(self, before: str) -> tuple[int, ...]:
        """The documents that were removed before that moment."""
        rows = self._vault.rows("SELECT id FROM document WHERE deleted_at < ? ORDER BY deleted_at", (before,))
        return tuple(row["id"] for row in rows)
