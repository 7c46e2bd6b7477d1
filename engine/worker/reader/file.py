"""What a reader is given: a file of the disk, or one that lies in another file."""

import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.errors import DocumentDamaged
from engine.formats import MIB

SMALL_BYTES = 4 * MIB  # what is read at once, before the walls that keep from other files


@dataclass(frozen=True, slots=True)
class File:
    """`name` is how errors call it; `raw` is what it holds where it lies in another file and has no `path`."""

    name: str
    path: Path | None = None
    raw: bytes = b""

    @property
    def size_bytes(self) -> int:
        """How large it is."""
        return self.path.stat().st_size if self.path else len(self.raw)

    def open(self) -> IO[bytes]:
        """Open it for reading, from its beginning."""
        return self.path.open("rb") if self.path else io.BytesIO(self.raw)

    def damaged(self, called: str, why: str) -> DocumentDamaged:
        """The error that says why it is not a good file of the kind it is `called` in a sentence."""
        return DocumentDamaged(path=self.name, kind=called, why=why)

    def read(self) -> bytes:
        """All of it."""
        return self.path.read_bytes() if self.path else self.raw


def taken_in(path: Path) -> File:
    """A file of the disk; where it is small, what it holds, so that whoever reads it need not open anything."""
    try:
        raw = _small(path)
    except OSError:  # the reader meets it too, and says why
        raw = b""
    return File(str(path), raw=raw) if raw else File(str(path), path)


def _small(path: Path) -> bytes:
    """All of a small file; nothing of any other, and of what is no ordinary file: it may never end."""
    number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode) or status.st_size > SMALL_BYTES:
            return b""
        raw = os.read(number, status.st_size + 1)
        return raw if len(raw) == status.st_size else b""
    finally:
        os.close(number)
