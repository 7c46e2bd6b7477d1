"""What the store looks for from time to time: what has lain in the trash for long."""

from engine.store.vault import Vault


class UpkeepRows:
    """What is to be erased for good."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def old_chats(self, before: str) -> tuple[int, ...]:
        """The chats that were deleted before that moment."""
        rows = self._vault.rows("SELECT id FROM chat WHERE deleted_at < ? ORDER BY deleted_at", (before,))
        return tuple(row["id"] for row in rows)

    def old_documents(self, before: str) -> tuple[int, ...]:
        """The documents that were removed before that moment."""
        rows = self._vault.rows("SELECT id FROM document WHERE deleted_at < ? ORDER BY deleted_at", (before,))
        return tuple(row["id"] for row in rows)
