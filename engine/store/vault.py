"""The encrypted file: opening it, one connection a thread, and transactions.

Every opening asserts that encryption is really at work: that SQLCipher answers, that the file
does not begin like a plain database, and that the key opens it. A newer Hanare's file is
opened for reading only. Knows no table.
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import sqlcipher3.dbapi2 as sqlcipher

from engine.errors import DiskFull, StoreNotEncrypted, StoreTooNew, from_os_error
from engine.store.database import Database
from engine.store.faults import explained
from engine.store.reserve import Reserve
from engine.store.updating import bring_up_to_date

Result = TypeVar("Result")

BUSY_S = 20.0
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
    "PRAGMA cache_size = -32768",  # KiB, for searches
)
# Many pages come again and again while many documents are added: each is copied from the log to the file once then.
_SPARING = ("PRAGMA cache_size = -2048", "PRAGMA wal_autocheckpoint = 4000")
_USUAL = (_PRAGMAS[-1], "PRAGMA wal_autocheckpoint = 1000")  # pages of the log; SQLite's own number


class Vault:
    """An open store. Each thread gets a connection of its own; writers take turns."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        before_migration: Callable[[], None] = lambda: None,
        reserve: Reserve | None = None,
    ) -> None:
        """Open or create `path` with a 32-byte raw key and bring its shape up to date.

        `before_migration` is called before the shape of a file that is not new is changed; what
        it raises leaves the file as it is.
        """
        if len(key) != 32:
            raise ValueError("a key has 32 bytes")
        self.path = path
        self.newer: StoreTooNew | None = None  # what every write raises, in a file of a newer Hanare
        self._key = key
        self._reserve = reserve
        self._mine = threading.local()
        self._all: dict[threading.Thread, sqlcipher.Connection] = {}
        self._lock = threading.Lock()
        self._writing = threading.RLock()
        self._closed = False
        refuse_plain(path)
        try:
            with explained(self.path):
                self._bring_up_to_date(before_migration)
            refuse_plain(path)
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
        with explained(self.path):
            cursor = self.db.conn.execute(sql, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextlib.contextmanager
    def writing(self) -> Iterator[Database]:
        """A transaction: all of it is kept, or none. Keep it short, never yield to a caller inside.

        Raises `DiskFull`, `StoreUnreadable`, `StoreTooNew`.
        """
        if self.newer is not None:
            raise StoreTooNew(**self.newer.facts)
        db = self.db
        with self._writing:
            with explained(self.path):
                db.conn.execute("BEGIN IMMEDIATE")
            try:
                with explained(self.path):
                    yield db
                    db.conn.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlcipher.Error):  # a full disk has rolled back already
                    db.conn.execute("ROLLBACK")
                raise

    def saved(self, work: Callable[[Database], Result]) -> Result:
        """Do `work` in a transaction; where the disk is full, once more in the room that was held in reserve.

        For what a person has just written. Raises as `writing`.
        """
        try:
            with self.writing() as db:
                return work(db)
        except DiskFull:
            if self._reserve is None or not self._reserve.give_up():
                raise
        with self.writing() as db:
            return work(db)

    @contextlib.contextmanager
    def sparing(self) -> Iterator[None]:
        """While inside, this thread keeps few pages in memory: enough to write many, which are hardly read again."""
        for pragma in _SPARING:
            self.db.execute(pragma)
        try:
            yield
        finally:
            for pragma in _USUAL:
                self.db.execute(pragma)

    def settle(self) -> None:
        """Write the log into the file and empty it, so that no erased page outlives its erasure there."""
        with self._writing, explained(self.path):
            self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def close(self) -> None:
        """Close every thread's connection. Nothing may use the store afterwards."""
        with self._lock:
            self._closed = True
        self._let_go()

    # Its own affairs.

    def _bring_up_to_date(self, before_migration: Callable[[], None]) -> None:
        try:
            bring_up_to_date(self.db.conn, str(self.path), before_migration)
        except StoreTooNew as error:
            self.newer = error
            self._let_go()  # from here on, connections that cannot write
            return
        self.db.execute("BEGIN IMMEDIATE")  # a store that cannot be written is noticed now
        self.db.execute("COMMIT")
        self.db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _connect(self) -> sqlcipher.Connection:
        with explained(self.path):
            return connected(self.path, self._key, writes=self.newer is None)

    def _let_go(self) -> None:
        with self._lock:
            connections, self._all = list(self._all.values()), {}
        for connection in connections:
            connection.close()
        self._mine = threading.local()


def connected(path: Path, key: bytes, *, writes: bool = True) -> sqlcipher.Connection:
    """A connection to an encrypted file, made where it is not there and may be written.

    Raises `StoreNotEncrypted`, and what SQLite raises.
    """
    mode = "rwc" if writes else "ro"
    connection = sqlcipher.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_S, isolation_level=None,
        check_same_thread=False,
    )  # fmt: skip
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # a wrong key is ours to explain
        connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        if not connection.execute("PRAGMA cipher_version").fetchone():
            raise StoreNotEncrypted(store=str(path), why="this SQLite has no SQLCipher")
        for pragma in _PRAGMAS if writes else _PRAGMAS[1:]:
            connection.execute(pragma)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def refuse_plain(path: Path) -> None:
    """Raise `StoreNotEncrypted` for a file that begins like a plain database."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(_PLAIN))
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error, path) from error
    if begins == _PLAIN:
        raise StoreNotEncrypted(store=str(path), why="its first bytes are those of a plain database")
