"""Brings a store of an older shape up to date, all steps or none, and only where nothing is lost."""

from collections.abc import Callable

from sqlcipher3.dbapi2 import Connection

from engine.errors import StoreTooNew, StoreUnreadable
from engine.store import migrations

# What a person would miss: a table, and what is counted and summed in it.
_TREASURED = {
    "chat": "title",
    "message": "text",
    "picture": "data",
    "document": "path",
    "collection": "name",
    "page": "text",
    "model": "path",
    "connection": "host",
}


def bring_up_to_date(db: Connection, store: str, before: Callable[[], None] = lambda: None) -> None:
    """Take the steps this file has not had yet; `before` is called first where the file is not new.

    Raises `StoreTooNew` for a later program's file, `StoreUnreadable` where rows would be lost.
    """
    (taken,) = db.execute("PRAGMA user_version").fetchone()
    if taken > len(migrations.STEPS):
        raise StoreTooNew(store=store, found=taken, known=len(migrations.STEPS))
    if taken == len(migrations.STEPS):
        return
    if taken:
        before()
    db.execute("BEGIN IMMEDIATE")
    try:
        treasured = _treasured(db)
        for step in migrations.STEPS[taken:]:
            step(db)
        if {name: found for name, found in _treasured(db).items() if name in treasured} != treasured:
            raise StoreUnreadable(store=store, why="bringing it up to date would have lost something")
        db.execute(f"PRAGMA user_version = {len(migrations.STEPS)}")
    except BaseException:
        db.rollback()
        raise
    db.commit()


def _treasured(db: Connection) -> dict[str, tuple[int, int]]:
    """How many rows each table has and how much text stands in them."""
    there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    return {
        table: db.execute(f"SELECT count(*), total(length({column})) FROM {table}").fetchone()
        for table, column in _TREASURED.items()
        if table in there
    }
