"""Ends what a model is doing when the computer is about to freeze for want of memory.

Linux tells how much of the time every program was waiting for memory ("full" pressure). More than a fifth
of three seconds means that pages are thrown out and read again in a circle, and soon nothing moves. A container
with a limit has that figure of its own, which rises while the rest of the computer is well; the worst counts.
Other systems, and kernels without the figure, are not watched: there the reckoning before loading is all there is.

Source: Documentation/accounting/psi.rst of Linux.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.runtime import container

MOST_SHARE = 0.2
OVER_S = 3.0
LOOK_S = 0.5
COMPUTER = Path("/proc/pressure/memory")


class Watch:
    """One piece of work being watched."""

    def __init__(self) -> None:
        self.ended_it = False


class Pressure:
    """Watches for the program. Any number of pieces of work at once, from any threads."""

    def __init__(self, files: Sequence[Path] | None = None, look_s: float = LOOK_S, over_s: float = OVER_S) -> None:
        """`files` are what the kernel tells of pressure; those of this computer unless given."""
        self._files = [file for file in (told() if files is None else files) if _stalled_s(file) is not None]
        self._look_s, self._over_s = look_s, over_s

    @contextmanager
    def watching(self, end: Callable[[], None]) -> Iterator[Watch]:
        """While inside, call `end` once when memory is too short; the watch then says so."""
        watch, over = Watch(), threading.Event()
        if not self._files:
            yield watch
            return
        thread = threading.Thread(target=self._look, args=(watch, end, over), name="memory watch", daemon=True)
        thread.start()
        try:
            yield watch
        finally:
            over.set()
            thread.join()

    def _look(self, watch: Watch, end: Callable[[], None], over: threading.Event) -> None:
        before, before_at, short_s = self._stalled(), time.monotonic(), 0.0
        while not over.wait(self._look_s):
            now, now_at = self._stalled(), time.monotonic()
            passed_s = now_at - before_at
            share = max(after - earlier for after, earlier in zip(now, before, strict=True)) / passed_s
            before, before_at = now, now_at
            short_s = short_s + passed_s if share > MOST_SHARE else 0.0
            if short_s >= self._over_s:
                watch.ended_it = True
                end()
                return

    def _stalled(self) -> list[float]:
        return [_stalled_s(file) or 0.0 for file in self._files]


def told() -> tuple[Path, ...]:
    """Where the kernel tells of pressure: of the containers around this program that limit it, and of the computer."""
    return (*(group.pressure for group in container.limits()), COMPUTER)


def _stalled_s(file: Path) -> float | None:
    """For how long everything has waited for memory since the start; None where that is not told."""
    try:
        lines = file.read_text(encoding="ascii").splitlines()
        full = next(line for line in lines if line.startswith("full "))
        return int(full.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError, StopIteration):
        return None
