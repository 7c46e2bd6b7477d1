"""What went wrong, as codes and numbers: the only log that Hanare keeps.

A line holds a moment, the name of an error of ours or the kind and place of a mistake or a crash, and numbers or
further places. No text from outside can get in: what is neither is refused. Old lines make room for new ones.
"""

import contextlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.store.values import now

MOST_BYTES = 64 * 1024
_PLACE = r"[A-Za-z0-9_]{1,60}\.py:\d{1,6}"
_CODE = re.compile(rf"[A-Za-z_]{{1,60}}(@{_PLACE})?", re.ASCII)
_NUMBER = re.compile(rf"[a-z_]{{1,40}}=-?[0-9][0-9.e+-]{{0,24}}|{_PLACE}", re.ASCII)
_MOMENT = re.compile(r"[0-9T:.+-]{20,40}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that went wrong; `numbers` are the error's facts that are numbers ("seconds=12").

    Of a crash they are the places that led to it ("batch.py:51").
    """

    at: str
    code: str
    numbers: tuple[str, ...] = ()


class Journal:
    """The log of one data folder. Every method from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, error: BaseException) -> None:
        """Keep what `error` is, never what it says."""
        if isinstance(error, EngineError):
            code, facts = error.code, error.facts
        else:
            code, facts = f"{type(error).__name__}{_place(error)}", {}
        self._write(code, [f"{name}={value}" for name, value in facts.items() if type(value) in (int, float)])

    def crashed(self, signal: str, places: Sequence[str]) -> None:
        """Keep that a process was taken down by native code, and where it was, the innermost place first."""
        self._write("@".join((signal, *places[:1])), places[1:])

    def last(self, most: int = 50) -> tuple[Entry, ...]:
        """The latest entries, the oldest first; a line that is not ours is left out."""
        try:
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return ()
        return tuple(entry for line in lines[-most:] if (entry := _entry(line)))

    # Its own affairs.

    def _write(self, code: str, numbers: Sequence[str]) -> None:
        fit = [each for each in numbers if _NUMBER.fullmatch(each)]
        line = " ".join((now(), code if _CODE.fullmatch(code) else "Unnamed", *fit))
        with contextlib.suppress(OSError):  # a full disk has been told of already; the log is the least of it
            self._make_room()
            with open(self._path, "a", encoding="ascii", opener=_for_us_alone) as file:
                file.write(line + "\n")

    def _make_room(self) -> None:
        if self._path.exists() and self._path.stat().st_size > MOST_BYTES:
            lines = self._path.read_bytes().splitlines(keepends=True)
            fresh = self._path.with_suffix(".new")
            with open(fresh, "wb", opener=_for_us_alone) as file:
                file.writelines(lines[len(lines) // 2 :])
            os.replace(fresh, self._path)


def _entry(line: str) -> Entry | None:
    at, _, rest = line.partition(" ")
    code, *numbers = rest.split(" ")
    well = _MOMENT.fullmatch(at) and _CODE.fullmatch(code) and all(_NUMBER.fullmatch(each) for each in numbers)
    return Entry(at=at, code=code, numbers=tuple(numbers)) if well else None


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"@{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
