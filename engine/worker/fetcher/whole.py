"""The hash of a whole file that comes in pieces in any order: it follows where all before is here.

What it reads was written a moment ago and is still in memory, so the disk is not asked for it again.
"""

import hashlib
import threading
from collections.abc import Set as AbstractSet
from pathlib import Path


class Whole:
    """SHA-256 of a file, and git's own hash where it is wanted; follows on a thread of its own from `start` on."""

    def __init__(self, path: Path, piece_bytes: int, size_bytes: int, *, git: bool) -> None:
        """Source of git's hash: "Git Objects" in the Pro Git book."""
        self._path, self._piece_bytes, self._size_bytes = path, piece_bytes, size_bytes
        self._sha256 = hashlib.sha256()
        self._git = hashlib.sha1(f"blob {size_bytes}\0".encode(), usedforsecurity=False) if git else None
        self._next = 0
        self._here: AbstractSet[int] = frozenset()
        self._changed = threading.Condition()
        self._stopped = False
        self._error: OSError | None = None
        self._thread = threading.Thread(target=self._follow, name="hash", daemon=True)

    def take(self, number: int, piece: bytes) -> None:
        """Before `start`: a piece that was read anyway; of use where it is the next."""
        if number == self._next:
            self._add(piece)

    def start(self) -> None:
        """Follow from here on."""
        self._thread.start()

    def go_on_to(self, here: AbstractSet[int]) -> None:
        """These pieces are here."""
        with self._changed:
            self._here = here
            self._changed.notify_all()

    def stop(self) -> None:
        """Follow no longer."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def digests(self) -> tuple[str, str]:
        """SHA-256 and git's hash ("" unless wanted), when all is here. Raises OSError."""
        if self._thread.ident is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error
        return self._sha256.hexdigest(), self._git.hexdigest() if self._git else ""

    # Its own affairs.

    def _follow(self) -> None:
        try:
            with self._path.open("rb", buffering=0) as file:
                file.seek(self._next * self._piece_bytes)
                while self._next * self._piece_bytes < self._size_bytes:
                    with self._changed:
                        self._changed.wait_for(lambda: self._stopped or self._next in self._here)
                        if self._stopped:
                            return
                    self._add(file.read(self._piece_bytes) or b"")
        except OSError as error:
            self._error = error

    def _add(self, piece: bytes) -> None:
        self._sha256.update(piece)
        if self._git:
            self._git.update(piece)
        self._next += 1
