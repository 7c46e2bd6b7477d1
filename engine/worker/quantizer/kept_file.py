"""What a model expects, on the disk for the time in which another one is measured; sealed, for it tells of the text.

The key is drawn here and known to this process alone, so what a computer that loses its power leaves behind is noise.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from engine.errors import FileNotReadable, from_os_error
from engine.privacy.sealed_file import SealedDamaged, SealedFile, SealedWriter
from engine.worker.quantizer.likelihoods import Kept, room

KEY_BYTES = 32


def size_bytes(chunks: int, rows: int, vocabulary: int) -> int:
    """What so many pieces of a text take."""
    return chunks * rows * (2 * vocabulary + 8)


class KeptFile:
    """Takes the pieces of a text one after another, and gives them back in the same order."""

    def __init__(self, path: Path, rows: int, vocabulary: int) -> None:
        """For pieces of `rows` places each. Nothing is there yet."""
        self._path, self._secret = path, secrets.token_bytes(KEY_BYTES)
        self._rows, self._vocabulary = rows, vocabulary

    def write(self, chunks: int, fill: Callable[[int, Kept], None]) -> None:
        """Have `fill` put each piece where it is told to, and keep it. Raises `DiskFull`, `FileNotReadable`."""
        place = room(self._rows, self._vocabulary)
        total = size_bytes(chunks, self._rows, self._vocabulary)
        try:
            with SealedWriter(self._path, self._secret, {}, total) as file:
                for chunk in range(chunks):
                    fill(chunk, place)
                    for part in place:
                        file.add(part.tobytes())
                file.finish()
        except OSError as error:
            raise from_os_error(error, self._path.parent) from error

    def pieces(self) -> Iterator[Kept]:
        """Each piece, until the next one is asked for. Raises `FileNotReadable`."""
        place = room(self._rows, self._vocabulary)
        raw = memoryview(bytearray(size_bytes(1, self._rows, self._vocabulary)))
        filled = 0
        try:
            with SealedFile(self._path, self._secret) as file:
                for piece in file.pieces():
                    left = memoryview(piece)
                    while len(left):
                        took = min(len(left), len(raw) - filled)
                        raw[filled : filled + took] = left[:took]
                        filled, left = filled + took, left[took:]
                        if filled == len(raw):
                            filled = 0
                            yield _unpacked(raw, place)
        except SealedDamaged as error:
            raise FileNotReadable(path=str(self._path), why="it was changed by another program") from error
        except OSError as error:
            raise from_os_error(error, self._path) from error


def _unpacked(raw: memoryview, place: Kept) -> Kept:
    at = 0
    for part in place:
        part[...] = np.frombuffer(raw, part.dtype, part.size, at).reshape(part.shape)
        at += part.nbytes
    return place
