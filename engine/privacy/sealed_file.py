"""A large file in pieces that only who has the key can read, written whole or not at all.

What it is about comes first, as JSON, then pieces of `PIECE_BYTES`, the last one shorter. Each is sealed by itself
with AES-256-GCM, so that neither side ever holds more than one; the key is drawn from the store's key and a salt of
the file's own (HKDF), the number of the piece is its nonce. So a piece that was changed, moved, left out or taken from
another file does not open. How many there are follows from the size, which the first part names.
"""

import json
import os
import secrets
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAGIC = b"hanare sealed 1\n"
SALT_BYTES, KEY_BYTES, TAG_BYTES = 32, 32, 16
PIECE_BYTES = 1 << 20
MOST_ABOUT_BYTES = 16 << 20
_LENGTH = struct.Struct("<I")
_START = len(MAGIC) + SALT_BYTES + _LENGTH.size


class SealedDamaged(Exception):
    """Not a sealed file, or not whole, or sealed with another key; which of them cannot be told."""


class SealedWriter:
    """Writes one. `add` pieces until `size_bytes` have come, then `finish`; leaving without it leaves no trace."""

    def __init__(self, path: Path, secret: bytes, about: dict[str, Any], size_bytes: int) -> None:
        """Begin beside `path`, which stays as it is until the end. Raises OSError."""
        salt, text = secrets.token_bytes(SALT_BYTES), json.dumps({"about": about, "size_bytes": size_bytes}).encode()
        self._path, self._part = path, part_of(path)
        self._cipher, self._number = _cipher(secret, salt), 0
        self._left, self._waiting = size_bytes, bytearray()
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._file.write(MAGIC + salt + _LENGTH.pack(len(text)) + self._sealed(text))

    def __enter__(self) -> "SealedWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._file.closed:
            with suppress(OSError):
                self._file.close()
            with suppress(OSError):
                self._part.unlink()

    def add(self, data: bytes) -> None:
        """The next bytes, any number. Raises OSError, and `ValueError` for more than was announced."""
        if len(data) > self._left:
            raise ValueError(f"{len(data)} bytes where {self._left} are left")
        self._left -= len(data)
        self._waiting += data
        at = 0
        while len(self._waiting) - at >= PIECE_BYTES:
            self._file.write(self._sealed(memoryview(self._waiting)[at : at + PIECE_BYTES]))
            at += PIECE_BYTES
        self._waiting = self._waiting[at:]

    def finish(self) -> None:
        """Onto the disk and in place. Raises OSError, and `ValueError` where something has not come."""
        if self._left:
            raise ValueError(f"{self._left} bytes have not come")
        if self._waiting:
            self._file.write(self._sealed(self._waiting))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        os.replace(self._part, self._path)

    def _sealed(self, data: bytes | bytearray | memoryview) -> bytes:
        sealed = self._cipher.encrypt(_nonce(self._number), data, MAGIC)
        self._number += 1
        return sealed


class SealedFile:
    """Reads one: what it is `about` at once, the rest piece by piece."""

    def __init__(self, path: Path, secret: bytes) -> None:
        """Open it. Raises `SealedDamaged`, OSError."""
        self._file = path.open("rb", buffering=0)
        try:
            head = self._read(_START)
            if not head.startswith(MAGIC):
                raise SealedDamaged
            length = _LENGTH.unpack_from(head, _START - _LENGTH.size)[0] + TAG_BYTES
            if length > MOST_ABOUT_BYTES:
                raise SealedDamaged
            self._cipher = _cipher(secret, head[len(MAGIC) : len(MAGIC) + SALT_BYTES])
            said = json.loads(self._opened(0, self._read(length)))
            self.about: dict[str, Any] = said["about"]
            self.size_bytes: int = said["size_bytes"]
            pieces = -(-self.size_bytes // PIECE_BYTES)
            if os.fstat(self._file.fileno()).st_size != _START + length + self.size_bytes + pieces * TAG_BYTES:
                raise SealedDamaged
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "SealedFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def pieces(self) -> Iterator[bytes]:
        """What it holds, in pieces of at most `PIECE_BYTES`. Once only. Raises `SealedDamaged`, OSError."""
        for number, start in enumerate(range(0, self.size_bytes, PIECE_BYTES), start=1):
            yield self._opened(number, self._read(min(PIECE_BYTES, self.size_bytes - start) + TAG_BYTES))

    def _read(self, size: int) -> bytes:
        """So many bytes. Raises `SealedDamaged` where there are fewer."""
        found = self._file.read(size)
        while len(found) < size and (more := self._file.read(size - len(found))):
            found += more
        if len(found) < size:
            raise SealedDamaged
        return found

    def _opened(self, number: int, sealed: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(_nonce(number), sealed, MAGIC)
        except InvalidTag as error:
            raise SealedDamaged from error


def part_of(path: Path) -> Path:
    """Where a file is while it is being written."""
    return path.with_name(f"{path.name}.part")


def shredded(path: Path) -> None:
    """Remove one: its salt is written over first, so that what a disk keeps of it opens with no key. Raises OSError."""
    with suppress(OSError), path.open("r+b") as file:  # what may not be written over can still be removed
        file.seek(len(MAGIC))
        file.write(bytes(SALT_BYTES))
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)


def _cipher(secret: bytes, salt: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # a store that is opened needs none of it
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"hanare sealed file").derive(secret))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")
