"""The store's key: 32 random bytes, made once, and the ways to it.

A way keeps the key wrapped: under a random key that lies in the operating system's keychain, under
a passphrase, or under a recovery code. Where there is no keychain and no passphrase, the key lies
open in `keys.json`, readable by this user only. The keychain and the file open the store by
themselves; the others need somebody. A key is never made for a store that is already there.

The keychain is asked in two places: `_from_keychain` reads, `_into_keychain` writes.
"""

import contextlib
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from engine.errors import (
    AskNotPossible,
    DiskFull,
    FileNotReadable,
    KeychainRefused,
    KeyMissing,
    KeysTooNew,
    Locked,
    PassphraseTooWeak,
    PassphraseWrong,
    RecoveryCodeWrong,
)
from engine.events import Changed
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.privacy import key_file, keychain, recovery_code
from engine.privacy.key_file import Kept, Way
from engine.privacy.keychain import ANSWER_S, SILENT_S, Find, KeychainError, NotKept
from engine.ways import KeyWays, Unlock, WayIn

KEY_BYTES = 32
SHORTEST_PASSPHRASE = 8
LONGEST_PASSPHRASE = 1024


class _Opened(NamedTuple):
    """The key, and the way that gave it."""

    secret: bytes
    way: Way


class Keys:
    """The key of an open store and the ways to it. Changing a way never touches the store or the keychain."""

    def __init__(self, places: Places, secret: bytes, ways: Sequence[Way], opened_by: WayIn) -> None:
        self._places = places
        self.secret = secret
        self._ways = tuple(ways)
        self._opened_by = opened_by

    @property
    def ways(self) -> KeyWays:
        """Which ways there are."""
        present = [way["way"] for way in self._ways]
        names = [str(way.get("keychain", "")) for way in self._ways if way["way"] == WayIn.KEYCHAIN]
        return KeyWays(
            ways=tuple(way for way in WayIn if way in present),
            opened_by=self._opened_by,
            keychain=names[0] if names else "",
        )

    def set_passphrase(self, passphrase: str, cancel: Cancel) -> Operation[None]:
        """Let this passphrase, and no former one, open the store; the key no longer lies open in a file.

        Yields Changed("keys"). Raises `PassphraseTooWeak`, `DiskFull`, `FileNotReadable`, `Cancelled`.
        """
        from engine.privacy import wrapping

        refuse_weak(passphrase)
        cancel.check()
        wrap = wrapping.under_passphrase(self.secret, passphrase, WayIn.PASSPHRASE)
        cancel.check()
        self._keep([*self._without(WayIn.PASSPHRASE, WayIn.FILE), {"way": str(WayIn.PASSPHRASE), **wrap}])
        yield Changed(what="keys")

    def remove_passphrase(self) -> None:
        """Forget the passphrase. Where no keychain opens the store, the key lies in the file again.

        Raises `DiskFull`, `FileNotReadable`.
        """
        left = self._without(WayIn.PASSPHRASE)
        if not any(way["way"] in (WayIn.KEYCHAIN, WayIn.FILE) for way in left):
            left.append(_open_way(self.secret))
        self._keep(left)

    def leave_keychain(self) -> tuple[tuple[str, str], ...]:
        """Have every start ask: no keychain opens the store any more. The keychains' names, and what they still keep.

        Raises `AskNotPossible` without a passphrase and a recovery code, `DiskFull`, `FileNotReadable`.
        """
        for way, why in ((WayIn.PASSPHRASE, "there is no passphrase"), (WayIn.RECOVERY, "there is no recovery code")):
            if way not in self.ways.ways:
                raise AskNotPossible(store=str(self._places.store), why=why)
        left = [way for way in self._ways if way["way"] == WayIn.KEYCHAIN]
        self._keep(self._without(WayIn.KEYCHAIN, WayIn.FILE))
        return tuple((str(way["keychain"]), str(way["entry"])) for way in left)

    def take_keychain(self, find: Find) -> None:
        """Let this session's keychain open the store by itself.

        Raises `KeychainRefused`, `DiskFull`, `FileNotReadable`.
        """
        try:
            way = _into_keychain(self.secret, find)
        except KeychainError as error:
            raise KeychainRefused(store=str(self._places.store), why=str(error)) from error
        self._keep([way, *self._without(WayIn.KEYCHAIN, WayIn.FILE)])

    def give_to(self, backup: Places) -> None:
        """Let the ways of today, and no others, open a backup of this store. Raises `DiskFull`, `FileNotReadable`."""
        key_file.write(backup, self._ways)

    @staticmethod
    def new_recovery_code() -> str:
        """A new code to be written down. Nothing opens with it before `keep_recovery_code`."""
        return recovery_code.written(recovery_code.new())

    def keep_recovery_code(self, code: str) -> None:
        """Let this code, and no former one, open the store.

        Raises `RecoveryCodeWrong`, `DiskFull`, `FileNotReadable`.
        """
        from engine.privacy import wrapping

        wrap = wrapping.under_code(self.secret, _typed(self._places, code), WayIn.RECOVERY)
        self._keep([*self._without(WayIn.RECOVERY), {"way": str(WayIn.RECOVERY), **wrap}])

    def conceal(self, text: str) -> bytes:
        """The text so that only this store's key reads it again."""
        from engine.privacy import wrapping

        return wrapping.text_under_key(text, self.secret)

    def reveal(self, sealed: bytes) -> str:
        """The text that was concealed with the key of this store."""
        from engine.privacy import wrapping

        return wrapping.text_with_key(sealed, self.secret)

    def _without(self, *kinds: WayIn) -> list[Way]:
        return [way for way in self._ways if way["way"] not in kinds]

    def _keep(self, ways: Sequence[Way]) -> None:
        key_file.write(self._places, ways)
        self._ways = tuple(ways)


