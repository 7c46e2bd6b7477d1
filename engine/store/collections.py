"""The rows of collections: named groups of documents and of folders that are kept in step.

What lies in a folder is told by its path, so that what comes into it later is in its collections too.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from engine.store.vault import Vault
from engine.types import Collection

_MEMBERS = """SELECT m.collection_id, d.id FROM collection_document m
    JOIN document d ON d.id = m.document_id WHERE d.deleted_at IS NULL
    UNION
    SELECT m.collection_id, d.id FROM collection_root m JOIN root r ON r.id = m.root_id
    JOIN document d ON substr(d.path, 1, length(rtrim(r.path, :sep)) + 1) = rtrim(r.path, :sep) || :sep
    WHERE d.deleted_at IS NULL AND r.deleted_at IS NULL"""


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
        documents = _grouped(db.execute(_MEMBERS, {"sep": os.sep}))
        put_in = _grouped(db.execute("SELECT collection_id, document_id FROM collection_document"))
        folders = _grouped(db.execute("SELECT collection_id, root_id FROM collection_root"))
        return tuple(
            Collection(id=id_, name=name, documents=documents[id_], put_in=put_in[id_], folders=folders[id_])
            for id_, name in named
        )

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


def _grouped(rows: Iterable[tuple[int, int]]) -> defaultdict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for collection_id, member in rows:
        found[collection_id].add(member)
    return defaultdict(frozenset, {id_: frozenset(members) for id_, members in found.items()})
