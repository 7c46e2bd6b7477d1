"""The lock that lets one program at a time write a data folder.

Held for life and released by the operating system when the program ends, however it ends.
"""

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