def open_key(places: Places, find: Find = keychain.found, unlock: Unlock | None = None) -> Keys:
    """The key of the store of `places`; a new one where there is neither a key nor a store.

    Without `unlock` only the ways that need nobody are tried. `find` gives the keychain of a name
    ("" for the one of this session). Raises `Locked`, `PassphraseWrong`, `RecoveryCodeWrong`,
    `KeyMissing`, `KeysTooNew`, `FileNotReadable`, `DiskFull`.
    """
    if not key_file.is_there(places):
        if places.store.exists():
            raise KeyMissing(store=str(places.store), why=f"{places.keys.name} is not beside it")
        return _made(places, find)
    kept = key_file.read(places)
    if unlock is None or unlock.way in (WayIn.KEYCHAIN, WayIn.FILE):
        opened = _by_itself(places, kept, find, patient=unlock is not None)
    elif unlock.way is WayIn.PASSPHRASE:
        opened = _by_passphrase(places, kept, unlock.text)
    else:
        opened = _by_code(places, kept, unlock.text)
    ways = _brought_up_to_date(kept, opened, find, renew=unlock is not None and unlock.renew_keychain)
    if not kept.whole or ways != list(kept.ways):
        # What cannot be written now is written at the next start; the ways there were still open the store.
        with contextlib.suppress(DiskFull, FileNotReadable, KeysTooNew):
            key_file.write(places, ways)
    return Keys(places, opened.secret, ways, WayIn(opened.way["way"]))


def refuse_weak(passphrase: str) -> None:
    """Raise `PassphraseTooWeak` for one that is too short to keep anybody out, or longer than anybody types."""
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise PassphraseTooWeak(why=f"the least is {SHORTEST_PASSPHRASE} characters")
    if len(passphrase) > LONGEST_PASSPHRASE:
        raise PassphraseTooWeak(why=f"the most is {LONGEST_PASSPHRASE} characters")


# --- the ways --------------------------------------------------------------------------------


def _by_itself(places: Places, kept: Kept, find: Find, *, patient: bool) -> _Opened:
    """The key by a way that needs nobody; `patient` gives a keychain time to ask the person."""
    others = [way["way"] for way in kept.ways if way["way"] in (WayIn.PASSPHRASE, WayIn.RECOVERY)]
    answer_s = ANSWER_S if patient or not others else SILENT_S
    gone = False
    why = f"{places.keys.name} names no way to it that this version knows"
    if others:
        why = "it opens with a passphrase" if WayIn.PASSPHRASE in others else "it opens with a recovery code"
    for way in kept.ways:
        try:
            if way["way"] == WayIn.KEYCHAIN:
                return _Opened(_from_keychain(way, find, answer_s), way)
            if way["way"] == WayIn.FILE:
                return _Opened(_whole(bytes.fromhex(way["key"])), way)
        except KeychainError as error:
            why, gone = str(error), isinstance(error, NotKept)
        except (KeyError, TypeError, ValueError):
            why = "what was found is not a key"
    if not others:
        raise KeyMissing(store=str(places.store), why=why)
    present = [way["way"] for way in kept.ways]
    left = tuple(way for way in (WayIn.KEYCHAIN, WayIn.PASSPHRASE, WayIn.RECOVERY) if way in present)
    raise Locked(store=str(places.store), why=why, ways=left, keychain_gone=gone)


