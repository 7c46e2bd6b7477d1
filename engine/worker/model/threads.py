"""How many threads read and how many write: the person's number, else what suits the computer at this moment.

It begins with `cores.numbers`. Cores that other programs take are left to them, from one step to the next
(`giving_way.py`), and fewer threads are tried once where they may be as good (`trying.py`).

An answer with a seed has one number from beginning to end, the same at every time: past 256 cells of a context
llama.cpp shares the attention of one row out among its threads, so the last digits, and with them a text, depend on
how many there are. Source: use_split_kv_path in ggml/src/ggml-cpu/ops.cpp.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from engine.cores import Cores, Load, Others, built_in, cores, numbers
from engine.worker.model.giving_way import ENOUGH_S, GivingWay
from engine.worker.model.process_limits import waits_for_disk
from engine.worker.model.trying import Trying, ladder

LOOK_S = 0.1  # a look reads a file of the system's; each costs a few ten-thousandths of this
PAUSE_S = 1.0  # after so long without a step what was seen is old
CALM = 0.25  # of a core: others who take less disturb no measure
MISSING = 0.2  # of the time that threads wanted; they never sleep while at work
MOST_ON_A_CORE = 4  # threads, where the person asks for many
SMALL_STEP = 32  # steps that read fewer tokens are not like reading


class Used(NamedTuple):
    """A number of threads, and why it is not that of all cores, as `engine.types.Speed` lists the reasons."""

    threads: int
    why: str


NOTHING = Used(0, "")
_Time = dict[tuple[bool, Used], float]  # whether steps read, with what, and how many seconds they took


class Threads:
    """`choose` may come from another thread; the rest belongs to the loop."""

    def __init__(
        self,
        *,
        available: Callable[[], Cores] | None = None,
        look: Callable[[], Load] | None = None,
        clock: Callable[[], float] = time.monotonic,
        processor_s: Callable[[], float] = time.process_time,
        disk_waits: Callable[[], int] = waits_for_disk,
    ) -> None:
        """Ask the computer, where a test does not say otherwise. `processor_s` is this process's processor time."""
        known = built_in()  # now, as the process's walls are not yet there
        self._available = available or (lambda: cores(known))
        self._look = look or Others().look
        self._clock, self._processor_s, self._disk_waits = clock, processor_s, disk_waits
        self._chosen, self._battery = 0, False
        self._way = GivingWay()
        self._calm = True
        self._steady = False  # an answer with a seed is written
        self._cores = self._available()
        self._set_up = (self._cores, self._battery)
        self._tries = _tries(self._cores, battery=False)
        self._wanted_s = self._steps_s = 0.0
        self._looked_at = self._stepped_at = -math.inf
        self._processor_at, self._waits_at = 0.0, 0
        self._now = NOTHING
        self._now = self._number(reading=False)
        self._time: _Time = {}
        self._began: dict[int, _Time] = {}

    def choose(self, threads: int, *, battery: bool = False) -> None:
        """Use `threads` from the next step on; 0 leaves the number to this class, which spares a battery."""
        self._chosen, self._battery = max(0, threads), battery

    @property
    def fixed(self) -> bool:
        """Whether the number stays as it is, whatever others take: the person chose it, or an answer has a seed."""
        return bool(self._chosen) or self._steady

    def next_step(self, *, reading: bool, steady: bool = False) -> int:
        """The number of threads for the next step, which reads some of a prompt or only writes.

        `steady`: it has a part in an answer with a seed.
        """
        now = self._clock()
        if now - self._stepped_at > PAUSE_S or steady != self._steady:
            self._steady = steady
            self._begin(now)
        elif self._set_up[1] != self._battery:
            self._set_up_anew()
        self._now = self._number(reading)
        return self._now.threads

    def took(self, seconds: float, *, writing: int, reading: int) -> None:
        """The step is done; it wrote and read so many tokens."""
        now = self._stepped_at = self._clock()
        spent = bool(reading), self._now
        self._time[spent] = self._time.get(spent, 0.0) + seconds
        if self._chosen or self._steady:
            return
        self._wanted_s += seconds * self._now.threads
        self._steps_s += seconds
        if now - self._looked_at >= LOOK_S:
            self._see(now)
        if self._calm and not self._way.left and (reading >= SMALL_STEP or not reading):
            self._tries[bool(reading)].took(seconds / max(1, reading), 0 if reading else writing)

    def gave_up(self, seconds: float) -> None:
        """A step was given up after so long, as its threads were held up: look at once, and believe it."""
        now = self._stepped_at = self._clock()
        self._way.forget()  # what was seen before is over
        self._wanted_s += seconds * self._now.threads
        self._steps_s += seconds
        self._see(now, enough_s=0.0)  # that a step took so long says already that somebody came

    # What an answer was given.

    def begin(self, job: int) -> None:
        """The answer's first step comes."""
        self._began.setdefault(job, dict(self._time))

    def end(self, job: int) -> tuple[Used, Used]:
        """What most of the answer was read with and written with; 0 threads where there was no such step."""
        before = self._began.pop(job, self._time)
        since = [(spent_s - before.get(key, 0.0), *key) for key, spent_s in self._time.items()]
        read, written = (
            max(((spent_s, used) for spent_s, kind, used in since if kind is reading and spent_s > 0), default=None)
            for reading in (True, False)
        )
        return read[1] if read else NOTHING, written[1] if written else NOTHING

    # Its own affairs.

    def _number(self, reading: bool) -> Used:
        if self._chosen:
            threads, now = min(self._chosen, MOST_ON_A_CORE * self._cores.physical), self._now
            return now if now == (threads, "chosen") else Used(threads, "chosen")
        if self._steady:
            return Used(numbers(self._cores, battery=False)[1], "seed")
        room, try_ = self._cores.usable - self._way.left, self._tries[reading]
        if room < try_.now:
            return Used(max(1, room), "busy" if self._way.left else "share")
        why = ""
        if try_.fewer:
            why = "measured"
        elif not reading and try_.now < self._cores.usable:
            why = "battery" if self._set_up[1] else "fast"
        elif self._cores.usable < self._cores.physical:
            why = "share"
        return Used(try_.now, why)

    def _begin(self, now: float) -> None:
        """After a pause: what there is may have changed."""
        self._cores = self._available()
        if self._set_up != (self._cores, self._battery):
            self._set_up_anew()
        self._way.forget()
        self._look()
        self._start_window(now)

    def _set_up_anew(self) -> None:
        self._set_up = (self._cores, self._battery)
        self._tries = _tries(self._cores, battery=self._battery)

    def _start_window(self, now: float) -> None:
        self._looked_at, self._processor_at, self._waits_at = now, self._processor_s(), self._disk_waits()
        self._wanted_s = self._steps_s = 0.0

    def _see(self, now: float, enough_s: float = ENOUGH_S) -> None:
        load, usable = self._look(), self._cores.usable
        taken = max(load.in_share, load.taken - (self._cores.physical - usable))
        missing = (self._wanted_s - (self._processor_s() - self._processor_at)) / self._steps_s
        if missing < MISSING * self._wanted_s / self._steps_s or self._disk_waits() != self._waits_at:
            missing = 0.0
        missing = max(0.0, missing - taken)
        if missing < CALM:  # what others take is told in whole hundredths of a second
            missing = 0.0
        calm = taken + missing - load.yielding < CALM
        load = load._replace(taken=taken, yielding=min(load.yielding, taken))
        changed = self._way.hear(load, missing, self._now.threads, usable, now, enough_s)
        if changed or not calm:
            for try_ in self._tries:
                try_.disturbed()
        self._calm = calm
        self._start_window(now)


def _tries(available: Cores, *, battery: bool) -> tuple[Trying, Trying]:
    """For steps that write, and for steps that read."""
    reading, writing = numbers(available, battery=battery)
    return Trying(ladder(writing)), Trying(ladder(reading, available.fast), steps=3, warm=2)
