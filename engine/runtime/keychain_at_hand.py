"""The keychain, whatever walls there are: asked here, or by a process of its own once the walls are shut.

    with KeychainAtHand(private) as find:
        keys = open_key(places, find, unlock)

The process is started when a keychain is first looked for, and ended with the block. One block at a time: another
thread's waits for its end.
"""

import dataclasses
import threading
from pathlib import Path
from types import TracebackType

from engine import wire
from engine.errors import EngineError
from engine.operation import Cancel
from engine.places import Places
from engine.privacy import keychain
from engine.privacy.keychain import ANSWER_S, Find, Keychain, KeychainError, NotKept
from engine.privacy.keys import open_key
from engine.runtime.process import Process
from engine.walls import Walls, is_shut
from engine.ways import Unlock

MODULE = "engine.worker.keychain"


class KeychainAtHand:
    """Gives what finds keychains for as long as its block lasts."""

    def __init__(self, private: Path, find: Find | None = None, module: str = "") -> None:
        """With `find` that one is used, whatever the walls."""
        self._private, self._find, self._module = private, find, module or MODULE
        self._process: Process | None = None
        self._in_use = threading.Lock()
        self.walls: tuple[Walls, ...] = ()  # of the process, once it has ended

    def __enter__(self) -> Find:
        self._in_use.acquire()
        if self._find is not None:
            return self._find
        return self.find_far if is_shut() else keychain.found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._process is not None:
                self._process.close()
                self.walls = tuple(dataclasses.replace(walls, ended=True) for walls in self._process.walls)
        finally:
            self._process = None
            self._in_use.release()

    def key_of(self, places: Places, unlock: Unlock | None = None) -> bytes:
        """The key of a folder or of a backup, by itself or by what somebody offers. Raises as `open_key`."""
        with self as find:
            return open_key(places, find, unlock).secret

    def find_far(self, name: str) -> Keychain | None:
        """The keychain of that name, asked by the process. Raises `KeychainError`."""
        found = self.ask(wire.AskKeychain(do="find", keychain=name)).keychain
        return _Far(found, self) if found else None

    def ask(self, request: wire.AskKeychain) -> wire.KeychainAnswered:
        """What the process answers. Raises `KeychainError`."""
        try:
            if self._process is None:
                self._process = Process("keychain", self._module, private=self._private)
            (answer,) = self._process.ask(request, Cancel())
        except EngineError as error:
            raise KeychainError(f"the keychain could not be asked ({error.code})") from error
        assert isinstance(answer, wire.KeychainAnswered)
        if answer.refused:
            raise (NotKept if answer.gone else KeychainError)(answer.refused)
        return answer


class _Far:
    """A keychain that the process asks."""

    def __init__(self, name: str, at_hand: KeychainAtHand) -> None:
        self.name, self._at_hand = name, at_hand

    def read(self, entry: str, answer_s: float | None = None) -> str:
        wait_s = ANSWER_S if answer_s is None else answer_s
        return self._asked(wire.AskKeychain(do="read", keychain=self.name, entry=entry, answer_s=wait_s)).secret

    def write(self, entry: str, secret: str) -> None:
        self._asked(wire.AskKeychain(do="write", keychain=self.name, entry=entry, secret=secret))

    def forget(self, entry: str) -> None:
        self._asked(wire.AskKeychain(do="forget", keychain=self.name, entry=entry))

    def _asked(self, request: wire.AskKeychain) -> wire.KeychainAnswered:
        answer = self._at_hand.ask(request)
        if not answer.keychain:
            raise NotKept(f"{self.name} is not to be had any more")
        return answer
