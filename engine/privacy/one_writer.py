"""The lock that lets one program at a time write a data folder.

Held for life and released by the operating system when the program ends, however it ends. A
second start asks the first to show itself by changing a file that the first one watches.
"""

import contextlib
import sys
from typing import IO

from engine.errors import AlreadyRunning, from_os_error
from engine.places import Places

if sys.platform == "win32":
    import msvcrt

    def _seize(file: IO[bytes]) -> None:
        """Lock the first byte; OSError where another holds it."""
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _seize(file: IO[bytes]) -> None:
        """Lock the file; OSError where another holds it."""
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class OneWriter:
    """Holds the lock of one data folder."""

    def __init__(self, places: Places) -> None:
        """Take the lock. Raises `AlreadyRunning`, `FileNotReadable`, `DiskFull`."""
        try:
            self._file = places.lock.open("ab")
            if not places.come_forward.exists():
                places.come_forward.write_text("0")
        except OSError as error:
            raise from_os_error(error, places.data) from error
        try:
            _seize(self._file)
        except OSError as error:
            self._file.close()
            raise AlreadyRunning(folder=str(places.data)) from error

    def release(self) -> None:
        """Let the next one in. Closing is enough for every operating system."""
        self._file.close()


def ask_to_come_forward(places: Places) -> None:
    """Have the program that holds `places` show its window, if it watches for that."""
    with contextlib.suppress(OSError, ValueError):  # it is a courtesy: there is nothing to do without it
        asked = int(places.come_forward.read_text())
        places.come_forward.write_text(str(asked + 1))  # in place: a watcher keeps watching the same file
