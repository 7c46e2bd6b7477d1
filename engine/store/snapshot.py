"""Copies of a store, made and brought back by SQLite's own backup, page by page and encrypted throughout.

A copy is of one moment, however much is written meanwhile. Bringing one back is one transaction:
whoever has the store open sees the old rows or the new ones.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlcipher3.dbapi2 import Connection, DatabaseError

from engine.errors import StoreTooNew, StoreUnreadable
from engine.kept import StoreCounts
from engine.store import migrations, updating
from engine.store.faults import explained, is_other_key
from engine.store.vault import connected, refuse_plain

PAGES_AT_ONCE = 2048  # 8 MiB; between two such stretches a Stop is heard
_COUNTS = {"chats": "chat", "messages": "message", "documents": "document"}


def counts_of(db: Connection) -> StoreCounts:
    """How much an open store holds."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    (step,) = db.execute("PRAGMA user_version").fetchone()
    found: dict[str, Any] = {
        field: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] if table in there else 0
        for field, table in _COUNTS.items()
    }
    return StoreCounts(step=step, **found)


def copied(store: Path, path: Path, key: bytes, check: Callable[[], None]) -> StoreCounts:
    """Copy `store` into the new file `path`, encrypted with the same key; how much it held at that moment.

    `check` is called from time to time; what it raises ends the copying. Raises `DiskFull`, `StoreUnreadable`.
    """
    with explained(store):
        source = connected(store, key, writes=False)
    with closing(source), explained(path), closing(connected(path, key)) as target:
        source.execute("BEGIN")  # from the first look on, every page is of this moment
        counts = counts_of(source)
        source.backup(target, pages=PAGES_AT_ONCE, progress=lambda *_: check(), sleep=0.0)
        # One file that opens anywhere, also where nothing may be written beside it.
        target.execute("PRAGMA journal_mode = DELETE")
    return counts


def opens_with(path: Path, key: bytes) -> bool:
    """Whether a copy begins as this key would have it; whether it is whole says `looked_into`.

    Raises `StoreUnreadable`, `StoreNotEncrypted`.
    """
    refuse_plain(path)
    with explained(path):
        try:
            connected(path, key, writes=False).close()
        except DatabaseError as error:
            if is_other_key(error):
                return False
            raise
    return True


def looked_into(path: Path, key: bytes) -> StoreCounts:
    """Open a copy as a restore would, and read all of it; how much it holds. It is not changed.

    Raises `StoreUnreadable`, `StoreNotEncrypted`.
    """
    refuse_plain(path)
    with explained(path), closing(connected(path, key, writes=False)) as db:
        faults = [row[0] for row in db.execute("PRAGMA cipher_integrity_check")]
        faults += [row[0] for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if faults:
            raise StoreUnreadable(store=str(path), why="the file is damaged")
        return counts_of(db)


def brought_back(path: Path, path_key: bytes, store: Path, key: bytes) -> StoreCounts:
    """Put what the copy `path` holds in place of what `store` holds, all or nothing, and bring it up to date.

    Raises `StoreTooNew` for a newer Hanare's copy, `StoreUnreadable`, `DiskFull`.
    """
    with explained(path):
        source = connected(path, path_key, writes=False)
    with closing(source), explained(store), closing(connected(store, key)) as target:
        step = counts_of(source).step
        if step > len(migrations.STEPS):
            raise StoreTooNew(store=str(path), found=step, known=len(migrations.STEPS))
        source.backup(target)
        updating.bring_up_to_date(target, str(store))
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return counts_of(target)
