"""Opening a store that does not open by itself: asks at the terminal, or reads a file descriptor.

A passphrase is never an argument or a variable: other programs can read both.
"""

import os
import sys
from getpass import getpass

from engine.cli.printing import Screen
from engine.engine import Engine, Places, looks_like_recovery_code
from engine.errors import FileNotReadable, Locked, PassphraseWrong, RecoveryCodeWrong
from engine.ways import Unlock, WayIn

TRIES = 3
LONGEST_BYTES = 8192
ASKS = {
    WayIn.PASSPHRASE: "Passphrase: ",
    WayIn.RECOVERY: "Recovery code: ",
}


def open_engine(places: Places, passphrase_fd: int | None, screen: Screen) -> Engine:
    """The open engine, with what somebody types or a script hands over where that is needed.

    Raises as `Engine.open`; `Locked` where nobody can be asked.
    """
    try:
        return Engine.open(places)
    except Locked as locked:
        if passphrase_fd is not None:
            return Engine.open(places, unlock=_offered(read_secret(passphrase_fd), locked))
        if not sys.stdin.isatty():
            raise
        return _ask(places, locked, screen)


def _ask(places: Places, locked: Locked, screen: Screen) -> Engine:
    screen.complain(str(locked), "Type the recovery code in the passphrase's place if you have lost it.")
    prompt = ASKS[WayIn.PASSPHRASE if WayIn.PASSPHRASE in locked.ways else WayIn.RECOVERY]
    for left in reversed(range(TRIES)):
        try:
            text = getpass(prompt)
        except EOFError:
            break
        try:
            return Engine.open(places, unlock=_offered(text, locked))
        except (PassphraseWrong, RecoveryCodeWrong) as error:
            if not left:
                raise
            screen.complain(str(error))
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
