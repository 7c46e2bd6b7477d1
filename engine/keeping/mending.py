"""A store that cannot be opened any more: kept as it is, and a new one made from a backup and what is readable.

The new store is made whole beside the damaged one and then takes its place by one renaming.
"""

import os
import shutil
from pathlib import Path

from engine.errors import from_os_error
from engine.events import Progressed
from engine.keeping.backups import Backups, KeyBy
from engine.keeping.files import synced
from engine.kept import Mended
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.privacy.one_writer import OneWriter
from engine.store import Store
from engine.store.salvage import salvaged
from engine.store.values import now
from engine.ways import Unlock


def mended(
    places: Places,
    name: str,
    cancel: Cancel,
    key_by: KeyBy,
    *,
    unlock: Unlock | None,
    backup_unlock: Unlock | None,
    held: OneWriter | None,
) -> Operation[Mended]:
    """Keep the damaged store aside, restore the backup `name` in its place, add what can be read of the damaged one.

    Nothing is deleted. `key_by` gives the key with `unlock`, once the folder is held, and with `backup_unlock` that of
    a backup with a key of its own; who holds the folder already gives `held`. Yields Progressed(unit="bytes"). Raises
    `AlreadyRunning`, `NotFound`, `DiskFull`, `FileNotReadable`, what `key_by` and `Backups.key_of` do, and
    `StoreUnreadable` for a backup that is damaged too.
    """
    writer = held or OneWriter(places)
    try:
        key = key_by(places, unlock)
        backups = Backups(places, key, key_by)
        backup = backups.get(name)
        backup_key = backups.key_of(backup, backup_unlock)
        yield Progressed(done=0, total=2 * backup.size_bytes, unit="bytes", now=backup.name)
        cancel.check()
        part = places.store.with_name(f"{places.store.name}.part")
        try:
            aside = _kept_aside(places)
            _remove(part)
            store = Store(part, key)
            try:
                store.bring_back(backup.path / places.store.name, backup_key)
            finally:
                store.close()
            yield Progressed(done=backup.size_bytes, total=2 * backup.size_bytes, unit="bytes", now=backup.name)
            added, unreadable = salvaged(aside / places.store.name, part, key)
            _put_in_place(part, places.store)
        except OSError as error:
            raise from_os_error(error, places.data) from error
        opened = Store(places.store, key)
        try:
            after = opened.counts()
        finally:
            opened.close()
        return Mended(after=after, salvaged=added, unreadable=unreadable, damaged=aside, backup=backup)
    finally:
        if held is None:
            writer.release()


def _kept_aside(places: Places) -> Path:
    """A copy of the damaged store and its log, which nothing ever deletes by itself."""
    aside = places.damaged / now()[:19].replace(":", "-")
    aside.mkdir(parents=True, mode=0o700)
    for path in _files(places.store):
        synced(Path(shutil.copy2(path, aside)))
    synced(aside)
    return aside


def _put_in_place(part: Path, store: Path) -> None:
    synced(part)
    for path in _files(store)[1:]:  # an old log must never be read into the new file
        path.unlink()
    os.replace(part, store)
    synced(store.parent)
    _remove(part)


def _files(store: Path) -> list[Path]:
    names = (store.name, f"{store.name}-wal", f"{store.name}-shm", f"{store.name}-journal")
    return [path for path in (store.with_name(name) for name in names) if path.exists()]


def _remove(store: Path) -> None:
    for path in _files(store):
        path.unlink()
