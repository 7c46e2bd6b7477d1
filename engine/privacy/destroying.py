"""Destroying the ways to a key: the keychain's entries, then the files of ways, written over and removed.

After that the store is noise, whatever copies of its pages a disk may still keep.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from engine.errors import from_os_error
from engine.privacy.keychain import Find, KeychainError

PATTERNS = ("keys*.json", ".keys*")  # both copies, and what a program that was killed left of them


def destroy_ways(folder: Path, find: Find) -> tuple[str, ...]:
    """Destroy every way in a folder; the names of keychains that would not forget their part.

    A key that only a keychain's remnant could open is gone all the same: the wrapped half is destroyed.
    Raises `FileNotReadable`.
    """
    files = sorted({path for pattern in PATTERNS for path in folder.glob(pattern) if path.is_file()})
    entries = {entry for path in files for entry in entries_of(path)}
    for path in files:
        _overwrite(path)
    return forgotten(sorted(entries), find)


def forgotten(entries: Iterable[tuple[str, str]], find: Find) -> tuple[str, ...]:
    """Have keychains forget these entries, given with their names; the names of those that would not."""
    return tuple(dict.fromkeys(name for name, entry in entries if not _forgotten(find, name, entry)))


def entries_of(path: Path) -> set[tuple[str, str]]:
    """The keychains and entries that a file of ways names; none where it is damaged."""
    try:
        said: Any = json.loads(path.read_bytes())
        return {(str(way["keychain"]), str(way["entry"])) for way in said["ways"] if "entry" in way}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _forgotten(find: Find, name: str, entry: str) -> bool:
    try:
        keychain = find(name)
        if keychain is None:
            return False
        keychain.forget(entry)
    except KeychainError:
        return False
    return True


def _overwrite(path: Path) -> None:
    try:
        size = path.stat().st_size
        # What may not be written over can still be removed.
        with contextlib.suppress(OSError), path.open("r+b") as file:
            file.write(os.urandom(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except OSError as error:
        raise from_os_error(error, path) from error
