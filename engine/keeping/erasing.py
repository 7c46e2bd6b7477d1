"""Erasing everything: the keys first, so that what follows cannot be read even if it is cut off, then the files.

Only what Hanare made goes. A file of somebody else's in the folder stays and is named.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from engine.errors import FileMissing
from engine.events import Progressed
from engine.keeping.backups import PART, listed
from engine.keeping.files import size_of
from engine.kept import Erased
from engine.operation import Cancel, Operation
from engine.places import Places, led_here
from engine.privacy.destroying import destroy_ways, entries_of, forgotten
from engine.privacy.keychain import Find
from engine.privacy.one_writer import OneWriter

# What Hanare makes in a data folder, beside the ways to the key. The lock goes last.
_OURS = (
    "hanare.db", "hanare.db-wal", "hanare.db-shm", "hanare.db-journal", "hanare.db.part*", "reserve*", "window.ini*",
    "raise", "errors.log*", "crash.log", "private", "models", "built-in", "states", "damaged", "moved.json*",
    "moving.json*",
    "came-from.json*", "catalog-sizes.json*", "hub-token.json*",
)  # fmt: skip


def erase_everything(places: Places, with_backups: bool, cancel: Cancel, find: Find) -> Operation[Erased]:
    """Erase a data folder that nobody has open. There is no way back.

    Without `with_backups` the backups stay and so does what opens them in a keychain, but no access token. Once begun
    it cannot be stopped. Yields Progressed(unit="files"). Raises `AlreadyRunning`, `FileMissing`, and
    `FileNotReadable` where the keys resist.
    """
    if not places.data.is_dir():
        raise FileMissing(path=str(places.data))
    cancel.check()
    writer = OneWriter(places)
    try:
        return (yield from _erased(places, with_backups, find, writer.release))
    finally:
        writer.release()


def _erased(places: Places, with_backups: bool, find: Find, release: Callable[[], None]) -> Operation[Erased]:
    keep_entries = not with_backups and bool(listed(places.backups))
    for former in led_here(places.data):  # what would lead to nothing
        Places(former).moved.unlink(missing_ok=True)
        _remove_empty(former)
    folders = [places.data, *(_backup_folders(places) if with_backups else [])]
    for folder in folders:
        destroy_ways(folder, _no_keychain if keep_entries else find)
    forgotten(sorted(entries_of(places.hub_token)), find)  # it opens no backup; what stays is sealed, its key gone
    doomed = [path for pattern in _OURS for path in sorted(places.data.glob(pattern))] + folders[1:]
    files = size = 0
    for number, path in enumerate(doomed):
        yield Progressed(done=number, total=len(doomed), unit="files")
        count, taken = _gone(path)
        files, size = files + count, size + taken
    release()
    places.lock.unlink(missing_ok=True)
    for folder in (places.data, places.backups) if with_backups else (places.data,):
        _remove_empty(folder)
    yield Progressed(done=len(doomed), total=len(doomed), unit="files")
    left = [path for folder in (places.data, *folders[1:]) if folder.is_dir() for path in sorted(folder.iterdir())]
    remaining = 0 if with_backups else len(listed(places.backups))
    return Erased(files=files, size_bytes=size, left=tuple(left), backups=remaining)


def _no_keychain(_: str) -> None:
    return None


def _backup_folders(places: Places) -> list[Path]:
    """Every backup, and what was left of one that was never finished."""
    unfinished = sorted(path for path in places.backups.glob(f"{PART}*") if path.is_dir())
    return [backup.path for backup in listed(places.backups)] + unfinished


def _gone(path: Path) -> tuple[int, int]:
    """Remove a file or a folder; how many files that were and how large."""
    if path.is_dir() and not path.is_symlink():
        count, size = sum(1 for each in path.rglob("*") if each.is_file()), size_of(path)
        shutil.rmtree(path, ignore_errors=True)
        return count, size
    try:
        size = path.lstat().st_size
        path.unlink()
    except OSError:
        return 0, 0  # it is still there, and is named in the end
    return 1, size


def _remove_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return  # something is left in it, which is named
