"""The rows of folders that are kept in step, and which documents lie in which.

A document lies in the deepest added folder above it; that is told by its path and kept nowhere.
"""

import hashlib
import os
from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.store.vault import Vault
from engine.types import DocumentState, Folder


class FolderRows:
    """Folders in the store, those in the trash left out."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Folder, ...]:
        """Every folder, in the order they came."""
        rows = self._vault.db.execute(
            "SELECT id, path, added_at, scanned_at, rules, most_bytes, paused, away FROM root"
            " WHERE deleted_at IS NULL ORDER BY id"
        ).fetchall()
        counts = {row[1]: [0, 0] for row in rows}
        if counts:
            documents = self._vault.db.execute("SELECT path, state FROM document WHERE deleted_at IS NULL")
            for path, state in documents:
                if (top := deepest(path, counts)) is not None:
                    counts[top][0] += 1
                    counts[top][1] += state == DocumentState.FAILED
        return tuple(
            Folder(
                id=id_, path=Path(path), added_at=added_at, scanned_at=scanned_at, rules=rules, most_bytes=most,
                paused=bool(paused), away=bool(away), documents=counts[path][0], failed=counts[path][1],
            )
            for id_, path, added_at, scanned_at, rules, most, paused, away in rows
        )  # fmt: skip

    def add(self, folder: Path) -> None:
        """Remember a folder; one that is known already stays as it is."""
        with self._vault.writing() as db:
            db.execute(
                "INSERT INTO root (path, added_at) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET deleted_at = NULL",
                (str(folder), _now()),
            )

    def looked_at(self, there: Iterable[Path], away: Iterable[Path]) -> None:
        """These were looked through to the end; these were not there."""
        with self._vault.writing() as db:
            for folder in there:
                db.execute("UPDATE root SET scanned_at = ?, away = 0 WHERE path = ?", (_now(), str(folder)))
            for folder in away:
                db.execute("UPDATE root SET away = 1 WHERE path = ?", (str(folder),))

    def pause(self, folder_id: int, paused: bool) -> None:
        """Leave a folder alone, or keep it in step again."""
        with self._vault.writing() as db:
            db.execute("UPDATE root SET paused = ? WHERE id = ?", (int(paused), folder_id))

    def rule(self, folder_id: int, rules: str | None, most_bytes: int) -> None:
        """What is left out of a folder from now on."""
        with self._vault.writing() as db:
            db.execute("UPDATE root SET rules = ?, most_bytes = ? WHERE id = ?", (rules, most_bytes, folder_id))

    def remove(self, folder_id: int, moment: str) -> None:
        """Put a folder in the trash, and not what is in it."""
        with self._vault.writing() as db:
            db.execute("UPDATE root SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?", (moment, folder_id))

    def restore(self, folder_id: int) -> None:
        """Take a folder out of the trash."""
        with self._vault.writing() as db:
            db.execute("UPDATE root SET deleted_at = NULL WHERE id = ?", (folder_id,))

    def kept_out(self) -> "KeptOut":
        """The files that were erased from folders that are kept in step: a look does not bring them back."""
        return KeptOut({digest for (digest,) in self._vault.db.execute("SELECT path_sha256 FROM kept_out")})

    def let_in(self, paths: Iterable[Path]) -> None:
        """Whoever adds a file by hand wants it."""
        with self._vault.writing() as db:
            for path in paths:
                db.execute("DELETE FROM kept_out WHERE path_sha256 = ?", (_digest(path),))


class KeptOut:
    """Paths that are known by their hashes alone: a name that was erased is nowhere."""

    def __init__(self, digests: set[bytes]) -> None:
        self._digests = digests

    def __contains__(self, path: Path) -> bool:
        return bool(self._digests) and _digest(path) in self._digests


def deepest(path: str, folders: Container[str]) -> str | None:
    """The deepest of `folders` that `path` lies in, or is; None where it lies in none."""
    while path not in folders:
        above = os.path.dirname(path)
        if above == path:
            return None
        path = above
    return path


def bare(db: Any, documents: Sequence[str], left: str) -> list[int]:
    """The folders above `documents` (paths) that hold none of the paths that the statement `left` finds."""
    roots = {path: id_ for id_, path in db.execute("SELECT id, path FROM root")}
    touched = set().union(*(_above(path, roots) for path in documents))
    if touched:
        for (path,) in db.execute(left):
            touched.difference_update(_above(path, roots))
    return [roots[path] for path in touched]


def above(db: Any, documents: Sequence[str]) -> list[int]:
    """The folders above `documents` (paths), those in the trash too."""
    roots = {path: id_ for id_, path in db.execute("SELECT id, path FROM root")}
    return [roots[path] for path in set().union(*(_above(path, roots) for path in documents))]


def keep_out_of_folders(db: Any, documents: Sequence[str]) -> None:
    """Note those of `documents` (paths) that a look through a folder would find again."""
    roots = {path for (path,) in db.execute("SELECT path FROM root WHERE deleted_at IS NULL")}
    for path in documents:
        if deepest(path, roots) is not None:
            db.execute("INSERT OR IGNORE INTO kept_out (path_sha256) VALUES (?)", (_digest(Path(path)),))


def _above(path: str, folders: Container[str]) -> set[str]:
    found: set[str] = set()
    top = deepest(path, folders)
    while top is not None:
        found.add(top)
        higher = os.path.dirname(top)
        top = None if higher == top else deepest(higher, folders)
    return found


def _digest(path: Path) -> bytes:
    return hashlib.sha256(str(path).encode()).digest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
