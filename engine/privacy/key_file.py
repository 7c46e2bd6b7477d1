"""`keys.json` and its second copy: the ways to the store's key, as they are written to disk.

Each copy carries a checksum and a count of its writings. Of two sound copies the later one counts,
and where one is damaged or gone the other does. Where neither is sound the ways of both are
tried all the same: each way finds out for itself whether it is whole. Nothing here opens a way.

Format 1 had one copy, no checksum, and the key itself in the keychain.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import EngineError, KeyMissing, KeysTooNew, from_os_error
from engine.places import Places

FORMAT = 2

_PART = ".keys"  # begins the name of a file that is being written

Way = dict[str, Any]


class _State(Enum):
    """What a copy is."""

    SOUND = "sound"
    DOUBTFUL = "doubtful"  # ways can be read, but the checksum says that something was changed
    DAMAGED = "damaged"
    NEWER = "newer"
    GONE = "gone"


class _Copy(NamedTuple):
    """One file as it was found; `turn` counts the writings."""

    state: _State
    format: int = 0
    turn: int = 0
    ways: tuple[Way, ...] = ()
    error: EngineError | None = None  # why the operating system did not let it be read


class Kept(NamedTuple):
    """What the two copies say together. `whole` unless a copy must be written anew."""

    ways: tuple[Way, ...]
    format: int
    whole: bool


def is_there(places: Places) -> bool:
    """Whether either copy is in its place, readable or not."""
    return any(os.path.lexists(path) for path in _paths(places))


def read(places: Places) -> Kept:
    """The ways that count. Raises `KeyMissing`, `KeysTooNew`, `FileNotReadable`."""
    copies = [_read(path) for path in _paths(places)]
    sound = [each for each in copies if each.state is _State.SOUND]
    if sound:
        best = max(sound, key=lambda each: each.turn)  # of equals the first
        alike = all(each.state is _State.SOUND and each.turn == best.turn for each in copies)
        untouchable = any(each.state is _State.NEWER for each in copies)
        return Kept(best.ways, best.format, whole=untouchable or (alike and best.format == FORMAT))
    _refuse_newer(places, copies)
    doubtful = [way for each in copies if each.state is _State.DOUBTFUL for way in each.ways]
    if not doubtful:
        for each in copies:
            if each.error is not None:
                raise each.error
        raise KeyMissing(store=str(places.store), why=f"{places.keys.name} is damaged")
    ways = tuple(way for at, way in enumerate(doubtful) if way not in doubtful[:at])
    return Kept(ways, FORMAT, whole=False)


def write(places: Places, ways: Sequence[Way]) -> None:
    """Keep these ways in both copies, each whole or not at all, for this user's eyes only.

    Raises `DiskFull`, `FileNotReadable`, and `KeysTooNew` rather than write over a newer Hanare's file.
    """
    copies = [_read(path) for path in _paths(places)]
    _refuse_newer(places, copies)
    said = {"format": FORMAT, "turn": max(each.turn for each in copies) + 1, "ways": list(ways)}
    text = json.dumps(said | {"sum": _sum(said)}, indent=2) + "\n"
    for path in _paths(places):
        _replace(path, text)
    for left in places.data.glob(f"{_PART}*"):  # by a writing that was killed: the key may lie open in it
        try:
            os.unlink(left)
        except OSError as error:
            raise from_os_error(error, left) from error


def _paths(places: Places) -> tuple[Path, Path]:
    return places.keys, places.keys_copy


def _refuse_newer(places: Places, copies: Sequence[_Copy]) -> None:
    for each in copies:
        if each.state is _State.NEWER:
            raise KeysTooNew(store=str(places.store), found=each.format, known=FORMAT)


def _read(path: Path) -> _Copy:
    try:
        said: Any = json.loads(path.read_bytes())
        kept_sum = said.pop("sum", None)
        number, ways = said["format"], said["ways"]
        turn = said.get("turn", 0)
        if not isinstance(number, int) or not isinstance(turn, int):
            return _Copy(_State.DAMAGED)
        sound = kept_sum == _sum(said) if number >= FORMAT else kept_sum is None
        if number > FORMAT and sound:  # every later format keeps the checksum's rule
            return _Copy(_State.NEWER, number, turn)
        named = tuple(way for way in ways if isinstance(way, dict) and isinstance(way.get("way"), str))
        if not named:
            return _Copy(_State.DAMAGED)
    except FileNotFoundError:
        return _Copy(_State.GONE)
    except OSError as error:
        return _Copy(_State.DAMAGED, error=from_os_error(error, path))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _Copy(_State.DAMAGED)
    return _Copy(_State.SOUND if sound else _State.DOUBTFUL, number, turn, named)


def _sum(said: dict[str, Any]) -> str:
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _replace(path: Path, text: str) -> None:
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=_PART)  # made with mode 0600
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
