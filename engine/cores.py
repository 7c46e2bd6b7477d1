"""The processor's cores: which of them this program may use, and how much of them others take.

A core counts once, however many hardware threads it has: a second one on the same core adds little to arithmetic.
Where cores are of two kinds, the fast ones are those that are not far below the best.

Sources: Documentation/ABI/testing/sysfs-devices-system-cpu, admin-guide/cgroup-v2.rst (cpu.max, cpu.stat),
scheduler/sched-bwc.rst and filesystems/proc.rst (/proc/stat) of Linux; `sysctl hw` of macOS.
"""

import contextlib
import ctypes
import math
import os
import sys
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import psutil

from engine import control_groups

ROOT = Path("/")
TOO_MUCH, TOO_MUCH_OF_FEW = 0.25, 0.8  # of a core, see `left_to_others`
LEAST_ON_BATTERY = 2
NEAR_BEST = 0.6  # a core of at least this part of the best capacity is a fast one; small ones have a third or less
NEAR_BEST_HZ = 0.8  # the same by the highest clock, which says less: small ones have three quarters of it
_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Core(NamedTuple):
    """A physical core: its processors as the system numbers them, none where it does not tell; whether it is fast."""

    processors: frozenset[int]
    fast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cores:
    """What a program may use: `physical` cores, `fast` ones among them, and no more than `share` cores' time.

    `share` is None where no container limits it.
    """

    physical: int
    fast: int
    share: float | None = None

    @property
    def usable(self) -> int:
        """How many can be at work at the same time without being held up."""
        return self.physical if self.share is None else max(1, min(self.physical, int(self.share)))


def built_in() -> tuple[Core, ...]:
    """The cores of this computer. Does not change while a program runs, and walls may hide a part of it."""
    found = _of_linux() if sys.platform == "linux" else _of_apple() if sys.platform == "darwin" else ()
    return found or (Core(frozenset(), True),) * (psutil.cpu_count(logical=False) or os.cpu_count() or 1)


def cores(of: Sequence[Core] | None = None) -> Cores:
    """What this program may use now."""
    of, allowed = built_in() if of is None else of, _allowed()
    ours = [core for core in of if core.processors & allowed or not core.processors]
    physical = max(1, min(len(ours), len(allowed) or len(ours)))
    fast = sum(core.fast for core in ours)
    narrowest = _narrowest()
    return Cores(physical=physical, fast=min(fast or physical, physical), share=narrowest.cores if narrowest else None)


