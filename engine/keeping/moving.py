"""Moving everything to another folder, all or nothing.

Copied under a passing name, read again and compared, opened; renamed; then a small file in the old folder says
where everything is, and that writing is the switch. Before it the old folder is in use and whole, after it the new one.
What a move that was cut off leaves behind is removed at the next start: see `leftovers`.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import TextNotAccepted, from_os_error
from engine.events import Progressed
from engine.keeping.files import removed, synced, written
from engine.keeping.leftovers import begun, finish_moves, removed_old, switched
from engine.kept import Moved
from engine.operation import Cancel, Operation
from engine.places import Places, led_here
from engine.privacy.one_writer import OneWriter
from engine.store import Store
from engine.store.snapshot import looked_into

_STAYS = {
    "lock",
    "raise",
    "private",
    "built-in",
    "moved.json",
    "moving.json",
    "reserve",
}  # what is made anew wherever it is
_BLOCK = 1024 * 1024


def moved(places: Places, to: Path, cancel: Cancel, key_of: Callable[[Places], bytes]) -> Operation[Moved]:
    """Move a data folder that nobody has open, and its backups, to a folder that is not there yet or is empty.

    A Stop before the switch leaves everything where it was. `key_of` gives the key, once the folder is held.
    Yields Progressed(unit="bytes"). Raises `AlreadyRunning`, `TextNotAccepted`, `DiskFull`, `FileNotReadable`,
    `StoreUnreadable`, `Cancelled`, and what `key_of` does.
    """
    target = Places(Path(os.path.abspath(to.expanduser())))
    _refuse(places, target)
    writer = OneWriter(places)
    part = target.data.with_name(f"{target.data.name}.part")
    try:
        finish_moves(places)
        key = key_of(places)
        Store(places.store, key).close()  # what its log holds is in the file from here on
        removed(part)
        pairs = list(_pairs(places.data, part))
        if places.backups != target.backups:
            pairs += list(_pairs(places.backups, target.backups))
        total, done = sum(source.stat().st_size for source, _ in pairs), 0
        begun(places, target, part, [copy for _, copy in pairs if not copy.is_relative_to(part)])
        for source, copy in pairs:
            cancel.check()
            yield Progressed(done=done, total=total, unit="bytes", now=source.name)
            _copy(source, copy)
            done += source.stat().st_size
        looked_into(part / places.store.name, key)
        cancel.check()
        former = [str(path) for path in (*led_here(places.data), places.data)]
        written(Places(part).came_from, json.dumps({"from": former}) + "\n")
        if target.data.is_dir():
            target.data.rmdir()
        part.rename(target.data)
        synced(target.data.parent)
        switched(places, target)
    except OSError as error:
        raise from_os_error(error, target.data) from error
    finally:
        if not places.moved.exists():
            finish_moves(places)
        writer.release()
    return Moved(data=target.data, files=len(pairs), size_bytes=total, left=removed_old(places))


def _refuse(places: Places, target: Places) -> None:
    why = ""
    if target.data.exists() and (not target.data.is_dir() or any(target.data.iterdir())):
        why = "there is something in it"
    elif target.data.is_relative_to(places.data) or places.data.is_relative_to(target.data):
        why = "one folder would be inside the other"
    elif not target.data.parent.is_dir():
        why = "the folder above it is not there"
    if why:
        raise TextNotAccepted(what="The new place", value=str(target.data), why=why)


def _pairs(folder: Path, copy: Path) -> Iterator[tuple[Path, Path]]:
    """Every file to copy, and where to."""
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_file() and below.parts[0] not in _STAYS:
            yield path, copy / below


def _copy(source: Path, copy: Path) -> None:
    """Copy one file to the disk and compare what stands there."""
    copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copy2(source, copy)
    synced(copy)
    synced(copy.parent)
    if _hash(source) != _hash(copy):
        raise OSError(None, "what was copied is not what was read")


def _hash(path: Path) -> bytes:
    running = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            running.update(block)
    return running.digest()
