"""The hub's access token that a person wants kept: in the operating system's keychain, and nowhere else.

What lies in the keychain is sealed with the key of the store, so that neither another program of the same person nor
a keychain that does not forget gives the token away. Beside the store a small file, `hub-token.json`, names the
keychain and the entry, for erasing everything needs them without a key. It never holds the token.
"""

import json
import secrets
from pathlib import Path
from typing import NoReturn

from engine.errors import TextNotAccepted, TokenKeychainRefused, from_os_error
from engine.events import Changed
from engine.keeping.files import written
from engine.models.download import Wanted
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.privacy.keychain import SILENT_S, Find, Keychain, KeychainError, NotKept
from engine.privacy.keys import Keys
from engine.privacy.wrapping import NotOpened
from engine.runtime.keychain_at_hand import KeychainAtHand

Entry = dict[str, str]  # "keychain", "entry", "hub", and "state": KEPT, or SPENT for one that is only to be forgotten
KEPT, SPENT = "kept", "spent"


class HubToken:
    """Keeps one token for one hub. Whatever asks the keychain is an operation, for it may take half a minute."""

    def __init__(self, places: Places, keys: Keys, at_hand: KeychainAtHand, endpoint: str) -> None:
        """`endpoint` is the hub's address: what was kept for another one is never given for this."""
        self._path, self._keys, self._at_hand, self._endpoint = places.hub_token, keys, at_hand, endpoint
        self._entries = _entries_of(self._path)  # put in its place whole, and only while the keychain is at hand

    @property
    def kept_in(self) -> str:
        """The keychain that keeps a token for this hub; "" where none is kept. It asks nobody."""
        return next((entry["keychain"] for entry in self._entries if self._counts(entry)), "")

    def keep(self, token: str, cancel: Cancel) -> Operation[None]:
        """Keep this token in this session's keychain, in place of one that was kept before. Yields Changed("token").

        Where the keychain refuses, what was kept before stays. Raises `TextNotAccepted`, `TokenKeychainRefused`,
        `DiskFull`, `FileNotReadable`, `Cancelled`.
        """
        if not token:
            raise TextNotAccepted(what="A token", value="that", why="it is empty")
        Wanted.checked("owner/name", "model.gguf", "main", token)
        cancel.check()
        with self._at_hand as find:
            self._keep(token, find)
        yield Changed(what="token")

    def read(self, cancel: Cancel) -> Operation[str]:
        """The token that is kept for this hub; "" where none is. Raises `TokenKeychainRefused`, `Cancelled`."""
        yield from ()
        if not self.kept_in:
            return ""
        with self._at_hand as find:
            cancel.check()  # another question to the keychain may have taken its time
            return self._read(find)

    def forget(self, cancel: Cancel) -> Operation[None]:
        """Use the kept token no more and have the keychain forget it. Yields Changed("token").

        Raises `TokenKeychainRefused` where the keychain still has it: the token is not used from then on all the same,
        and `forget` tries again. Raises `DiskFull`, `FileNotReadable`, `Cancelled` before anything is done.
        """
        cancel.check()
        with self._at_hand as find:
            self._write([{**entry, "state": SPENT} for entry in self._entries])
            why = self._forget_spent(find)
        yield Changed(what="token")
        if why:
            raise TokenKeychainRefused(why=why)

    # Its own affairs, with the keychain at hand.

    def _counts(self, entry: Entry) -> bool:
        return entry["state"] == KEPT and entry["hub"] == self._endpoint

    def _keep(self, token: str, find: Find) -> None:
        try:
            found = find("")
            if found is None:
                raise NotKept("there is no keychain in this session")
        except KeychainError as error:
            self._refuse(error)
        former = list(self._entries)
        fresh = {"keychain": found.name, "entry": secrets.token_hex(8), "hub": self._endpoint}
        # It is named before it is there and counts only afterwards: whenever this is cut off, what was kept still is,
        # and nothing lies in the keychain that nobody would find to forget it.
        self._write([*former, {**fresh, "state": SPENT}])
        try:
            found.write(fresh["entry"], self._keys.conceal(json.dumps([self._endpoint, token])).hex())
        except KeychainError as error:
            self._refuse(error)
        spent = [{**entry, "state": SPENT} for entry in former]
        self._write([{**fresh, "state": KEPT}, *spent])
        self._forget_spent(find)

    def _read(self, find: Find) -> str:
        entry = next((entry for entry in self._entries if self._counts(entry)), None)
        if entry is None:
            return ""  # forgotten while the keychain was busy
        name = entry["keychain"]
        try:
            found = find(name)
            if found is None:
                raise NotKept(f"{name} is not to be had in this session")
            hub, token = json.loads(self._keys.reveal(bytes.fromhex(found.read(entry["entry"]))))
        except KeychainError as error:
            self._refuse(error)
        except (NotOpened, ValueError, TypeError):
            raise TokenKeychainRefused(why=f"what {name} keeps does not open it") from None
        if hub != self._endpoint:  # the file that names the entry was changed by somebody
            raise TokenKeychainRefused(why=f"what {name} keeps does not open it")
        return str(token)

    def _forget_spent(self, find: Find) -> str:
        """Have the keychains forget what is not used any more; why one did not, "" where all did."""
        why = ""
        for entry in [entry for entry in self._entries if entry["state"] == SPENT]:
            said = _forgotten(entry, find)
            why = why or said
            if not said:
                self._write([other for other in self._entries if other != entry])
        return why

    def _write(self, entries: list[Entry]) -> None:
        if entries != list(self._entries):
            written(self._path, json.dumps({"ways": entries}) + "\n")
            self._entries = tuple(entries)

    def _refuse(self, error: KeychainError) -> NoReturn:
        raise TokenKeychainRefused(why=str(error)) from error


def _forgotten(entry: Entry, find: Find) -> str:
    """Have a keychain forget an entry; why it did not, "" where it has it no more."""
    name = entry["keychain"]
    try:
        found = find(name)
        if found is None:
            return f"{name} is not to be had in this session"
    except KeychainError as error:
        return str(error)
    try:
        found.forget(entry["entry"])
    except KeychainError as refused:
        return "" if _is_gone(found, entry["entry"]) else str(refused)
    return ""


def _is_gone(found: Keychain, entry: str) -> bool:
    """Whether a keychain that is well has no such entry, which is what some refuse to forget it for."""
    try:
        found.read(entry, SILENT_S)
    except NotKept:
        return True
    except KeychainError:
        return False
    return False


def _entries_of(path: Path) -> tuple[Entry, ...]:
    """What the file names; nothing where it is not there or damaged. Raises `FileNotReadable`."""
    try:
        ways = json.loads(path.read_text(encoding="utf-8"))["ways"]
        return tuple({name: str(way[name]) for name in ("keychain", "entry", "hub", "state")} for way in ways)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise from_os_error(error, path) from error
    except (ValueError, KeyError, TypeError):
        return ()
