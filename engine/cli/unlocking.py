"""Opening a store that does not open by itself: asks at the terminal, or reads a file descriptor.

A passphrase is never an argument or a variable: other programs can read both.
"""

import os
import sys
from collections.abc import Callable
from getpass import getpass
from pathlib import Path
from typing import TypeVar

from engine.cli.printing import Screen, carry_out
from engine.engine import Cancel, Operation, looks_like_recovery_code
from engine.errors import FileNotReadable, Locked, PassphraseWrong, RecoveryCodeWrong
from engine.ways import Unlock, WayIn

TRIES = 3
LONGEST_BYTES = 8192
ASKS = {
    WayIn.PASSPHRASE: "Passphrase: ",
    WayIn.RECOVERY: "Recovery code: ",
}

Opened = TypeVar("Opened")


class Unlocking:
    """Opens `store`, a folder's or, where it is None, any backup's, with what somebody types or a script hands over.

    What was handed over is offered again where it is opened a second time, and nobody is asked twice.
    """

    def __init__(self, passphrase_fd: int | None, screen: Screen, store: Path | None = None) -> None:
        self._passphrase_fd, self._screen, self._store = passphrase_fd, screen, store
        self._unlock: Unlock | None = None

    def open(self, attempt: Callable[[Unlock | None], Opened]) -> Opened:
        """What `attempt` returns. Raises what it raises; `Locked` where nobody can be asked."""
        try:
            return attempt(self._unlock)
        except Locked as locked:
            if self._store is not None and locked.store != str(self._store):
                raise  # of a backup, which has another passphrase
            if self._passphrase_fd is not None:
                self._unlock = _offered(read_secret(self._passphrase_fd), locked)
                return attempt(self._unlock)
            if not sys.stdin.isatty():
                raise
            return self._ask(locked, attempt)

    def carry_out(self, start: Callable[[Unlock | None, Cancel], Operation[Opened]]) -> Opened:
        """The result of work that opens the folder by itself, with its progress shown. Raises as `open` does."""
        cancel = Cancel()
        done = self.open(lambda unlock: carry_out(start(unlock, cancel), cancel, self._screen.follow))
        self._screen.clear_progress()
        return done

    def _ask(self, locked: Locked, attempt: Callable[[Unlock | None], Opened]) -> Opened:
        self._screen.complain(str(locked), "Type the recovery code in the passphrase's place if you have lost it.")
        prompt = ASKS[WayIn.PASSPHRASE if WayIn.PASSPHRASE in locked.ways else WayIn.RECOVERY]
        for left in reversed(range(TRIES)):
            try:
                text = getpass(prompt)
            except EOFError:
                break
            self._unlock = _offered(text, locked)
            try:
                return attempt(self._unlock)
            except (PassphraseWrong, RecoveryCodeWrong) as error:
                if not left:
                    raise
                self._screen.complain(str(error))
        raise locked


def read_secret(descriptor: int) -> str:
    """What a script wrote to the descriptor, without the end of its line. Raises `FileNotReadable`."""
    pieces: list[bytes] = []
    try:
        while sum(map(len, pieces)) <= LONGEST_BYTES and (piece := os.read(descriptor, LONGEST_BYTES)):
            pieces.append(piece)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise FileNotReadable(path=f"file descriptor {descriptor}", why=why) from error
    return b"".join(pieces).decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def _offered(text: str, locked: Locked) -> Unlock:
    """A text that is a recovery code by its checksum is taken for one, any other for a passphrase."""
    only_code = WayIn.PASSPHRASE not in locked.ways
    way = WayIn.RECOVERY if only_code or looks_like_recovery_code(text) else WayIn.PASSPHRASE
    return Unlock(way=way, text=text, renew_keychain=locked.keychain_gone)
