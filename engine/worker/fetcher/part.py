"""The unfinished file on disk: what has arrived, and the journal by which a later fetch goes on.

`KEY.part` is as long as the whole file from the start, so that a full disk is found before
anything is fetched. `KEY.json` says of which version the bytes are and how many of them are
surely on the disk; it is written only after they are.
"""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path
from types import TracebackType

from engine.errors import DiskFull
from engine.worker.fetcher.hub import Announced

KEEP_EVERY_BYTES, KEEP_EVERY_S = 8 << 20, 2.0  # what a kill may cost, whichever is less
READ_BYTES = 1 << 22
ROOM_LEFT_BYTES = 64 << 20  # a disk is not filled to its last byte


class Part:
    """An unfinished file, open for writing. `done` bytes of it are here."""

    def __init__(self, folder: Path, key: str, announced: Announced, more_bytes: int = 0) -> None:
        """Open what there is of this very version, or begin.

        Raises OSError, and `DiskFull` where there is no room for the whole and `more_bytes` that follow it.
        """
        self._path = folder / f"{key}.part"
        self._journal = folder / f"{key}.json"
        self._announced, self._more_bytes = announced, more_bytes
        self._hash = hashlib.sha256()
        self._told, self._told_at = self._journalled(), time.monotonic()
        self.done = 0
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._file = os.open(self._path, flags, 0o600)
        try:
            self._make_room()
        except BaseException:
            self.discard()
            raise

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def resume(self) -> None:
        """Read again what an earlier fetch brought, to go on with its hash."""
        while self.done < self._told:
            piece = os.read(self._file, min(READ_BYTES, self._told - self.done))
            if not piece:
                break
            self._hash.update(piece)
            self.done += len(piece)

    def rewind(self, at: int) -> None:
        """Go on from byte `at`: the present place, or the beginning."""
        if at == self.done:
            return
        os.lseek(self._file, 0, os.SEEK_SET)
        self._hash, self.done, self._told = hashlib.sha256(), 0, 0

    def write(self, piece: bytes) -> None:
        """Add what arrived. Raises `DiskFull` as OSError."""
        view = memoryview(piece)
        while view:
            view = view[os.write(self._file, view) :]
        self._hash.update(piece)
        self.done += len(piece)
        if self.done - self._told >= KEEP_EVERY_BYTES or time.monotonic() - self._told_at >= KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Put what is here onto the disk, then say so in the journal."""
        os.fsync(self._file)
        self._told, self._told_at = self.done, time.monotonic()
        fields = {
            "url": self._announced.url, "etag": self._announced.etag, "sha256": self._announced.sha256,
            "commit": self._announced.commit, "size_bytes": self._announced.size_bytes, "done": self.done,
        }  # fmt: skip
        fresh = self._journal.with_suffix(".json.new")
        fresh.write_text(json.dumps(fields), encoding="utf-8")
        os.replace(fresh, self._journal)

    def git_sha1(self) -> str:
        """The hash by which git names this content. Source: "Git Objects" in the Pro Git book."""
        digest = hashlib.sha1(f"blob {self.done}\0".encode(), usedforsecurity=False)
        os.lseek(self._file, 0, os.SEEK_SET)
        while piece := os.read(self._file, READ_BYTES):
            digest.update(piece)
        return digest.hexdigest()

    def digest(self) -> str:
        """The SHA-256 of what is here."""
        return self._hash.hexdigest()

    def finish(self, path: Path) -> Path:
        """Give the complete file its name; both are on the disk when this returns."""
        os.ftruncate(self._file, self.done)
        os.fsync(self._file)
        self._close()
        os.replace(self._path, path)
        self._journal.unlink(missing_ok=True)
        _sync_folder(path.parent)
        return path

    def discard(self) -> None:
        """Throw away what is here."""
        self._close()
        self._path.unlink(missing_ok=True)
        self._journal.unlink(missing_ok=True)

    # Its own affairs.

    def _journalled(self) -> int:
        """How many bytes of this version an earlier fetch left; 0 if of another, or none."""
        try:
            kept = json.loads(self._journal.read_text(encoding="utf-8"))
            same = kept["etag"] == self._announced.etag and kept["size_bytes"] == self._announced.size_bytes
            done = int(kept["done"]) if same else 0
            return done if 0 <= done <= min(self._announced.size_bytes, self._path.stat().st_size) else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _make_room(self) -> None:
        """Claim the whole size now. Raises `DiskFull`."""
        size_bytes = self._announced.size_bytes
        found = os.fstat(self._file)
        here_bytes = getattr(found, "st_blocks", 0) * 512
        if shutil.disk_usage(self._path.parent).free + here_bytes < size_bytes + self._more_bytes + ROOM_LEFT_BYTES:
            raise DiskFull(where=str(self._path.parent))
        if hasattr(os, "posix_fallocate") and size_bytes:
            os.posix_fallocate(self._file, 0, size_bytes)

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _sync_folder(folder: Path) -> None:
    """Make the renaming last through a power cut; Windows has no such call and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
