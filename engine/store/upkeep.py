"""What the store does from time to time: when it was last done, the trash, and the words of what is gone.

Deleting a passage only marks its words in the index; they stay there until the pieces of the
index are merged. `merge_words` does that stretch by stretch, each a short transaction.
"""

from engine.store.values import now
from engine.store.vault import Vault

WORDS_TO_ERASE = "words to erase"
PAGES_AT_ONCE = 512  # of the word index, merged in one transaction


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

    def old_trash(self, before: str) -> tuple[int, ...]:
        """The chats that were deleted before that moment."""
        rows = self._vault.rows("SELECT id FROM chat WHERE deleted_at < ? ORDER BY deleted_at", (before,))
        return tuple(row["id"] for row in rows)

    def merge_words(self, first: bool) -> bool:
        """Merge a stretch of the word index; False when nothing is left to merge.

        `first` begins anew. Source: sqlite.org/fts5.html, "The 'merge' Command".
        """
        with self._vault.writing() as db:
            before = db.conn.total_changes
            db.execute(
                "INSERT INTO words (words, rank) VALUES ('merge', ?)", (-PAGES_AT_ONCE if first else PAGES_AT_ONCE,)
            )
            more = db.conn.total_changes - before >= 2
            if not more:
                db.execute("DELETE FROM upkeep WHERE name = ?", (WORDS_TO_ERASE,))
        return more

    def settle(self) -> None:
        """Empty the log, so that no erased page outlives its erasure there."""
        self._vault.settle()
