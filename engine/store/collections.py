"""The rows of collections: named groups of documents and of folders that are kept in step.

What lies in a folder is told by its path, so that what comes into it later is in its collections too.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from engine.store.vault import Vault
from engine.types import Collection

_PUT_IN = """SELECT m.collection_id, d.id, d.deleted_at IS NULL FROM collection_document m
    JOIN document d ON d.id = m.document_id"""
_LYING_IN = """SELECT r.id, d.id FROM root r CROSS JOIN document d
    ON d.path > rtrim(r.path, :sep) || :sep AND d.path < rtrim(r.path, :sep) || :sep || char(0x10ffff)
    WHERE r.id IN (SELECT root_id FROM collection_root) AND r.deleted_at IS NULL AND d.deleted_at IS NULL"""


class CollectionRows:
    """Collections in the store. `folded` is a name without what tells equal names apart; no two have the same."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Collection, ...]:
        """Every collection, by name."""
        db = self._vault.db
        named = db.execute("SELECT id, name FROM collection ORDER BY folded").fetchall()
        if not named:
            return ()
        put_in, there = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
        for collection_id, document_id, is_there in db.execute(_PUT_IN):
            put_in[collection_id].add(document_id)
            if is_there:
                there[collection_id].add(document_id)
        folders, lying_in = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
        for root_id, document_id in db.execute(_LYING_IN, {"sep": os.sep}):
            lying_in[root_id].add(document_id)
        for collection_id, root_id in db.execute("SELECT collection_id, root_id FROM collection_root"):
            folders[collection_id].add(root_id)
            there[collection_id] |= lying_in[root_id]
        return tuple(
            Collection(
                id=id_, name=name, documents=frozenset(there[id_]), put_in=frozenset(put_in[id_]),
                folders=frozenset(folders[id_]),
            )
            for id_, name in named
        )  # fmt: skip

    def make(self, name: str, folded: str) -> bool:
        """Make an empty one; False where another has that name."""
        with self._vault.writing() as db:
            return bool(_insert(db, None, name, folded))

    def rename(self, collection_id: int, name: str, folded: str) -> bool:
        """Call it otherwise; False where another has that name."""
        with self._vault.writing() as db:
            update = "UPDATE OR IGNORE collection SET name = ?, folded = ? WHERE id = ?"
            return bool(db.execute(update, (name, folded, collection_id)).rowcount)

    def delete(self, collection_id: int) -> None:
        """Forget it; what is in it stays."""
        with self._vault.writing() as db:
            db.execute("DELETE FROM collection WHERE id = ?", (collection_id,))

    def restore(self, collection: Collection, folded: str) -> bool:
        """Have it back with what was in it and is still there; False where another has its name by now."""
        with self._vault.writing() as db:
            there = bool(_insert(db, collection.id, collection.name, folded))
            if there:
                _add(db, collection.id, collection.put_in, collection.folders)
        return there

    def add(self, collection_id: int, documents: Iterable[int], folders: Iterable[int]) -> None:
        """Put documents and folders into it, those that are not in it yet."""
        with self._vault.writing() as db:
            _add(db, collection_id, documents, folders)

    def take_out(self, collection_id: int, documents: Iterable[int], folders: Iterable[int]) -> None:
        """Take out documents that were put in by themselves, and folders."""
        with self._vault.writing() as db:
            for member, ids in (("document", documents), ("root", folders)):
                for id_ in ids:
                    db.execute(
                        f"DELETE FROM collection_{member} WHERE collection_id = ? AND {member}_id = ?",
                        (collection_id, id_),
                    )


def _insert(db: Any, collection_id: int | None, name: str, folded: str) -> int:
    insert = "INSERT OR IGNORE INTO collection (id, name, folded) VALUES (?, ?, ?)"
    made: int = db.execute(insert, (collection_id, name, folded)).rowcount
    return made


def _add(db: Any, collection_id: int, documents: Iterable[int], folders: Iterable[int]) -> None:
    """What was erased meanwhile is passed over."""
    for member, ids in (("document", documents), ("root", folders)):
        for id_ in ids:
            db.execute(
                f"""INSERT OR IGNORE INTO collection_{member} (collection_id, {member}_id)
                    SELECT c.id, m.id FROM collection c, {member} m WHERE c.id = ? AND m.id = ?""",
                (collection_id, id_),
            )
