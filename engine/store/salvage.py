"""Reading what can still be read of a damaged store: its chats and messages, row by row."""

import contextlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlcipher3.dbapi2 import Connection, DatabaseError

from engine.store.vault import connected

MOST_MISSED = 1000  # ids in a row that hold nothing, after which no more is looked for


def salvaged(damaged: Path, store: Path, key: bytes) -> tuple[int, int]:
    """Add to `store` the chats and messages of `damaged` that it lacks; how many, and how many could not be read.

    Documents are not looked for: they are read again from their own files.
    """
    try:
        source = connected(damaged, key)
    except DatabaseError:
        return 0, 0  # not even its first page can be read
    with closing(source), closing(connected(store, key)) as target:
        target.execute("BEGIN IMMEDIATE")
        chats, chats_lost = _added(source, target, "chat")
        messages, messages_lost = _added(source, target, "message")
        _added(source, target, "picture")
        target.execute(
            """UPDATE chat SET leaf_id = (SELECT max(id) FROM message WHERE message.chat_id = chat.id)
               WHERE leaf_id IS NULL OR leaf_id NOT IN (SELECT id FROM message)"""
        )
        target.execute("COMMIT")
        target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return chats + messages, chats_lost + messages_lost


def _added(source: Connection, target: Connection, table: str) -> tuple[int, int]:
    """Copy the rows that are lacking; how many, and how many stand there and cannot be read."""
    columns = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    places = ", ".join("?" * len(columns))
    added = lost = 0
    for row in _rows(source, table, columns):
        if row is None:
            lost += 1
            continue
        with contextlib.suppress(DatabaseError):  # its chat, or what it follows on, is lost
            added += target.execute(
                f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({places})", row
            ).rowcount
    return added, lost


def _rows(source: Connection, table: str, columns: list[str]) -> Iterator[tuple[Any, ...] | None]:
    """Every row by its id; None for one on a page that is damaged."""
    id_, missed = 0, 0
    last = _last_id(source, table)
    while id_ < last if last else missed < MOST_MISSED:
        id_ += 1
        try:
            row = source.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", (id_,)).fetchone()
        except DatabaseError:
            missed += 1
            if last:
                yield None
            continue
        missed = 0 if row else missed + 1
        if row is not None:
            yield tuple(row)


def _last_id(source: Connection, table: str) -> int:
    """The highest id that was ever given out; 0 where that cannot be read."""
    try:
        row = source.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    except DatabaseError:
        return 0
    return int(row[0]) if row else 0
