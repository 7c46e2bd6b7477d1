"""What a reader is given: a file of the disk, or one that lies in another file."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.errors import DocumentDamaged


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
