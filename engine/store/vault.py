"""The encrypted file: opening it, one connection a thread, and transactions.

Every opening asserts that encryption is really at work: that SQLCipher answers, that the file
does not begin like a plain database, and that the key opens it. Owns connections and turns
the faults of a store (a full disk, a damaged or locked file) into our errors; a mistake of ours
stays what SQLite calls it. Knows no table.
"""

import contextlib
import errno
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlite_utils import Database

from engine.errors import DiskFull, EngineError, StoreNotEncrypted, StoreUnreadable, from_os_error
from engine.store.migrations import bring_up_to_date

BUSY_S = 20.0
PROBE_BYTES = 64 * 1024
_PLAIN = b"SQLite format 3\x00"
# Sources: sqlite.org/pragma.html and SQLCipher's API pages. FULL: an answered commit survives a
# power cut; secure_delete: what is deleted is overwritten, also inside the encrypted pages.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -32768",
)
# Result codes: sqlite.org/rescode.html. sqlcipher3 gives the primary ones.
_FAULTS = {
    "SQLITE_NOTADB": "the key is not its key, or the file is damaged",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_CANTOPEN": "the file or its folder may not be opened",
    "SQLITE_READONLY": "the file or its folder may not be written",
    "SQLITE_PERM": "the file or its folder may not be opened",
    "SQLITE_BUSY": "another program is using it",
    "SQLITE_LOCKED": "another program is using it",
    "SQLITE_PROTOCOL": "another program is using it",
    "SQLITE_IOERR": "the disk reported an error",
    "SQLITE_NOMEM": "there is not enough memory",
    "SQLITE_NOLFS": "the disk allows no file of this size",
}


class Vault:
    """An open store. Each thread gets a connection of its own; writers take turns."""

    def __init__(self, path: Path, key: bytes) -> None:
        """Open or create `path` with a 32-byte raw key and bring its shape up to date."""
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self.path = path
        self._key = key
        self._mine = threading.local()
        self._all: dict[threading.Thread, sqlcipher.Connection] = {}
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._closed = False
        self._refuse_plain()
        try:
            with self._explained():
                bring_up_to_date(self.db.conn, str(path))
                self.db.execute("BEGIN IMMEDIATE")  # a store that cannot be written is noticed now
                self.db.execute("COMMIT")
                self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")
            self._refuse_plain()
        except BaseException:
            self.close()
            raise

    @property
    def db(self) -> Database:
        """This thread's connection, for reading. Raises `StoreUnreadable`."""
        found: Database | None = getattr(self._mine, "db", None)
        if found is None:
            if self._closed:
                raise RuntimeError("the store is closed")
            connection = self._connect()
            # Without plug-ins: an installed sqlite-utils plug-in would be handed the open store.
            found = self._mine.db = Database(connection, execute_plugins=False)
            with self._lock:
                ended = [self._all.pop(thread) for thread in list(self._all) if not thread.is_alive()]
                self._all[threading.current_thread()] = connection
            for left in ended:
                left.close()
        return found

    @property
    def cipher(self) -> str:
        """The version of SQLCipher at work."""
        return str(self.rows("PRAGMA cipher_version")[0]["cipher_version"])

    def rows(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
        """What a SELECT finds, each row by column name. Raises `StoreUnreadable`."""
        with self._explained():
            cursor = self.db.conn.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction: all of it is kept, or none. Keep it short, never yield to a caller inside.

        Raises `DiskFull`, `StoreUnreadable`.
        """
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

    def settle(self) -> None:
        """Write the log into the file and empty it, so that no erased page outlives its erasure there."""
        with self._writing, self._explained():
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close every thread's connection. Nothing may use the store afterwards."""
        with self._lock:
            self._closed = True
            connections, self._all = list(self._all.values()), {}
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
                connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is ours to explain
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

    def _refuse_plain(self) -> None:
        """Raise `StoreNotEncrypted` for a file that begins like a plain database."""
        try:
            with self.path.open("rb") as file:
                begins = file.read(len(_PLAIN))
        except FileNotFoundError:
            return
        except OSError as error:
            raise from_os_error(error, self.path) from error
        if begins == _PLAIN:
            raise StoreNotEncrypted(store=str(self.path), why="its first bytes are those of a plain database")

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlcipher.DatabaseError as error:
            typed = self._typed(error)
            if typed is None:
                raise
            raise typed from error

    def _typed(self, error: sqlcipher.DatabaseError) -> EngineError | None:
        """Our error for a fault of the store; None for a mistake in a statement of ours."""
        name = getattr(error, "sqlite_errorname", None) or ""
        if name == "SQLITE_FULL" or (name == "SQLITE_IOERR" and self._no_room()):
            return DiskFull(where=str(self.path))
        if name in _FAULTS:
            return StoreUnreadable(store=str(self.path), why=_FAULTS[name])
        if "malformed" in str(error):  # SQLCipher and the tables behind FTS5 give no code of their own
            return StoreUnreadable(store=str(self.path), why="the file is damaged")
        return None

    def _no_room(self) -> bool:
        """Whether the folder takes no more: SQLite calls a quota and a limit on file sizes an I/O error."""
        files = [self.path, self.path.with_name(f"{self.path.name}-wal")]
        largest = max((file.stat().st_size for file in files if file.exists()), default=0)
        try:
            with tempfile.TemporaryFile(dir=self.path.parent) as probe:
                probe.write(bytes(PROBE_BYTES))
                probe.flush()
                probe.truncate(largest + PROBE_BYTES)
        except OSError as error:
            return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return False
