"""The encrypted file: opening it, one connection a thread, and transactions.

Every opening asserts that encryption is really at work: that SQLCipher answers, that the file
does not begin like a plain database, and that the key opens it. Owns connections and turns
SQLite's errors into ours. Knows no table.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from engine.errors import DiskFull, EngineError, StoreNotEncrypted, StoreUnreadable
from engine.store.migrations import bring_up_to_date

BUSY_S = 20.0
_PLAIN = b"SQLite format 3\x00"
# Sources: sqlite.org/pragma.html and SQLCipher's API pages. FULL: an answered commit survives a
# power cut; secure_delete: what is deleted is overwritten, also inside the encrypted pages.
_PRAGMAS = (
    "PRAGMA cipher_log_level = NONE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
)


class Vault:
    """An open store. Each thread gets a connection of its own; writers take turns."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or create `path` with a 32-byte raw key and bring its shape up to date."""
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self.path = path
        self._key = key
        self._mine = threading.local()
        self._all: list[sqlcipher.Connection] = []
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        try:
            bring_up_to_date(self.db.conn, str(path))
            self._assert_encrypted(self.db.conn)
        except BaseException:
            self.close()
            raise

    @property
    def db(self) -> Database:
        """This thread's connection, for reading. Raises `StoreUnreadable`."""
        found: Database | None = getattr(self._mine, "db", None)
        if found is None:
            connection = self._connect()
            # Without plug-ins: an installed sqlite-utils plug-in would be handed the open store.
            found = self._mine.db = Database(connection, execute_plugins=False)
            with self._lock:
                self._all.append(connection)
        return found

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction: all of it is kept, or none. Keep it short, never yield to a caller inside."""
        db = self.db
        with self._writing:
            with self._explained():
                db.conn.execute("BEGIN IMMEDIATE")
            try:
                with self._explained():
                    yield db
                    db.conn.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlcipher.Error):  # a full disk has rolled back already
                    db.conn.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close every thread's connection. Nothing may use the store afterwards."""
        with self._lock:
            connections, self._all = self._all, []
        for connection in connections:
            connection.close()
        self._mine = threading.local()

    # Its own affairs.

    def _connect(self) -> sqlcipher.Connection:
        with self._explained():
            connection = sqlcipher.connect(
                str(self.path), timeout=BUSY_S, isolation_level=None, check_same_thread=False
            )
        try:
            with self._explained():
                connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
                if not connection.execute("PRAGMA cipher_version").fetchone():
                    raise StoreNotEncrypted(store=str(self.path), why="this SQLite has no SQLCipher")
                for pragma in _PRAGMAS:
                    connection.execute(pragma)
                connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _assert_encrypted(self, connection: sqlcipher.Connection) -> None:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        with self.path.open("rb") as file:
            if file.read(len(_PLAIN)) == _PLAIN:
                raise StoreNotEncrypted(store=str(self.path), why="its first bytes are those of a plain database")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlcipher.Error as error:
            raise self._typed(error) from error

    def _typed(self, error: sqlcipher.Error) -> EngineError:
        text = str(error).lower()
        if "full" in text or "disk i/o" in text:
            return DiskFull(where=str(self.path))
        if "not a database" in text:
            return StoreUnreadable(store=str(self.path), why="the key is not its key, or the file is damaged")
        return StoreUnreadable(store=str(self.path), why=text)
