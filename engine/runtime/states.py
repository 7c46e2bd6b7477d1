"""What models have read of chats, kept from one start to the next so that it need not be read again.

For each chat and model a row of encrypted files, below a folder of its own: what was read of the chat, stretch after
stretch, so that only what is new is written, and what was written counts though the rest was not. A file says what it
belongs to: the chat, the model's file as it was, how it was loaded, the build of llama.cpp, and what was said before
its stretch. One that does not belong, or is damaged, is never handed to a process: it is removed with those behind it,
and that much of the chat is read again. The least recently used chats go first where there is more than the person
gives room for, or where the disk is nearly full. A disk that refuses costs nothing but the state.
"""

import hashlib
import itertools
import os
import re
import shutil
import struct
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.errors import StateNotUsable
from engine.privacy.sealed_file import SealedDamaged, SealedFile, SealedWriter, shredded
from engine.types import KeptStates, Model

FORMAT = 2
FREE_SHARE, FREE_BYTES = 1 / 20, 5 << 30  # of a disk, left to everything else: the smaller of the two
SUFFIX = ".state"
_NAME = re.compile(r"(\d{1,18})-(\d{1,18})(?:\.(\d{1,6}))?\.state(\.part)?")
Marks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """All that a state depends on beside the tokens; where one differs, it is another state."""

    chat: int
    model: int
    file: str
    size_bytes: int
    mtime_ns: int
    sha256: str
    context_tokens: int
    how: str = ""  # what else the model was loaded with that changes what it remembers
    build: str = ""
    format: int = FORMAT


