"""Hears from the operating system which files change below some folders; the only file that knows watchfiles.

The system may forget to tell: of a folder made with others inside it tells only the outermost, of a drive in the
network nothing that another computer does. What is heard hurries a look; looks decide.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import psutil

from engine.formats import kind_of

_ADDED, _DELETED = 1, 3  # watchfiles.Change
_STEP_MS = 2  # a question is answered within some milliseconds
_FAR = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "ncpfs", "fuse.sshfs", "fuse.rclone"}


class Watcher:
    """Watches from when it is made until it is closed."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Those that cannot be watched are in `unheard`. It may take seconds for a great many folders."""
        from watchfiles._rust_notify import RustNotify, WatchfilesRustInternalError  # with the first folder

        far = _far()
        self.folders = tuple(folders)
        self._watches: list[RustNotify] = []
        unheard = []
        for folder in folders:
            if any(folder.is_relative_to(mount) for mount in far):
                unheard.append(folder)
                continue
            try:
                self._watches.append(RustNotify([str(folder)], False, False, 0, True, False))  # True: no error is told
            except (OSError, WatchfilesRustInternalError):  # not there, closed, or the system watches all it will
                unheard.append(folder)
        self.unheard = tuple(unheard)

    def touched(self) -> set[Path]:
        """What changed since it was last asked: files of kinds that are read, new folders, and whatever is gone."""
        found = set()
        for watch in self._watches:
            changes = watch.watch(_STEP_MS, _STEP_MS, _STEP_MS, None)
            if isinstance(changes, set):
                found |= {Path(path) for kind, path in changes if _matters(kind, path)}
        return found

    def close(self) -> None:
        """Watch no more."""
        for watch in self._watches:
            watch.close()
        self._watches = []


def _far() -> list[Path]:
    """Where drives in the network are."""
    try:
        return [Path(one.mountpoint) for one in psutil.disk_partitions(all=True) if one.fstype in _FAR]
    except OSError:  # then watching will fail as well, where it does not help
        return []


def _matters(kind: int, path: str) -> bool:
    return kind == _DELETED or kind_of(Path(path)) is not None or (kind == _ADDED and os.path.isdir(path))
