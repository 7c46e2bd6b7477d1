"""The store's key: 32 random bytes, made once, and where they are kept.

`keys.json` beside the store lists the ways to the key: in the operating system's keychain, or,
where there is none, in `keys.json` itself, readable by this user only. A later way (a
passphrase, a recovery code) is one more entry of `WAYS`. A key is never made for a store that
is already there.
"""

import json
import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import KeyMissing, from_os_error
from engine.places import Places
from engine.privacy import keychain
from engine.privacy.keychain import Keychain, KeychainError

KEY_BYTES = 32
FORMAT = 1

Way = dict[str, str]
Find = Callable[[str], Keychain | None]


class Key(NamedTuple):
    """The key, and the name of the way it came by: "keychain" or "file"."""

    secret: bytes
    kept_in: str


def _from_keychain(way: Way, find: Find) -> str:
    found = find(way["keychain"])
    if found is None:
        raise KeychainError(f"{way['keychain']}, which keeps it, is not to be had in this session")
    return found.read(way["entry"])


def _from_file(way: Way, _: Find) -> str:
    return way["key"]


WAYS: dict[str, Callable[[Way, Find], str]] = {"keychain": _from_keychain, "file": _from_file}


def open_key(places: Places, find: Find = keychain.found) -> Key:
    """The key of the store of `places`; a new one where there is neither a key nor a store.

    `find` gives the keychain of a name ("" for the one of this session). Raises `KeyMissing`,
    `FileNotReadable`, `DiskFull`.
    """
    if not places.keys.exists():
        if places.store.exists():
            raise KeyMissing(store=str(places.store), why=f"{places.keys.name} is not beside it")
        return _make(places, find)
    why = f"{places.keys.name} names no way to it that this version knows"
    for way in _ways(places):
        try:
            secret = bytes.fromhex(WAYS[way["way"]](way, find))
        except KeychainError as error:
            why = str(error)
        except (KeyError, TypeError, ValueError):
            continue
        else:
            if len(secret) == KEY_BYTES:
                return Key(secret, way["way"])
            why = "what was found is not a key"
    raise KeyMissing(store=str(places.store), why=why)


def _ways(places: Places) -> list[Way]:
    try:
        kept: Any = json.loads(places.keys.read_text(encoding="utf-8"))
        ways: list[Way] = kept["ways"]
    except OSError as error:
        raise from_os_error(error, places.keys) from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeyMissing(store=str(places.store), why=f"{places.keys.name} is damaged") from error
    return ways


def _make(places: Places, find: Find) -> Key:
    """Make a key and keep it before any store exists; a keychain that fails leaves it to the file."""
    secret = secrets.token_bytes(KEY_BYTES)
    found = find("")
    if found is not None:
        entry = secrets.token_hex(8)
        try:
            found.write(entry, secret.hex())
        except KeychainError:
            pass
        else:
            _keep(places.keys, {"way": "keychain", "keychain": found.name, "entry": entry})
            return Key(secret, "keychain")
    _keep(places.keys, {"way": "file", "key": secret.hex()})
    return Key(secret, "file")


def _keep(path: Path, way: Way) -> None:
    """Write `keys.json` whole or not at all, for this user's eyes only."""
    text = json.dumps({"format": FORMAT, "ways": [way]}, indent=2) + "\n"
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=".keys")  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            os.unlink(part)
            raise
        if os.name == "posix":  # so that the name survives a power cut too
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise from_os_error(error, path) from error