def numbers(available: Cores, *, battery: bool) -> tuple[int, int]:
    """How many threads read and how many write where nobody else is at work.

    Reading is arithmetic, so every core helps; writing waits for memory, and its work is shared out beforehand, so a
    slow core holds the fast ones up. On a battery half of them write: the last ones cost more than they bring.
    """
    writing = min(available.fast, available.usable)
    if battery:
        writing = min(writing, max(LEAST_ON_BATTERY, (writing + 1) // 2))
    return available.usable, writing


def left_to_others(taken: float, cores: int, less: float = 0.0) -> int:
    """How many of `cores` to leave where others take so much of them. `less` makes it more.

    The threads of a step wait for the slowest. A program that takes the part `f` of one of `n` cores holds all of
    them up for that long, so all `n` do `n (1 - f)` and one fewer does `n - 1`: from `f = 1 / n` on it is faster to
    leave the core. On few cores `TOO_MUCH_OF_FEW / n` is just below that; on many it would be less than is always so.
    """
    too_much = max(TOO_MUCH, TOO_MUCH_OF_FEW / cores) - less
    return max(0, min(cores - 1, math.ceil(taken - too_much)))


class Load(NamedTuple):
    """How many cores' worth of time other programs took; `yielding` is the part of those that stand back for others.

    `in_share` is what others took of the container's share, where there is one.
    """

    seconds: float
    taken: float
    yielding: float = 0.0
    in_share: float = 0.0


class Others:
    """Tells what other programs take, from one look to the next."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, own_s: Callable[[], float] = time.process_time
    ) -> None:
        """The first look is now. `own_s` is this program's processor time."""
        self._clock, self._own_s = clock, own_s
        self._allowed, self._group = _allowed(), _narrowest()
        self._before = self._now()

    def look(self) -> Load:
        """What they took since the last look. Zero where the system does not tell."""
        now, before = self._now(), self._before
        self._before = now
        passed_s = now[0] - before[0]
        if passed_s <= 0:
            return Load(0.0, 0.0)
        own, busy, yielding, group = (max(0.0, now[i] - before[i]) / passed_s for i in range(1, 5))
        ours_yields = hasattr(os, "getpriority") and os.getpriority(os.PRIO_PROCESS, 0) > 0
        return Load(
            seconds=passed_s,
            taken=max(0.0, busy - own),
            yielding=max(0.0, yielding - own * ours_yields),
            in_share=max(0.0, group - own),
        )

    def _now(self) -> tuple[float, float, float, float, float]:
        """The moment, and the processor time so far: ours, everyone's, that of who yields, that of our container."""
        busy, yielding = busy_s(self._allowed)
        return self._clock(), self._own_s(), busy, yielding, self._group.used_s() if self._group else 0.0


def busy_s(allowed: Set[int]) -> tuple[float, float]:
    """The seconds that these processors were at work since the start, and how many of them for those who stand back.

    Zeros where the system does not tell, or a wall hides it.
    """
    with contextlib.suppress(OSError, RuntimeError, ValueError, IndexError):
        if sys.platform == "linux":
            return _of_stat((ROOT / "proc/stat").read_text(), allowed)
        times = psutil.cpu_times()
        yielding = getattr(times, "nice", 0.0)
        return times.user + times.system + yielding, yielding
    return 0.0, 0.0


def _of_stat(text: str, allowed: Set[int]) -> tuple[float, float]:
    busy = yielding = 0
    for line in text.splitlines()[1:]:
        if not line.startswith("cpu"):
            break
        name, *figures = line.split()
        if int(name[3:]) in allowed:
            # user nice system idle iowait irq softirq steal; what follows is counted among the first two
            user, nice, system, _, _, irq, softirq, steal = map(int, figures[:8])
            busy += user + nice + system + irq + softirq + steal
            yielding += nice
    return busy / _TICKS_PER_S, yielding / _TICKS_PER_S


def _allowed() -> Set[int]:
    """The processors that this program may run on; empty where the system does not tell."""
    return os.sched_getaffinity(0) if sys.platform == "linux" else frozenset()


def _of_linux() -> tuple[Core, ...]:
    """Nothing where the system does not tell."""
    folder = ROOT / "sys/devices/system/cpu"
    processors = _numbers(_read(folder / "online"))
    fast = _fast(folder, processors)
    found = {_read(folder / f"cpu{number}/topology/thread_siblings_list") for number in processors}
    groups = [frozenset(_numbers(siblings)) for siblings in sorted(found)]
    return tuple(Core(group, bool(group & fast)) for group in groups) if all(groups) else ()


def _fast(folder: Path, processors: Set[int]) -> Set[int]:
    """Those of the processors that are fast; all of them where nothing tells them apart."""
    if listed := _numbers(_read(ROOT / "sys/devices/cpu_core/cpus")) & processors:  # Intel's, of two kinds
        return listed
    for file, near in (("cpu_capacity", NEAR_BEST), ("cpufreq/cpuinfo_max_freq", NEAR_BEST_HZ)):
        found = {number: float(_read(folder / f"cpu{number}" / file) or 0) for number in processors}
        if all(found.values()):
            return {number for number, size in found.items() if size >= near * max(found.values())}
    return processors


def _of_apple() -> tuple[Core, ...]:
    """Nothing where the system does not tell."""
    every, fast = (_told(name) for name in (b"hw.physicalcpu", b"hw.perflevel0.physicalcpu"))
    return tuple(Core(frozenset(), number < (fast or every)) for number in range(every))


def _told(name: bytes) -> int:
    value, size = ctypes.c_int32(0), ctypes.c_size_t(4)
    failed = ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0)
    return 0 if failed else value.value


class _Group(NamedTuple):
    """A control group that limits processor time to that of so many cores."""

    folder: Path
    version: int
    cores: float

    def used_s(self) -> float:
        """The processor time that it has used so far."""
        if self.version == 1:
            return int(_read(self.folder / "cpuacct.usage") or 0) / 1e9
        usage = _read(self.folder / "cpu.stat").partition("usage_usec ")[2].partition("\n")[0]
        return int(usage or 0) / 1e6


def _narrowest() -> _Group | None:
    """Of the groups around us the one that gives the least; None where none limits."""
    found = []
    for folder, version in control_groups.folders("cpu"):
        if version == 1:
            quota, period = _read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")
        else:
            quota, _, period = _read(folder / "cpu.max").partition(" ")
        with contextlib.suppress(ValueError):  # "max", or nothing, where there is no limit
            if int(quota) > 0 and int(period) > 0:
                found.append(_Group(folder, version, int(quota) / int(period)))
    return min(found, key=lambda group: group.cores, default=None)


def _numbers(text: str) -> set[int]:
    """ "0-3,8" as the kernel writes it."""
    found: set[int] = set()
    with contextlib.suppress(ValueError):
        for part in text.split(",") if text else ():
            first, _, last = part.partition("-")
            found |= set(range(int(first), int(last or first) + 1))
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