def _by_passphrase(places: Places, kept: Kept, passphrase: str) -> _Opened:
    from engine.privacy import wrapping

    for way in kept.ways:
        if way["way"] == WayIn.PASSPHRASE:
            with contextlib.suppress(wrapping.NotOpened):
                return _Opened(wrapping.with_passphrase(way, passphrase, WayIn.PASSPHRASE), way)
    raise PassphraseWrong(store=str(places.store))


def _by_code(places: Places, kept: Kept, text: str) -> _Opened:
    from engine.privacy import wrapping

    code = _typed(places, text)
    for way in kept.ways:
        if way["way"] == WayIn.RECOVERY:
            with contextlib.suppress(wrapping.NotOpened):
                return _Opened(wrapping.with_code(way, code, WayIn.RECOVERY), way)
    why = "it belongs to another store, or a newer code took its place"
    raise RecoveryCodeWrong(store=str(places.store), why=why)


def _from_keychain(way: Way, find: Find, answer_s: float) -> bytes:
    """The key by the keychain. Raises `KeychainError`, or ValueError for what is no key."""
    found = find(way["keychain"])
    if found is None:
        raise NotKept(f"{way['keychain']}, which keeps it, is not to be had in this session")
    read = bytes.fromhex(found.read(way["entry"], answer_s))
    if "wrapped" not in way:  # format 1: the keychain keeps the key itself
        return _whole(read)
    from engine.privacy import wrapping

    try:
        return wrapping.with_key(way, read, WayIn.KEYCHAIN)
    except wrapping.NotOpened:
        raise KeychainError(f"what {found.name} keeps does not open it") from None


def _into_keychain(secret: bytes, find: Find, name: str = "") -> Way:
    """A new way by the keychain of this name, read back once. Raises `KeychainError`, also where there is none."""
    found = find(name)
    if found is None:
        raise NotKept(f"{name or 'a keychain'} is not to be had in this session")
    from engine.privacy import wrapping

    kek, entry = secrets.token_bytes(KEY_BYTES), secrets.token_hex(8)
    found.write(entry, kek.hex())
    kept = {"way": str(WayIn.KEYCHAIN), "keychain": found.name, "entry": entry}
    return kept | wrapping.under_key(secret, kek, WayIn.KEYCHAIN)


def _brought_up_to_date(kept: Kept, opened: _Opened, find: Find, *, renew: bool) -> list[Way]:
    """The ways as this version keeps them, none of them lost.

    The entry that format 1 left in the keychain stays there: an older copy of `keys.json` opens with it.
    """
    ways = list(kept.ways)
    with contextlib.suppress(KeychainError):  # the next start tries it again
        if opened.way["way"] == WayIn.KEYCHAIN and "wrapped" not in opened.way:
            ways[ways.index(opened.way)] = _into_keychain(opened.secret, find, opened.way["keychain"])
        elif renew and opened.way["way"] != WayIn.KEYCHAIN:
            ways.insert(0, _into_keychain(opened.secret, find))
    return ways


def _made(places: Places, find: Find) -> Keys:
    """Make a key and keep it before any store exists; a keychain that fails leaves it to the file."""
    secret = secrets.token_bytes(KEY_BYTES)
    try:
        way = _into_keychain(secret, find)
    except KeychainError:
        way = _open_way(secret)
    key_file.write(places, [way])
    return Keys(places, secret, [way], WayIn(way["way"]))


def _open_way(secret: bytes) -> Way:
    return {"way": str(WayIn.FILE), "key": secret.hex()}


def _whole(secret: bytes) -> bytes:
    if len(secret) != KEY_BYTES:
        raise ValueError("not a key")
    return secret


def _typed(places: Places, text: str) -> bytes:
    try:
        return recovery_code.typed(text)
    except recovery_code.CodeMistyped as error:
        raise RecoveryCodeWrong(store=str(places.store), why=str(error)) from None
