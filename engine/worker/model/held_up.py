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

LOOK_S = 0.03  # how often it is looked whether the step goes on too long
LEAST_S = 0.1  # steps shorter than this are not worth it
TIMES = 3.0  # so many times as long as the steps before is too long
READING_TIMES = 1.75  # the same for steps that read: they are long, and what was read of one that is ended is lost
READING_ROWS = 64  # steps that read fewer are unlike the others
SPINNING = 0.5  # of the time that its threads could have; waiting for a disk takes none
IDLE_LOOKS = 30  # so many without a step, and the thread ends
MOST = 2  # steps given up one after the other: a computer may really have become slower
KNOWN_STEPS = 4  # after so many of a kind it is known what they take
_NEW = 0.2  # what the latest step counts against all before


class _Step(NamedTuple):
    began: float
    most_s: float
    processor_s: float
    threads: int


class HeldUp:
    """`begin` and `end` belong to the loop; a thread of its own looks between them."""

    def __init__(
        self,
        flag: Flag,
        *,
        clock: Callable[[], float] = time.monotonic,
        processor_s: Callable[[], float] = time.process_time,
    ) -> None:
        """Raises `flag`, which ends a step, where that takes too long."""
        self._flag, self._clock, self._processor_s = flag, clock, processor_s
        self._step: _Step | None = None
        self._kind = (0, 0, False)
        self._rows = 1
        self._usual_s, self._known = 0.0, 0  # of a row where steps read, else of a step
        self._given_up = 0
        self._watching = threading.Thread()  # none yet

    def begin(self, rows: int, threads: int, *, reading: bool) -> None:
        """A step of so many rows comes, which only writes or is `reading`."""
        kind = (0 if reading else rows, threads, reading)
        if self._kind != kind:
            self._kind, self._usual_s, self._known = kind, 0.0, 0
        self._rows = rows if reading else 1
        if reading and rows < READING_ROWS:
            return
        if threads > 1 and self._known >= KNOWN_STEPS and self._given_up < MOST:
            most_s = max(LEAST_S, (READING_TIMES if reading else TIMES) * self._usual_s * self._rows)
            self._step = _Step(self._clock(), most_s, self._processor_s(), threads)
            if not self._watching.is_alive():
                self._watching = threading.Thread(target=self._watch, name="held up", daemon=True)
                self._watching.start()

    def end(self, seconds: float, *, done: bool) -> bool:
        """The step is over after `seconds`; whether it was given up. `done`: it was not ended."""
        step, self._step = self._step, None
        if done:
            if self._rows >= READING_ROWS or not self._kind[2]:
                each_s = seconds / self._rows
                self._usual_s = _NEW * each_s + (1 - _NEW) * self._usual_s if self._known else each_s
                self._known += 1
            self._given_up = 0
            return False
        given_up = step is not None and seconds >= step.most_s
        self._given_up += given_up
        return given_up

    def look(self) -> None:
        """End the step where it takes too long, and is not waiting for a disk."""
        step = self._step
        if step is None:
            return
        took_s = self._clock() - step.began
        if took_s < step.most_s or self._processor_s() - step.processor_s < SPINNING * took_s * step.threads:
            return
        if self._step is step:
            self._flag.raise_it()

    def _watch(self) -> None:
        """Until nothing is written for a while."""
        idle = 0
        while idle < IDLE_LOOKS:
            time.sleep(LOOK_S)
            idle = idle + 1 if self._step is None else 0
            self.look()
