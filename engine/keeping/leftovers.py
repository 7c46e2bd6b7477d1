"""What a move that was cut off leaves behind, and taking it away at the next start.

Two small files say what is to be done. `moving.json` in the old folder, from before the first copy to the switch: the
copies, which nobody uses. `moved.json` there, from the switch on: where everything is, and which files of the old
place are still to be removed. Only files that are named are removed, so nothing goes that was put there since.
"""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.errors import AlreadyRunning, FileNotReadable
from engine.keeping.files import removed, written
from engine.places import Places, led_here
from engine.privacy.one_writer import OneWriter


def begun(places: Places, target: Places, part: Path, backups: Sequence[Path]) -> None:
    """Copying to `part`, which becomes `target`, and of the `backups` begins. Raises `DiskFull`, `FileNotReadable`."""
    said = {"part": str(part), "to": str(target.data), "backups": list(map(str, backups))}
    written(places.moving, json.dumps(said) + "\n")
    part.mkdir(parents=True, exist_ok=True, mode=0o700)
    written(Places(part).moving, json.dumps({"from": str(places.data)}) + "\n")


def switched(places: Places, target: Places) -> None:
    """From now on the new place is in use; what lies in the old one is to be removed. Raises as `begun`."""
    folders = [places.data] + ([places.backups] if places.backups != target.backups else [])
    old = [str(path) for folder in folders for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file()]
    written(places.moved, json.dumps({"to": str(target.data), "remove": old}) + "\n")
    target.moving.unlink(missing_ok=True)


def removed_old(places: Places) -> tuple[Path, ...]:
    """Take away what is in use no more in a place that was left; what would not go, which is tried again later."""
    said = _read(places.moved)
    doomed = [Path(path) for path in said.get("remove", ()) if Path(path) != places.moved]
    if doomed:
        _unlink(doomed, (places.data, places.backups))
        said["remove"] = [str(path) for path in doomed if os.path.lexists(path)]
        with suppress(FileNotReadable):  # then the list stays as it was, and the next start looks again
            written(places.moved, json.dumps(said) + "\n")
    return tuple(path for path in doomed if os.path.lexists(path))


def finish_moves(places: Places) -> None:
    """Take away what moves that were cut off left: of one from here that came to nothing, and of those that led here.

    The folder is held by whoever calls. What will not go, or is on a disk that is not there, waits for the next start.
    """
    said = _read(places.moving)
    if "part" in said:
        removed(Path(said["part"]))
        _unlink(map(Path, said["backups"]), (Places(Path(said["to"])).backups,))
        _remove_unused(Places(Path(said["to"])), places)
    with suppress(OSError):
        places.moving.unlink(missing_ok=True)
    for former in led_here(places.data):
        removed_old(Places(former))


def _remove_unused(target: Places, places: Places) -> None:
    """Remove a copy that has its name already and that nobody has ever opened."""
    if _read(target.moving).get("from") != str(places.data):
        return
    try:
        writer = OneWriter(target)
    except (AlreadyRunning, FileNotReadable):
        return  # somebody uses it: then it is theirs
    writer.release()
    removed(target.data)


def _unlink(paths: Iterable[Path], folders: Sequence[Path]) -> None:
    """Remove these files, then the folders below and with `folders` that are empty."""
    for path in paths:
        with suppress(OSError):
            path.unlink()
    for folder in folders:
        for each in [*sorted(folder.rglob("*"), reverse=True), folder]:
            if each.is_dir() and not each.is_symlink():
                with suppress(OSError):
                    each.rmdir()


def _read(path: Path) -> dict[str, Any]:
    """What such a file says; nothing where it is not there or not whole."""
    try:
        said: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said
