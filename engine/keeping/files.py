"""Writing and removing so that a power cut leaves the old or the new: files synced, folders too."""

import os
import shutil
from pathlib import Path

from engine.errors import from_os_error


def synced(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on the disk. Raises what the system raises."""
    if os.name != "posix" and path.is_dir():
        return  # there a folder cannot be opened, and its names are kept with the files
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def written(path: Path, text: str) -> None:
    """Write a small file whole or not at all. Raises `DiskFull`, `FileNotReadable`."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        synced(part)
        os.replace(part, path)
        synced(path.parent)
    except OSError as error:
        raise from_os_error(error, path) from error


def removed(folder: Path) -> None:
    """Remove a folder of ours with all that is in it; what will not go is left for the next time."""
    shutil.rmtree(folder, ignore_errors=True)


def size_of(folder: Path) -> int:
    """How much the files in a folder take."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
