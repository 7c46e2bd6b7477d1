"""Backups: whole copies of the store, each with the ways to its key, kept beside the data folder.

A backup is a folder with `hanare.db`, `keys.json` and `about.json`, which holds numbers only. It is made
under a passing name, opened and read from end to end, and only then given its own; so every
backup in the list is one that could be opened when it was made.
"""

import dataclasses
import json
import os
import shutil
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import NotFound, StoreUnreadable, from_os_error
from engine.events import Changed, Progressed
from engine.keeping.files import removed, size_of, synced, written
from engine.keeping.rotation import superfluous
from engine.kept import Backup, BackupKind, Restored, StoreCounts
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.privacy import key_file
from engine.privacy.destroying import entries_of
from engine.privacy.keys import Keys
from engine.store import Store
from engine.store.snapshot import copied, looked_into, opens_with
from engine.store.values import now
from engine.ways import Unlock

PART = ".part-"  # a backup that is being made, or was when the program ended
ABOUT = "about.json"
FORMAT = 1

KeyBy = Callable[[Places, Unlock | None], bytes]  # the key of a folder or a backup; raises as `open_key`


class Backups:
    """The backups of one data folder. Every method from any thread; one writes at a time, by the folder's lock."""

    def __init__(self, places: Places, key: bytes, key_by: KeyBy) -> None:
        """`key` opens the store; `key_by` finds the key of a backup that has one of its own."""
        self._places = places
        self._key, self._key_by = key, key_by

    def all(self) -> tuple[Backup, ...]:
        """Every backup, the newest first; what is no backup of ours is passed over."""
        return listed(self._places.backups)

    def get(self, name: str) -> Backup:
        """The backup of that name, "newest", or the one in the folder of that path. Raises `NotFound`."""
        backups = self.all()
        if name == "newest" and backups:
            return backups[0]
        for backup in backups:
            if backup.name == name:
                return backup
        found = _read(Path(name).expanduser().absolute())
        if found is None:
            raise NotFound(what="backup", which=name)
        return found

    @property
    def due(self) -> bool:
        """Whether today's backup has not been made yet."""
        return not any(each.kind is BackupKind.REGULAR and each.made_at[:10] == now()[:10] for each in self.all())

    def make(self, cancel: Cancel, kind: BackupKind = BackupKind.ASKED) -> Operation[Backup]:
        """Copy the store as it is now, and look whether the copy opens.

        Yields Progressed(unit="bytes") and Changed("backups"). Raises `DiskFull`, `FileNotReadable`,
        `StoreUnreadable` where the copy does not hold what the store does, `Cancelled`.
        """
        size = self._places.store.stat().st_size
        yield Progressed(done=0, total=size, unit="bytes")
        backup = self._made(kind, cancel.check)
        yield Progressed(done=size, total=size, unit="bytes")
        yield Changed(what="backups")
        return backup

    def before_migration(self) -> None:
        """Copy the store before its shape is changed. Raises as `make`."""
        self._made(BackupKind.UPDATE, lambda: None)

    def drop_superfluous(self) -> tuple[Backup, ...]:
        """Remove what has had its day; which that was."""
        gone = superfluous(self.all(), datetime.now(UTC))
        for backup in gone:
            removed(backup.path)
        return gone

    def remove(self, name: str) -> None:
        """Remove one backup. Raises `NotFound`, `FileNotReadable`."""
        backup = self.get(name)
        try:
            shutil.rmtree(backup.path)
        except OSError as error:
            raise from_os_error(error, backup.path) from error

    def take_ways(self, keys: Keys, entries: Collection[tuple[str, str]]) -> None:
        """Let the ways of today open every backup that one of these entries of a keychain opens.

        Raises `DiskFull`, `FileNotReadable`.
        """
        for backup in self.all():
            ways = Places(backup.path)
            if any(entry in entries_of(path) for path in (ways.keys, ways.keys_copy) for entry in entries):
                keys.give_to(ways)

    def restore(
        self, store: Store, name: str, cancel: Cancel, unlock: Unlock | None, opened: Callable[[], None]
    ) -> Operation[Restored]:
        """Put a backup in place of what the open `store` holds, which is backed up itself before.

        All or nothing: whoever reads meanwhile sees the old or the new. `opened` is called once the key is found,
        before anything is done. Yields as `make`, and Changed for all that is kept. Raises `NotFound`,
        `StoreTooNew` and as `key_of` and `make`.
        """
        backup = self.get(name)
        yield Progressed(done=0, total=3 * backup.size_bytes, unit="bytes", now=backup.name)
        key = self.key_of(backup, unlock)
        cancel.check()
        opened()
        before, aside = store.counts(), None
        if not before.empty:
            yield Progressed(done=backup.size_bytes, total=3 * backup.size_bytes, unit="bytes", now=backup.name)
            aside = self._made(BackupKind.RESTORE, cancel.check)
        cancel.check()  # from here on it is too late
        yield Progressed(done=2 * backup.size_bytes, total=3 * backup.size_bytes, unit="bytes", now=backup.name)
        after = store.bring_back(backup.path / self._places.store.name, key)
        for what in ("backups", "chats", "documents", "models", "settings"):
            yield Changed(what=what)
        return Restored(before=before, after=after, aside=aside)

    def key_of(self, backup: Backup, unlock: Unlock | None = None) -> bytes:
        """The key that opens a backup, which is read from end to end with it: today's, or that of its own ways.

        Raises `StoreUnreadable`, `StoreNotEncrypted`, and as `open_key`: `Locked` where its own ways need somebody, and
        `PassphraseWrong` or `RecoveryCodeWrong` for what is offered as `unlock`; their `store` is the backup's.
        """
        file = backup.path / self._places.store.name
        if not file.is_file():
            raise StoreUnreadable(store=str(file), why="the file is gone")
        key, ways = self._key, Places(backup.path)
        if not opens_with(file, key) and key_file.is_there(ways):
            # Never renewed: this computer's keychain is no way to a backup that came from another one.
            key = self._key_by(ways, unlock and dataclasses.replace(unlock, renew_keychain=False))
        looked_into(file, key)
        return key

    # Its own affairs.

    def _made(self, kind: BackupKind, check: Callable[[], None]) -> Backup:
        places, moment = self._places, now()
        name = f"{moment[:19].replace(':', '-')}Z-{kind.value}"
        part = places.backups / f"{PART}{name}"
        try:
            places.backups.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in places.backups.glob(f"{PART}*"):
                removed(left)
            part.mkdir(mode=0o700)
            return self._fill(part, kind, moment, check)
        except OSError as error:
            removed(part)
            raise from_os_error(error, places.backups) from error
        except BaseException:
            removed(part)
            raise

    def _fill(self, part: Path, kind: BackupKind, moment: str, check: Callable[[], None]) -> Backup:
        places = self._places
        file = part / places.store.name
        counts = copied(places.store, file, self._key, check)
        for keys in sorted(places.data.glob("keys*.json")):
            shutil.copy2(keys, part)
        check()
        if looked_into(file, self._key) != counts:
            raise StoreUnreadable(store=str(places.store), why="a backup of it does not hold what it holds")
        about = {"format": FORMAT, "kind": kind.value, "made_at": moment, "counts": dataclasses.asdict(counts)}
        written(part / ABOUT, json.dumps(about, indent=2) + "\n")
        for path in part.iterdir():
            os.chmod(path, 0o600)
            synced(path)
        synced(part)
        final = part.with_name(part.name.removeprefix(PART))
        if final.exists():  # made within the same second
            final = final.with_name(f"{final.name}-{os.urandom(2).hex()}")
        part.rename(final)
        synced(places.backups)
        backup = _read(final)
        assert backup is not None
        return backup


def listed(folder: Path) -> tuple[Backup, ...]:
    """Every backup in a folder, the newest first. No key is needed for that."""
    try:
        found = [_read(path) for path in folder.iterdir() if not path.name.startswith(PART)]
    except OSError:
        return ()  # no backup yet, or the disk they are on is not connected
    return tuple(sorted((each for each in found if each is not None), key=lambda each: each.made_at, reverse=True))


def _read(path: Path) -> Backup | None:
    """The backup in a folder; None where it holds none."""
    try:
        about: dict[str, Any] = json.loads((path / ABOUT).read_text(encoding="utf-8"))
        fields = {field.name for field in dataclasses.fields(StoreCounts)}
        counts = StoreCounts(**{name: int(value) for name, value in about["counts"].items() if name in fields})
        datetime.fromisoformat(about["made_at"])
        return Backup(
            name=path.name, path=path, kind=BackupKind(about["kind"]), made_at=about["made_at"],
            size_bytes=size_of(path), counts=counts,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
