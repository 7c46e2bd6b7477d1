"""Room on the disk that is held in reserve: given up to save a message when the disk is full, and taken again later."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

SIZE_BYTES = 32 * 2**20
SPARE_BYTES = 64 * 2**20  # left free for others when the room is taken again
_BLOCK = bytes(2**20)


class Reserve:
    """One file that holds nothing but its place. Every method from any thread."""

    def __init__(self, path: Path, size_bytes: int = SIZE_BYTES, spare_bytes: int = SPARE_BYTES) -> None:
        self._path = path
        self._size_bytes = size_bytes
        self._spare_bytes = spare_bytes
        self.used = False  # whether it was given up and is not there again

    def take(self) -> bool:
        """Hold the room, if it is not held already; False where the disk has not enough."""
        try:
            if self._path.exists() and self._path.stat().st_size >= self._size_bytes:
                self.used = False
                return True
            if shutil.disk_usage(self._path.parent).free < self._size_bytes + self._spare_bytes:
                return False
            part = self._path.with_name(f"{self._path.name}.part")
            with part.open("wb") as file:
                self._fill(file.fileno())
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError:  # full after all, or not to be written: what there is not, is not held
            with contextlib.suppress(OSError):
                self._path.with_name(f"{self._path.name}.part").unlink(missing_ok=True)
            return False
        self.used = False
        return True

    def give_up(self) -> bool:
        """Free the room; False where none was held."""
        self.used = True
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def _fill(self, handle: int) -> None:
        """Make the file really take its room; a hole in a file would hold none."""
        if sys.platform == "linux":
            os.posix_fallocate(handle, 0, self._size_bytes)
            return
        for _ in range(0, self._size_bytes, len(_BLOCK)):
            os.write(handle, _BLOCK)
