"""Where a process was when native code took it down: the signal, and places in the program's own files.

Python's faulthandler writes what every thread was doing, names of files and lines and no values, when nothing
else runs any more: a process of ours to its standard error, the app to a file that the next start takes up. Only
places within our two packages are taken over from that, by the name of a file that is really there and a line.

Source: docs.python.org/3/library/faulthandler.html.
"""

import contextlib
import faulthandler
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_PLACES = 12  # the innermost; further out it is always the same
MOST_BYTES = 64 * 1024
MOST_TOLD = 20  # of one process; what is beside itself need not fill the journal
SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}
_ROOT = Path(__file__).resolve().parents[2]
_OURS = tuple(str(_ROOT / package) + os.sep for package in ("engine", "desktop"))
_BEGINS = re.compile(r"(?:Fatal Python error|Windows fatal exception): (.{1,60})")
_THREAD = re.compile(r"(Current thread|Thread|Stack) .*\(most recent call first\):")
_FRAME = re.compile(r'  File "(.+)", line (\d{1,6}) in ')


@dataclass(frozen=True, slots=True)
class Crash:
    """One crash: "SIGSEGV" or, for what has no such name, "FATAL"; places are "batch.py:51", the innermost first."""

    signal: str
    places: tuple[str, ...]


class Listener:
    """Finds crashes in what is written, line by line. `tell` hears of one as soon as its end is certain."""

    def __init__(self, tell: Callable[[Crash], None]) -> None:
        self._tell = tell
        self._told = 0
        self._signal = ""
        self._threads: list[tuple[str, list[str]]] = []

    def hear(self, line: str) -> None:
        """One line, without its end."""
        if begins := _BEGINS.match(line):
            self.end()
            self._signal = SIGNALS.get(begins[1].strip(), "FATAL")
        elif not self._signal:
            return
        elif thread := _THREAD.match(line):
            self._threads.append((thread[1], []))
        elif self._threads and (frame := _FRAME.match(line)):
            if place := _place(frame[1], frame[2]):
                self._threads[-1][1].append(place)
        elif line.startswith("Extension modules:"):
            self.end()

    def end(self) -> None:
        """Nothing more is written."""
        signal, threads = self._signal, self._threads
        self._signal, self._threads = "", []
        if signal and self._told < MOST_TOLD:
            self._told += 1
            self._tell(Crash(signal, tuple(_where(threads)[:MOST_PLACES])))


def crashes_in(text: str) -> tuple[Crash, ...]:
    """Every crash that stands in `text`."""
    found: list[Crash] = []
    listener = Listener(found.append)
    for line in text.splitlines():
        listener.hear(line)
    listener.end()
    return tuple(found)


@contextlib.contextmanager
def heeding(file: Path) -> Iterator[None]:
    """While inside, a crash of this very process is written to `file`.

    Whoever has switched faulthandler on already wants it elsewhere. A file that cannot be opened stops nothing.
    """
    if faulthandler.is_enabled():
        yield
        return
    try:
        out = open(file, "ab", opener=_for_us_alone)  # noqa: SIM115 - it stays open as long as the process may crash
    except OSError:
        yield
        return
    with out:
        faulthandler.enable(out)
        try:
            yield
        finally:
            faulthandler.disable()
    with contextlib.suppress(OSError):
        if not file.stat().st_size:
            file.unlink()


def taken_up(file: Path) -> tuple[Crash, ...]:
    """The crashes that former processes wrote to `file`, which is gone then; none where there is no such file."""
    try:
        with file.open("rb") as written:
            text = written.read(MOST_BYTES).decode("utf-8", "replace")
        file.unlink()
    except OSError:
        return ()
    return crashes_in(text)


def _where(threads: list[tuple[str, list[str]]]) -> list[str]:
    """The places of the thread that crashed; where that was one of a library's own, of the main one, told last."""
    ours = [(kind, places) for kind, places in threads if places]
    current = [places for kind, places in ours if kind == "Current thread"]
    return (current or [places for _, places in ours] or [[]])[-1]


def _place(path: str, line: str) -> str:
    """ "batch.py:51" for a file of ours that is there; "" for any other."""
    ours = path.startswith(_OURS) and path.endswith(".py") and os.path.normpath(path) == path and os.path.isfile(path)
    return f"{os.path.basename(path)}:{line}" if ours else ""


def _for_us_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
