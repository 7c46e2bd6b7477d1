"""Which pieces of an unfinished file are whole, each with a check of its bytes.

A head says of which file the pieces are; a record follows for each piece that is whole. A record that is torn or
changed does not count, and no other suffers from it. A piece is believed only where its bytes on the disk say the
same as its record, so it does not matter which of the two the disk took first.
"""

import hashlib
import os
import struct
import zlib
from pathlib import Path

_MARK = b"pieces 2"
_HEAD_BYTES = len(_MARK) + 32
_RECORD = struct.Struct("<I16sI")  # the piece's number, the check of its bytes, the CRC-32 of both
CHECK_BYTES = 16


def check_of(piece: bytes = b"") -> "hashlib.blake2b":
    """The check of a piece, to go on with as more of it comes."""
    return hashlib.blake2b(piece, digest_size=CHECK_BYTES)


class Journal:
    """The file beside an unfinished one. `found` are the records that were there when it was opened."""

    def __init__(self, path: Path, of: str) -> None:
        """Open or begin the journal of the file that `of` identifies.

        `another` tells that it was of another one, and is begun anew. Raises OSError.
        """
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)
        self._head = _MARK + hashlib.sha256(of.encode()).digest()
        content = self._file.readall() or b""
        self.another = bool(content) and content[:_HEAD_BYTES] != self._head
        self.found: dict[int, bytes] = {}
        if content[:_HEAD_BYTES] == self._head:
            whole = len(content) - (len(content) - _HEAD_BYTES) % _RECORD.size
            self.found = dict(_records(content[_HEAD_BYTES:whole]))
            self._file.truncate(whole)
            self._file.seek(whole)
        else:
            self.begin()

    def begin(self) -> None:
        """Forget every piece."""
        self.found = {}
        self._file.seek(0)
        self._file.truncate()
        self._file.write(self._head)

    def add(self, number: int, check: bytes) -> None:
        """A piece is whole. Raises OSError."""
        head = _RECORD.pack(number, check, 0)[:-4]
        self._file.write(head + zlib.crc32(head).to_bytes(4, "little"))

    def sync(self) -> None:
        """Have the disk take what was added. Raises OSError."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def _records(content: bytes) -> list[tuple[int, bytes]]:
    return [
        (number, check)
        for number, check, crc in _RECORD.iter_unpack(content)
        if crc == zlib.crc32(_RECORD.pack(number, check, 0)[:-4])
    ]
