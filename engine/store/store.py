"""The store as a whole: one vault and a class of rows for each kind of thing in it."""

from pathlib import Path

from engine.store.chats import ChatRows
from engine.store.connections import ConnectionRows
from engine.store.documents import DocumentRows
from engine.store.models import ModelRows
from engine.store.preferences import PreferenceRows
from engine.store.vault import Vault


class Store:
    """An open store. Every method of its parts may be called from any thread."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or create the encrypted file `path` with its 32-byte key.

        Answers that a program that is no more was writing are marked as interrupted. Raises
        `StoreUnreadable`, `StoreTooNew`, `StoreNotEncrypted`, `DiskFull`, `FileNotReadable`.
        """
        self._vault = Vault(path, key)
        self.chats = ChatRows(self._vault)
        self.models = ModelRows(self._vault)
        self.documents = DocumentRows(self._vault)
        self.connections = ConnectionRows(self._vault)
        self.preferences = PreferenceRows(self._vault)
        try:
            self.chats.mark_interrupted()
            self.connections.mark_cut()
        except BaseException:
            self.close()
            raise

    @property
    def cipher(self) -> str:
        """The version of SQLCipher at work, which every opening asserts."""
        return self._vault.cipher

    def close(self) -> None:
        """Let the file go. Nothing may use the store afterwards."""
        self._vault.close()
