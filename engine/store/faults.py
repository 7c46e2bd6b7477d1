"""What SQLite reports of a file, as our errors: a full disk, a damaged file, a locked one.

A mistake in a statement of ours stays what SQLite calls it.
"""

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlcipher3.dbapi2 as sqlcipher

from engine.errors import DiskFull, EngineError, StoreUnreadable

PROBE_BYTES = 64 * 1024
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

# What a copying that fails says, without a code. Source: sqlite3_errstr in SQLite's main.c.
_NAMES = {
    "database or disk is full": "SQLITE_FULL",
    "disk I/O error": "SQLITE_IOERR",
    "database disk image is malformed": "SQLITE_CORRUPT",
    "attempt to write a readonly database": "SQLITE_READONLY",
    "database is locked": "SQLITE_BUSY",
    "out of memory": "SQLITE_NOMEM",
}


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """While inside, faults of the store `path` are raised as our errors."""
    try:
        yield
    except sqlcipher.DatabaseError as error:
        typed = _typed(error, path)
        if typed is None:
            raise
        raise typed from error


def is_other_key(error: sqlcipher.DatabaseError) -> bool:
    """Whether the beginning of a file is nothing with the key: it has another one, or is damaged there."""
    return getattr(error, "sqlite_errorname", None) == "SQLITE_NOTADB"


def _typed(error: sqlcipher.DatabaseError, path: Path) -> EngineError | None:
    """Our error for a fault of the store; None for a mistake in a statement of ours."""
    name = getattr(error, "sqlite_errorname", None) or _NAMES.get(str(error), "")
    if name == "SQLITE_FULL" or (name == "SQLITE_IOERR" and _no_room(path)):
        return DiskFull(where=str(path))
    if name in _FAULTS:
        return StoreUnreadable(store=str(path), why=_FAULTS[name])
    if "malformed" in str(error):  # SQLCipher and the tables behind FTS5 give no code of their own
        return StoreUnreadable(store=str(path), why="the file is damaged")
    return None


def _no_room(path: Path) -> bool:
    """Whether the folder takes no more: SQLite calls a quota and a limit on file sizes an I/O error."""
    files = [path, path.with_name(f"{path.name}-wal")]
    largest = max((file.stat().st_size for file in files if file.exists()), default=0)
    try:
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(bytes(PROBE_BYTES))
            probe.flush()
            probe.truncate(largest + PROBE_BYTES)
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return False
