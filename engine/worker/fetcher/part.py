"""The unfinished file on disk: room for the whole from the start, filled piece by piece in any order.

`KEY.part` is as long as the whole file, so that a full disk is found before anything is fetched; `KEY.journal`
says which pieces of it are whole. No other name is given to it before the whole has been checked.
"""

import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from engine.errors import NoRoomForDownload
from engine.worker.fetcher.hub import Announced
from engine.worker.fetcher.journal import Journal, check_of
from engine.worker.fetcher.whole import Whole

PIECE_BYTES = 1 << 20  # what each connection may lose to a kill
SYNC_BYTES, SYNC_S = 32 << 20, 2.0  # what a power cut may cost, whichever is less
ROOM_LEFT_BYTES = 64 << 20  # a disk is not filled to its last byte
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class Part:
    """An unfinished file. `keep` and the writers from any thread, the rest from one."""

    def __init__(self, folder: Path, key: str, file: str, announced: Announced) -> None:
        """Open what there is of this very version, or begin. `file` is its name on the hub. Raises OSError."""
        self.path, self._journal_path = folder / f"{key}.part", folder / f"{key}.journal"
        self.file, self.announced = file, announced
        self.size_bytes = announced.size_bytes
        (folder / f"{key}.json").unlink(missing_ok=True)  # how earlier versions kept the same
        self._handle = os.open(self.path, _FLAGS, 0o600)
        try:
            self._journal = Journal(self._journal_path, f"{announced.etag}\n{self.size_bytes}\n{PIECE_BYTES}")
        except BaseException:
            os.close(self._handle)
            raise
        self.changed = self._journal.another  # what was here is of another version of the file
        self.begun = bool(self._journal.found)
        self._lock = threading.Lock()
        self._here: set[int] = set()
        self._done = 0
        self._left: dict[int, tuple[int, hashlib.blake2b]] = {}  # pieces in whose middle a connection broke
        self._synced, self._synced_at = 0, time.monotonic()
        self.whole = Whole(self.path, PIECE_BYTES, self.size_bytes, git=bool(announced.git_sha1))

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def done(self) -> int:
        """How many bytes are here, in whole pieces."""
        return self._done

    @property
    def complete(self) -> bool:
        """Whether all are."""
        return self._done == self.size_bytes

    def lacks_bytes(self) -> int:
        """The room on the disk that the file does not have yet."""
        found = os.fstat(self._handle)
        return max(0, self.size_bytes - getattr(found, "st_blocks", found.st_size // 512) * 512)

    def reserve(self) -> None:
        """Take the room for the whole file. Raises `NoRoomForDownload`, OSError."""
        if not self.size_bytes:
            return
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._handle, 0, self.size_bytes)
            os.ftruncate(self._handle, self.size_bytes)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise no_room((self,), self.path.parent) from error
            if error.errno == errno.EFBIG:
                why = "it takes no file so large"
                raise NoRoomForDownload(
                    file=self.file, need_bytes=self.size_bytes, where=str(self.path.parent), why=why
                ) from error
            raise

    def resume(self, moved: Callable[[int], None]) -> int:
        """Read again what an earlier fetch brought; how many pieces were damaged since.

        Tells `moved` how many bytes were found whole. Raises OSError.
        """
        damaged = 0
        with self.path.open("rb", buffering=0) as file:
            for number, check in sorted(self._journal.found.items()):
                if not 0 <= number * PIECE_BYTES < self.size_bytes:
                    continue
                file.seek(number * PIECE_BYTES)
                piece = file.read(self._length(number)) or b""
                if check_of(piece).digest() != check:
                    damaged += 1
                    continue
                self.whole.take(number, piece)
                self._here.add(number)
                self._done += len(piece)
                moved(self._done)
        return damaged

    def follow(self) -> None:
        """Reckon the hash of the whole from here on, as pieces come."""
        self.whole.go_on_to(self._here)
        self.whole.start()

    def missing(self) -> list[tuple[int, int]]:
        """The stretches that are not here, each from byte to byte."""
        stretches: list[tuple[int, int]] = []
        for number in range(-(-self.size_bytes // PIECE_BYTES)):
            if number in self._here:
                continue
            start = number * PIECE_BYTES
            end = start + self._length(number)
            if stretches and stretches[-1][1] == start:
                stretches[-1] = (stretches[-1][0], end)
            else:
                stretches.append((start, end))
        return stretches

    def writer(self, start: int) -> "Writer":
        """Puts what one connection brings into its place, from where a piece begins, or its rest. Raises OSError."""
        at, check = self._left.pop(start // PIECE_BYTES, (start, check_of()))
        return Writer(self, start, at, check)

    def writer_of_all(self) -> "Writer":
        """The same for all of the file, in one stream. Raises OSError."""
        self._left.clear()
        return self.writer(0)

    def leave(self, at: int, check: "hashlib.blake2b") -> None:
        """A piece has come up to byte `at`; its rest is asked for in this process, or all of it in a later one."""
        self._left[at // PIECE_BYTES] = at, check

    def has(self, number: int) -> bool:
        """Whether this piece is here."""
        return number in self._here

    def keep(self, number: int, check: bytes, length: int) -> None:
        """A piece is in its place. Raises OSError."""
        with self._lock:
            self._journal.add(number, check)
            self._here.add(number)
            self._done += length
        self.whole.go_on_to(self._here)

    def sync(self) -> None:
        """Have the disk take what has come, where there is enough of it. Raises OSError."""
        waits_bytes = self._done - self._synced
        if waits_bytes and (waits_bytes >= SYNC_BYTES or time.monotonic() - self._synced_at >= SYNC_S):
            done = self._done
            os.fsync(self._handle)
            self._journal.sync()
            self._synced, self._synced_at = done, time.monotonic()

    def finish(self, path: Path) -> None:
        """Give the complete file its name; both are on the disk when this returns. Raises OSError."""
        os.ftruncate(self._handle, self.size_bytes)
        os.fsync(self._handle)
        self.close()
        os.replace(self.path, path)
        self._journal_path.unlink(missing_ok=True)
        _sync_folder(path.parent)

    def discard(self) -> None:
        """Throw away what is here."""
        self.close()
        self.path.unlink(missing_ok=True)
        self._journal_path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let the files go."""
        self.whole.stop()
        if self._handle >= 0:
            os.close(self._handle)
            self._journal.close()
            self._handle = -1

    def _length(self, number: int) -> int:
        return min(PIECE_BYTES, self.size_bytes - number * PIECE_BYTES)


class Writer:
    """Where one connection writes. `at` is the byte that comes next, `whole_to` up to where all is whole."""

    def __init__(self, part: Part, start: int, at: int, check: "hashlib.blake2b") -> None:
        """For `Part.writer`. Raises OSError."""
        self._part, self.whole_to, self.at = part, start, at
        self._check = check  # of what has come of this piece
        self._file = part.path.open("r+b", buffering=0)
        self._file.seek(at)

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if self.at > self.whole_to:
            self._part.leave(self.at, self._check)

    def write(self, content: bytes) -> None:
        """Add what arrived; pieces that are here already are passed over. Raises OSError."""
        view = memoryview(content)
        while view:
            number = self.at // PIECE_BYTES
            start, end = number * PIECE_BYTES, min((number + 1) * PIECE_BYTES, self._part.size_bytes)
            some = view[: end - self.at]
            view = view[len(some) :]
            if self._part.has(number):
                self._pass_over(len(some), end)
                continue
            self._check.update(some)
            self.at += len(some)
            while some:
                some = some[self._file.write(some) :]
            if self.at == end:
                self._part.keep(number, self._check.digest(), end - start)
                self.whole_to, self._check = end, check_of()

    def _pass_over(self, length: int, end: int) -> None:
        self.at += length
        self._file.seek(self.at)
        if self.at == end:
            self.whole_to, self._check = end, check_of()


def no_room(parts: Iterable[Part], folder: Path, more_bytes: int = 0) -> NoRoomForDownload:
    """That these do not fit, with the numbers."""
    parts = tuple(parts)
    need_bytes = sum(part.lacks_bytes() for part in parts) + more_bytes
    free_bytes = max(0, shutil.disk_usage(folder).free - ROOM_LEFT_BYTES)
    return NoRoomForDownload(
        file=parts[0].file, need_bytes=need_bytes, where=str(folder), why=f"{free_bytes:,} bytes can be given to it"
    )


def _sync_folder(folder: Path) -> None:
    """Make the renaming last through a power cut; Windows has no such call and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