def belonging(chat: int, model: Model, context_tokens: int, how: str = "") -> Belonging:
    """What a state of this chat by this model belongs to. Raises OSError where the model's file is gone."""
    found = os.stat(model.path)
    return Belonging(
        chat=chat, model=model.id, file=model.path.name, size_bytes=found.st_size, mtime_ns=found.st_mtime_ns,
        sha256=model.sha256, context_tokens=context_tokens, how=how, build=_build(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What was read of `tokens`, which stand behind those `before`; it is the one of that `number`, counted from 0.

    `size_bytes` are all of it, those of the `marks` among them, which a state that cannot be divided has.
    """

    number: int = 0
    before: tuple[int, ...] = ()
    tokens: tuple[int, ...]
    size_bytes: int
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class KeptState:
    """A kept state, as it can be offered to a process: see `wire.Generate`. Its stretches lie in `paths`."""

    paths: tuple[Path, ...] = ()
    tokens: tuple[int, ...] = ()
    stretches: Marks = ()  # where each ends, and its bytes without those of marks
    marks: Marks = ()

    @property
    def size_bytes(self) -> int:
        """Of all of it."""
        return sum(size for _, size in (*self.stretches, *self.marks))

    @property
    def ends(self) -> tuple[int, ...]:
        """After how many tokens each stretch ends."""
        return tuple(end for end, _ in self.stretches)


@dataclass(slots=True)
class _Row:
    """The files of one chat and model: their sizes together, and when they were last used."""

    paths: list[Path] = field(default_factory=list)
    size_bytes: int = 0
    used_ns: int = 0


class States:
    """The kept states of one data folder. Every method from any thread."""

    def __init__(
        self,
        folder: Path,
        secret: bytes,
        room_bytes: Callable[[], int],
        troubled: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        """`room_bytes` is how much all may take, 0 for nothing at all; `troubled` hears of what could not be used."""
        self._folder, self._secret = folder, secret
        self._room_bytes, self._troubled = room_bytes, troubled
        self._lock = threading.Lock()  # one is written at a time
        self._erasures: dict[int, int] = {}  # of each chat: what was begun before one comes too late
        for path in self._files(".part"):
            self._remove(path)

    def find(self, of: Belonging) -> KeptState | None:
        """The state kept of a chat, or None. Raises `StateNotUsable` where none of it can be used; it is gone then."""
        found = KeptState()
        for number in itertools.count():
            path = self._path(of, number)
            try:
                more = _with(found, path, self._secret, of)
            except FileNotFoundError:
                break
            except (SealedDamaged, OSError, KeyError, TypeError, ValueError):
                error = self._unusable(path, "its file is damaged")
                if not number:
                    raise error from None
                break
            if more is None:
                if not number:
                    raise self._unusable(path, "the model or its settings are not the same any more")
                self._remove_from(of, number)  # of what was said before an edit
                break
            found = more
        return found if found.paths else None

    def pieces(self, state: KeptState) -> Iterator[bytes]:
        """The bytes of a state. Raises `StateNotUsable`; the file that is to blame is gone then."""
        for path in state.paths:
            try:
                with SealedFile(path, self._secret) as file:
                    yield from file.pieces()
                os.utime(path)
            except (SealedDamaged, OSError):
                raise self._unusable(path, "its file is damaged") from None

    def refused(self, state: KeptState) -> StateNotUsable:
        """llama.cpp did not take it: it is removed. What to tell."""
        for path in state.paths[1:]:
            self._remove(path)
        return self._unusable(state.paths[0], "the model did not accept it")

    def has_room(self, size_bytes: int) -> bool:
        """Whether a state of this size would be kept."""
        if size_bytes > self._room_bytes():
            return False
        with suppress(OSError):
            disk = shutil.disk_usage(self._folder.parent)
            return disk.free - size_bytes >= min(disk.total * FREE_SHARE, FREE_BYTES)
        return False

    def erasures(self, chat: int) -> int:
        """How often what is kept of a chat was erased so far: to be given to `keep`."""
        return self._erasures.get(chat, 0)

    def keep(self, of: Belonging, stretch: Stretch, pieces: Iterable[bytes], erasures: int = 0) -> bool:
        """Keep a stretch behind those before it, in place of what stood there; whether it is kept.

        What `pieces` raises is raised. Not where the chat was erased since there were so many `erasures`.
        """
        if of.chat <= 0:
            raise ValueError("a chat that is kept nowhere")
        path = self._path(of, stretch.number)
        about = {
            "of": asdict(of), "before": _digest(stretch.before), "tokens": list(stretch.tokens), "marks": stretch.marks,
        }  # fmt: skip
        with self._lock:
            self._remove_from(of, stretch.number + 1)
            kept = sum(path.stat().st_size for path in self._row(of, below=stretch.number))
            self.tidy(least=kept + stretch.size_bytes, but=(of.chat, of.model))
            if not self.has_room(kept + stretch.size_bytes):
                return False
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with SealedWriter(path, self._secret, about, stretch.size_bytes) as writer:
                    for piece in pieces:
                        writer.add(piece)
                    if self.erasures(of.chat) != erasures:
                        return False
                    writer.finish()
            except (OSError, ValueError) as error:  # a full disk, or a process that sent something else
                self._troubled(error)
                return False
            if self.erasures(of.chat) != erasures:
                self._remove(path)
                return False
            return True

    def forget(self, chat: int) -> None:
        """Remove what is kept of a chat that is no more."""
        self._erasures[chat] = self.erasures(chat) + 1
        self.tidy(doomed=lambda found: found == chat)

    def forget_others(self, chats: Collection[int]) -> None:
        """Remove what is kept of every chat but these."""
        for chat in {chat for chat, _ in self._rows()} - {*chats}:
            self.forget(chat)

    def clear(self) -> KeptStates:
        """Remove all; what that was."""
        before = self.total()
        self.forget_others(())
        return before

    def total(self) -> KeptStates:
        """How many chats something is kept of, and how much."""
        rows = self._rows()
        return KeptStates(
            chats=len({chat for chat, _ in rows}), size_bytes=sum(row.size_bytes for row in rows.values())
        )  # fmt: skip

    def tidy(
        self, least: int = 0, but: tuple[int, int] | None = None, doomed: Callable[[int], bool] = lambda _: False
    ) -> None:
        """Remove what is `doomed` by its chat, then the least recently used until the rest and `least` more bytes have
        room; `but` is the chat and the model that these are of."""
        rows = self._rows()
        for key in [key for key in rows if doomed(key[0])]:
            self._remove(*rows.pop(key).paths)
        room = self._room_bytes() - least
        others = {key: row for key, row in rows.items() if key != but}
        taken = sum(row.size_bytes for row in others.values())
        for row in sorted(others.values(), key=lambda row: row.used_ns):
            if taken > max(0, room):
                self._remove(*row.paths)
                taken -= row.size_bytes

    # Its own affairs.

    def _path(self, of: Belonging, number: int = 0) -> Path:
        return self._folder / f"{of.chat}-{of.model}{f'.{number}' if number else ''}{SUFFIX}"

    def _row(self, of: Belonging, below: int) -> list[Path]:
        """The files of the first stretches."""
        return [path for number in range(below) if (path := self._path(of, number)).exists()]

    def _rows(self) -> dict[tuple[int, int], _Row]:
        """What is kept, by chat and model."""
        rows: dict[tuple[int, int], _Row] = {}
        for path, (size_bytes, used_ns) in self._files().items():
            row = rows.setdefault(_of(path)[:2], _Row())
            row.paths.append(path)
            row.size_bytes += size_bytes
            row.used_ns = max(row.used_ns, used_ns)
        for row in rows.values():  # the last stretch first: what is left when this is cut short is a beginning
            row.paths.sort(key=_of, reverse=True)
        return rows

    def _files(self, end: str = SUFFIX) -> dict[Path, tuple[int, int]]:
        """Our files whose name ends so, with their sizes and when they were last used."""
        found = {}
        with suppress(OSError):
            for path in self._folder.iterdir():
                if _NAME.fullmatch(path.name) and path.name.endswith(end):
                    with suppress(OSError):
                        stat = path.stat()
                        found[path] = stat.st_size, stat.st_mtime_ns
        return found

    def _remove_from(self, of: Belonging, number: int) -> None:
        """Remove this stretch and those behind it."""
        row = self._rows().get((of.chat, of.model), _Row())
        self._remove(*(path for path in row.paths if _of(path)[2] >= number))

    def _remove(self, *paths: Path) -> None:
        for path in paths:
            try:
                shredded(path)
            except OSError as error:
                self._troubled(error)

    def _unusable(self, path: Path, why: str) -> StateNotUsable:
        """Remove a file and those behind it. What to tell."""
        chat, model, number = _of(path)
        row = self._rows().get((chat, model), _Row())
        self._remove(path, *(other for other in row.paths if _of(other)[2] > number))
        error = StateNotUsable(why=why)
        self._troubled(error)
        return error


def _with(found: KeptState, path: Path, secret: bytes, of: Belonging) -> KeptState | None:
    """A state with one stretch more; None where that one is of something else.

    Raises `SealedDamaged`, OSError, and as Python does for what is not as we write it.
    """
    with SealedFile(path, secret) as file:
        about = file.about
        if about["of"] != asdict(of) or about["before"] != _digest(found.tokens):
            return None
        marks = tuple((int(at), int(size)) for at, size in about["marks"])
        tokens = (*found.tokens, *map(int, about["tokens"]))
        size_bytes = file.size_bytes - sum(size for _, size in marks)
        return KeptState((*found.paths, path), tokens, (*found.stretches, (len(tokens), size_bytes)), marks)


def _digest(tokens: Sequence[int]) -> str:
    return hashlib.sha256(struct.pack(f"<{len(tokens)}i", *tokens)).hexdigest()


def _of(path: Path) -> tuple[int, int, int]:
    """Chat, model, and the number of the stretch."""
    found = _NAME.fullmatch(path.name)
    assert found
    return int(found[1]), int(found[2]), int(found[3] or 0)


def _build() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""
