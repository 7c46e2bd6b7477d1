"""Ends a step whose threads wait for each other on a core that another program has just taken.

A number of threads can be changed only between two steps. llama.cpp's threads meet some hundred times in a step, and
each time all wait, spinning, for the one that shares its core: a step of 20 ms then takes a second and more. Such a
step is given up, and done again with the number that suits what is seen by then. What a step takes is known from those
before: one that only writes from others with as many rows, one that reads by its rows.
"""

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from engine.worker.model.llama import Flag
from engine.worker.model.process_limits import waits_for_disk

LOOK_S = 0.03  # how often it is looked whether the step goes on too long
LEAST_S = 0.1  # steps shorter than this are not worth it
TIMES = 3.0  # so many times as long as the steps before is too long
READING_TIMES = 1.75  # the same for steps that read: they are long, and what was read of one that is ended is lost
READING_ROWS = 64  # steps that read fewer tell nothing of the others, and may take as long as one of so many
SPINNING = 0.5  # of the time that the other threads could have; waiting for a disk takes less
IDLE_LOOKS = 30  # so many without a step, and the thread ends
MOST = 2  # steps of a kind given up one after the other: a computer may really have become slower
DEPTH = 1024  # tokens; what a step takes at a smaller depth is much the same
KNOWN_STEPS = 4  # after so many of a kind it is known what they take
_NEW = 0.2  # what the latest step counts against all before


class _Step(NamedTuple):
    began: float
    most_s: float
    processor_s: float
    disk_waits: int
    threads: int


class _Kind(NamedTuple):
    """Steps that take about as long: `rows` where they only write; `depth` doubles from one to the next."""

    rows: int
    threads: int
    reading: bool
    depth: int


class _Usual(NamedTuple):
    """`seconds` of a row where steps read, else of a step; known from so many; so many were `given_up` in a row."""

    seconds: float
    steps: int
    given_up: int


_UNKNOWN = _Usual(0.0, 0, 0)


class HeldUp:
    """`begin` and `end` belong to the loop; a thread of its own looks between them."""

    def __init__(
        self,
        flag: Flag,
        *,
        clock: Callable[[], float] = time.monotonic,
        processor_s: Callable[[], float] = time.process_time,
        disk_waits: Callable[[], int] = waits_for_disk,
    ) -> None:
        """Raises `flag`, which ends a step, where that takes too long."""
        self._flag, self._clock, self._processor_s, self._disk_waits = flag, clock, processor_s, disk_waits
        self._step: _Step | None = None
        self._usual: dict[_Kind, _Usual] = {}
        self._kind = _Kind(0, 0, False, 0)
        self._rows, self._few = 1, False
        self._ended: _Step | None = None
        self._watching = threading.Thread()  # none yet

    def begin(self, rows: int, threads: int, *, reading: bool, depth: int = 0) -> None:
        """A step of so many rows comes, which only writes or is `reading`, the deepest at `depth` tokens."""
        self._kind = _Kind(0 if reading else rows, threads, reading, (depth // DEPTH).bit_length())
        self._rows, self._few = max(READING_ROWS, rows) if reading else 1, reading and rows < READING_ROWS
        usual = self._usual.get(self._kind, _UNKNOWN)
        if threads > 1 and usual.steps >= KNOWN_STEPS and usual.given_up < MOST:
            most_s = max(LEAST_S, (READING_TIMES if reading else TIMES) * usual.seconds * self._rows)
            self._step = _Step(self._clock(), most_s, self._processor_s(), self._disk_waits(), threads)
            if not self._watching.is_alive():
                self._watching = threading.Thread(target=self._watch, name="held up", daemon=True)
                self._watching.start()

    def end(self, seconds: float, *, done: bool) -> bool:
        """The step is over after `seconds`; whether it was given up. `done`: it was not ended."""
        step, self._step = self._step, None
        usual = self._usual.get(self._kind, _UNKNOWN)
        given_up = not done and step is not None and self._ended is step
        if given_up:
            self._usual[self._kind] = usual._replace(given_up=usual.given_up + 1)
        elif done and (usual.given_up or not self._few):
            each_s = seconds / self._rows
            if usual.steps and not usual.given_up:  # else this is what they take by now
                each_s = _NEW * each_s + (1 - _NEW) * usual.seconds
            self._usual[self._kind] = _Usual(each_s, usual.steps + 1, 0)
        return given_up

    def look(self) -> None:
        """End the step where it takes too long, and is not waiting for a disk."""
        step = self._step
        if step is None:
            return
        took_s = self._clock() - step.began
        if took_s < step.most_s or self._disk_waits() != step.disk_waits:
            return
        if self._processor_s() - step.processor_s < SPINNING * took_s * (step.threads - 1):  # one may get none at all
            return
        if self._step is step:
            self._ended = step
            self._flag.raise_it()

    def _watch(self) -> None:
        """Until nothing is written for a while."""
        idle = 0
        while idle < IDLE_LOOKS:
            time.sleep(LOOK_S)
            idle = idle + 1 if self._step is None else 0
            self.look()
