"""What is done with a folder that nobody has open: moved, mended, erased; its key can be had, whatever the walls."""

from functools import partial
from pathlib import Path

from engine import keeping
from engine.keeping import listed
from engine.kept import Backup, Erased, Mended, Moved
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.privacy.keychain import Find
from engine.privacy.keys import Keys
from engine.privacy.one_writer import OneWriter
from engine.runtime.keychain_at_hand import KeychainAtHand
from engine.ways import Unlock


def moved(
    places: Places, to: Path, cancel: Cancel, *, unlock: Unlock | None = None, keys: Keys | None = None
) -> Operation[Moved]:
    """Move everything to another folder, all or nothing. Yields and raises as `keeping.moved`.

    Whoever had the folder open gives its `keys`; otherwise `Locked` is raised where the key needs an `unlock`.
    """
    by_itself = partial(KeychainAtHand(places.private).key_of, unlock=unlock)
    key_of = by_itself if keys is None else lambda _: keys.secret
    return keeping.moved(places, to, cancel, key_of)


def mended(
    places: Places,
    name: str,
    cancel: Cancel,
    *,
    unlock: Unlock | None = None,
    backup_unlock: Unlock | None = None,
    held: OneWriter | None = None,
) -> Operation[Mended]:
    """Put the backup `name` and what is readable in place of a damaged store. Yields and raises as `keeping.mended`.

    `Locked` is raised where the key needs an `unlock`, or that of the backup a `backup_unlock`: its `store` says which.
    """
    key_by = KeychainAtHand(places.private).key_of
    return keeping.mended(places, name, cancel, key_by, unlock=unlock, backup_unlock=backup_unlock, held=held)


def erase_everything(places: Places, with_backups: bool, cancel: Cancel, find: Find | None = None) -> Operation[Erased]:
    """Erase everything, the keys first. Yields and raises as `keeping.erase_everything`."""
    with KeychainAtHand(places.private, find) as at_hand:
        return (yield from keeping.erase_everything(places, with_backups, cancel, at_hand))


def newest_backup(places: Places) -> Backup | None:
    """The newest backup of a folder; no key is needed to list it."""
    return next(iter(listed(places.backups)), None)
