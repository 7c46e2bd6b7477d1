"""A computer that is reckoned, not run: cores, other programs that come and go, and a model's steps on them.

The threads of a step wait for the slowest. Other programs take idle cores first; where there are none they and a
thread of ours share one, and the whole step is held up by as much of that core as they get.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from engine.cores import Cores, Load
from engine.worker.model.threads import Threads

FRONT = 0.75  # what an ordinary program gets of a core that it shares with ours, which stands back a little
EVEN = 0.5  # one that stands back as ours does
BACK = 0.04  # and one that stands back for everyone
MOMENT_S = 0.02


@dataclass(frozen=True)
class Program:
    """Another program: the cores it would use at a moment, and its part of a core that it shares with us."""

    wants: Callable[[float], float]
    gets: float = FRONT


class Computer:
    """Time passes only in `step`."""

    def __init__(
        self,
        cores: Cores,
        programs: tuple[Program, ...] = (),
        *,
        bound: float = math.inf,
        slow: float = 1.0,
        seed: int = 1,
    ) -> None:
        """`bound`: so many cores' speed is all that memory allows to writing; `slow`: the speed of a slow core."""
        self.cores, self.programs, self.bound, self.slow = cores, programs, bound, slow
        self.now = self.processor_s = 0.0
        self._taken_s = self._yielding_s = self._looked_at = 0.0
        self._told = (0.0, 0.0)
        self._random = random.Random(seed)

    def look(self) -> Load:
        """As the system tells it: in whole hundredths of a second."""
        passed_s, self._looked_at = self.now - self._looked_at, self.now
        told = (math.floor(self._taken_s * 100) / 100, math.floor(self._yielding_s * 100) / 100)
        taken, yielding = told[0] - self._told[0], told[1] - self._told[1]
        self._told = told
        return Load(passed_s, taken / passed_s, yielding / passed_s) if passed_s > 0 else Load(0.0, 0.0)

    def step(self, threads: int, work_s: float, *, reading: bool) -> float:
        """One step of so much work for one core; the seconds it took."""
        began, speed = self.now, self._speed(threads, reading)
        left_s = work_s / speed * self._random.lognormvariate(0.0, 0.1)
        while left_s > 0:
            left_s -= self._moment(threads, left_s)
        return self.now - began

    def _moment(self, threads: int, left_s: float) -> float:
        """Up to a moment of a step that needs `left_s` more without others; how much of that is done."""
        idle = max(0.0, self.cores.physical - threads)
        goes_on, taken, yielding, lost = 1.0, 0.0, 0.0, 0.0
        for program in self.programs:
            want = program.wants(self.now)
            alone = min(want, idle)
            shared = min(want - alone, threads)
            idle -= alone
            goes_on *= (1 - program.gets * min(1.0, shared)) * (1 - program.gets) ** max(0.0, shared - 1)
            lost += shared * program.gets
            taken += alone + shared * program.gets
            yielding += alone + shared * program.gets if program.gets < FRONT else 0.0
        seconds = min(MOMENT_S, left_s / goes_on)
        self.now += seconds
        self._taken_s += taken * seconds
        self._yielding_s += yielding * seconds
        self.processor_s += seconds * (threads - lost)
        return seconds * goes_on

    def pause(self, seconds: float) -> None:
        """Nobody asks the model for anything."""
        wants = [(program.wants(self.now), program) for program in self.programs]
        self._taken_s += seconds * sum(want for want, _ in wants)
        self._yielding_s += seconds * sum(want for want, program in wants if program.gets < FRONT)
        self.now += seconds

    def threads(self) -> Threads:
        """The model process's, on this computer."""
        return Threads(
            available=lambda: self.cores, look=self.look, clock=lambda: self.now, processor_s=lambda: self.processor_s,
            disk_waits=lambda: 0,
        )  # fmt: skip

    def _speed(self, threads: int, reading: bool) -> float:
        fast = min(threads, self.cores.fast)
        if threads == fast:
            every = float(fast)
        elif reading:  # work is shared out as it is done
            every = fast + self.slow * (threads - fast)
        else:  # work is shared out beforehand
            every = self.slow * threads
        return every if reading else min(every, self.bound)
