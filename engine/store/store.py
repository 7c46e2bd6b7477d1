"""The store as a whole: one vault and a class of rows for each kind of thing in it."""

from collections.abc import Callable
from pathlib import Path

from sqlcipher3.dbapi2 import DatabaseError

from engine.errors import StoreTooNew
from engine.kept import StoreCounts
from engine.store.chats import ChatRows
from engine.store.connections import ConnectionRows
from engine.store.costs import CostRows
from engine.store.documents import DocumentRows
from engine.store.downloads import DownloadRows
from engine.store.models import ModelRows
from engine.store.preferences import PreferenceRows
from engine.store.reserve import Reserve
from engine.store.snapshot import brought_back, counts_of
from engine.store.upkeep import UpkeepRows
from engine.store.vault import Vault


class Store:
    """An open store. Every method of its parts may be called from any thread."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        before_migration: Callable[[], None] = lambda: None,
        reserve: Reserve | None = None,
    ) -> None:
        """Open or create the encrypted file `path` with its 32-byte key.

        `before_migration` is called before the shape of a file that is not new is changed.
        Answers that a program that is no more was writing are marked as interrupted. A newer
        Hanare's file is opened for reading only. Raises `StoreUnreadable`, `StoreTooNew` for one
        that cannot be read at all, `StoreNotEncrypted`, `DiskFull`, `FileNotReadable`.
        """
        self._key = key
        self._vault = Vault(path, key, before_migration=before_migration, reserve=reserve)
        self.chats = ChatRows(self._vault)
        self.models = ModelRows(self._vault)
        self.costs = CostRows(self._vault)
        self.documents = DocumentRows(self._vault)
        self.connections = ConnectionRows(self._vault)
        self.downloads = DownloadRows(self._vault)
        self.preferences = PreferenceRows(self._vault)
        self.upkeep = UpkeepRows(self._vault)
        try:
            if self._vault.newer is None:
                self.chats.mark_interrupted()
                self.connections.mark_cut()
            else:
                self._read_all(self._vault.newer)
        except BaseException:
            self.close()
            raise

    @property
    def newer(self) -> StoreTooNew | None:
        """What every write raises where a newer Hanare wrote this store; None where it can be written."""
        return self._vault.newer

    def counts(self) -> StoreCounts:
        """How much there is, the trash included. Raises `StoreUnreadable`."""
        return counts_of(self._vault.db.conn)

    def bring_back(self, copy: Path, copy_key: bytes) -> StoreCounts:
        """Put what a copy holds in place of what is here; how much that is.

        All or nothing. Raises as `snapshot.brought_back`.
        """
        if self.newer is not None:
            raise StoreTooNew(**self.newer.facts)
        ledger = self.connections.all()
        counts = brought_back(copy, copy_key, self._vault.path, self._key)
        self.connections.add_missing(ledger)  # what was connected stays told, whatever is restored
        return counts

    @property
    def cipher(self) -> str:
        """The version of SQLCipher at work, which every opening asserts."""
        return self._vault.cipher

    def close(self) -> None:
        """Let the file go. Nothing may use the store afterwards."""
        self._vault.close()

    def _read_all(self, newer: StoreTooNew) -> None:
        """Look whether this version's questions still fit a newer file. Raises `StoreTooNew` where they do not."""
        try:
            chats = self.chats.all() + self.chats.trash()
            if chats:
                self.chats.messages(chats[0].id)
            self.models.all()
            self.costs.all()
            self.connections.all()
            self.downloads.all()
            self.documents.all()
            self.documents.counts()
            self.documents.collections.all()
            self.preferences.settings()
        except (DatabaseError, LookupError, ValueError) as error:
            raise StoreTooNew(**newer.facts) from error
