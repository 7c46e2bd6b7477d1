"""What a row's processes take while documents are read: the memory of each, the computing for each document, and how
long nothing of ours had anything to do.

The kernel tells all of it (proc(5)), so whatever else the computer has to do does not count. Linux only; elsewhere
nothing is seen.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from engine.documents.reading import Reader, Text
from engine.operation import Cancel
from engine.runtime.process import Process

_TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01
_STATE, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 0, 11, 12, 13, 14  # in /proc/PID/stat, after the name


class Watch:
    """While inside, looks at this process and all that it started; the system itself keeps each one's peak."""

    LOOKS_EVERY_S = 0.02
    MOST_AT_ONCE_S = 0.1  # of waiting between two looks: what lies longer between them was no waiting of ours

    def __init__(self) -> None:
        self.peaks_mib: dict[int, tuple[float, str]] = {}  # by process: the most it had, and what was read meanwhile
        self.waited_s = 0.0  # in which nothing of ours had anything to do
        self.reading: dict[str, float] = {}  # seconds of computing, by the name of the document
        self._under_way: dict[int, str] = {}  # by the number of the process that reads it
        self._computed: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def begins(self, pid: int, name: str) -> None:
        """The process reads this document from now on."""
        self._under_way[pid] = name
        self.reading[name] = self.reading.get(name, 0.0) - self._computed_by(pid)

    def ends(self, pid: int) -> None:
        """It has been read."""
        self.reading[self._under_way.pop(pid)] += self._computed_by(pid)

    def _look(self) -> None:
        ours, looked_at = os.getpid(), time.monotonic()
        while not self._over.wait(self.LOOKS_EVERY_S):
            children = list(_started_by(ours))
            for pid in (ours, *children):
                peak = _peak_mib(pid)
                if peak > self.peaks_mib.get(pid, (0.0, ""))[0]:
                    self.peaks_mib[pid] = peak, ", ".join(sorted(self._under_way.values()))
            for pid in list(self._under_way):
                self._computed_by(pid)
            now = time.monotonic()
            if not self._runs(children):
                self.waited_s += min(now - looked_at, self.MOST_AT_ONCE_S)
            looked_at = now

    def _computed_by(self, pid: int) -> float:
        """Of a process and the copies of itself that it made; as last seen where it has ended."""
        if own := _stat(f"/proc/{pid}/stat"):
            ticks = sum(int(own[at]) for at in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM))
            copies = (_stat(f"/proc/{copy}/stat") for copy in _started_by(pid))
            ticks += sum(int(copy[at]) for copy in copies if copy for at in (_USER, _SYSTEM))
            self._computed[pid] = ticks * _TICK_S
        return self._computed.get(pid, 0.0)

    def _runs(self, children: list[int]) -> bool:
        """Whether one of ours computes, or would if it were let: this look itself does not count."""
        threads = (f"/proc/self/task/{number}/stat" for number in os.listdir("/proc/self/task"))
        own = f"/proc/self/task/{threading.get_native_id()}/stat"
        places = [*(place for place in threads if place != own), *(f"/proc/{pid}/stat" for pid in children)]
        return any(found[_STATE] == "R" for place in places if (found := _stat(place)))


class WatchedReader(Reader):
    """The reader, telling `watch` which process reads what."""

    def __init__(self, watch: Watch, private: Path) -> None:
        super().__init__(private)
        self._watch = watch
        self._of_thread = threading.local()

    def read(self, path: Path, kind: str, cancel: Cancel) -> Text:
        """As ever."""
        self._of_thread.name, self._of_thread.pid = path.name, None
        try:
            return super().read(path, kind, cancel)
        finally:
            if self._of_thread.pid is not None:
                self._watch.ends(self._of_thread.pid)

    def _taken(self) -> tuple[Process, int]:
        process, closings = super()._taken()
        self._of_thread.pid = process.pid
        self._watch.begins(process.pid, self._of_thread.name)
        return process, closings


def _started_by(pid: int) -> Iterator[int]:
    """The processes that one started, and those that they did."""
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with suppress(OSError):  # it has ended meanwhile
                for child in map(int, Path(f"/proc/{pid}/task/{thread}/children").read_text(encoding="ascii").split()):
                    yield child
                    yield from _started_by(child)


def _stat(place: str) -> list[str]:
    """What the system tells of a process or thread, from its state on; nothing where it has ended."""
    with suppress(OSError):
        return Path(place).read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return []


def _peak_mib(pid: int) -> float:
    """The most that a process ever had in memory (VmHWM); 0 where it has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
