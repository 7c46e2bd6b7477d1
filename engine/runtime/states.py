"""What models have read of chats, kept from one start to the next so that it need not be read again.

One encrypted file for each chat and model, below a folder of its own. A file says what it belongs to: the chat, the
model's file as it was, how it was loaded, the build of llama.cpp. One that does not belong, or is damaged, is never
handed to a process: it is removed, and the chat is read again. The least recently used go first where there are more
than the person gives room for, or where the disk is nearly full. A disk that refuses costs nothing but the state.
"""

import os
import re
import shutil
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from engine.errors import StateNotUsable
from engine.privacy.sealed_file import SealedDamaged, SealedFile, SealedWriter, shredded
from engine.types import KeptStates, Model

FORMAT = 1
FREE_SHARE, FREE_BYTES = 1 / 20, 5 << 30  # of a disk, left to everything else: the smaller of the two
SUFFIX = ".state"
_NAME = re.compile(r"(\d{1,18})-(\d{1,18})\.state(\.part)?")
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


@dataclass(frozen=True, slots=True)
class KeptState:
    """A kept state, as it can be offered to a process: see `wire.Generate`."""

    path: Path
    tokens: tuple[int, ...]
    size_bytes: int
    marks: Marks


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
        """The state kept of a chat, or None. Raises `StateNotUsable` where it cannot be used; it is gone then."""
        path = self._path(of.chat, of.model)
        if not path.exists():
            return None
        try:
            with SealedFile(path, self._secret) as file:
                about = file.about
                if about["of"] != asdict(of):
                    raise self._unusable(path, "the model or its settings are not the same any more")
                marks = tuple((int(at), int(size)) for at, size in about["marks"])
                return KeptState(path, tuple(map(int, about["tokens"])), file.size_bytes, marks)
        except FileNotFoundError:
            return None
        except (SealedDamaged, OSError, KeyError, TypeError, ValueError):
            raise self._unusable(path, "its file is damaged") from None

    def pieces(self, state: KeptState) -> Iterator[bytes]:
        """The bytes of a state. Raises `StateNotUsable`; the file is gone then."""
        try:
            with SealedFile(state.path, self._secret) as file:
                yield from file.pieces()
            os.utime(state.path)
        except (SealedDamaged, OSError):
            raise self._unusable(state.path, "its file is damaged") from None

    def refused(self, state: KeptState) -> StateNotUsable:
        """llama.cpp did not take it: it is removed. What to tell."""
        return self._unusable(state.path, "the model did not accept it")

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

    def keep(
        self,
        of: Belonging,
        tokens: Sequence[int],
        marks: Marks,
        size_bytes: int,
        pieces: Iterable[bytes],
        erasures: int = 0,
    ) -> bool:
        """Keep a state in place of the one before; whether it is kept. What `pieces` raises is raised.

        Not where the chat was erased since there were so many `erasures`.
        """
        if of.chat <= 0:
            raise ValueError("a chat that is kept nowhere")
        path = self._path(of.chat, of.model)
        about = {"of": asdict(of), "tokens": list(tokens), "marks": marks}
        with self._lock:
            self.tidy(least=size_bytes, but=path)
            if not self.has_room(size_bytes):
                return False
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with SealedWriter(path, self._secret, about, size_bytes) as writer:
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
        for path in self._files():
            if _chat(path) not in chats:
                self.forget(_chat(path))

    def clear(self) -> KeptStates:
        """Remove all; what that was."""
        before = self.total()
        self.forget_others(())
        return before

    def total(self) -> KeptStates:
        """How many chats something is kept of, and how much."""
        files = self._files()
        return KeptStates(
            chats=len({_chat(path) for path in files}), size_bytes=sum(size for size, _ in files.values())
        )  # fmt: skip

    def tidy(self, least: int = 0, but: Path | None = None, doomed: Callable[[int], bool] = lambda _: False) -> None:
        """Remove what is `doomed` by its chat, then the least recently used until the rest, `but` one, and `least`
        more bytes have room."""
        files = self._files()
        for path in [path for path in files if doomed(_chat(path))]:
            self._remove(path)
            del files[path]
        room = self._room_bytes() - least
        taken = sum(size for path, (size, _) in files.items() if path != but)
        for path in sorted(files, key=lambda path: files[path][1]):
            if path != but and taken > max(0, room):
                self._remove(path)
                taken -= files[path][0]

    # Its own affairs.

    def _path(self, chat: int, model: int) -> Path:
        return self._folder / f"{chat}-{model}{SUFFIX}"

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

    def _remove(self, path: Path) -> None:
        try:
            shredded(path)
        except OSError as error:
            self._troubled(error)

    def _unusable(self, path: Path, why: str) -> StateNotUsable:
        self._remove(path)
        error = StateNotUsable(why=why)
        self._troubled(error)
        return error


def _chat(path: Path) -> int:
    found = _NAME.fullmatch(path.name)
    assert found
    return int(found[1])


def _build() -> str:
    try:
        return version("llama-cpp-python")
    except PackageNotFoundError:
        return ""
