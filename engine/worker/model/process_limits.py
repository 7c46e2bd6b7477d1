"""What the model process asks of the operating system: no core files, first to go, its peak."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

if sys.platform != "win32":
    import resource
    import signal

NEED_SLACK, NEED_MORE_BYTES = 1.15, 768 << 20  # how far a reckoning of need may be wrong, and what is put aside
RENDER_S = 1.5  # a template in use takes milliseconds
AGAIN_S = 0.25  # where a library swallows the first alarm, the next one comes
RENDER_BYTES = 512 << 20
_PEAK_FORGOTTEN = b"5"  # proc(5), /proc/pid/clear_refs


class _Peak:
    """What the system is told to forget a peak with, opened while this process still may; -1 where it cannot be."""

    file = -1


class TimeUp(Exception):
    """A limited piece of work took too long."""


def be_expendable() -> None:
    """Leave no memory image when dying (it would hold the chat), and die before others do."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


def open_peak() -> None:
    """Before the walls are raised, so that `forget_peak` can do its part."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            _Peak.file = os.open("/proc/self/clear_refs", os.O_WRONLY | os.O_CLOEXEC)


def forget_peak() -> None:
    """What was resident only while a model was loaded counts no more; Linux only."""
    with contextlib.suppress(OSError):
        if _Peak.file >= 0:
            os.write(_Peak.file, _PEAK_FORGOTTEN)


def limit_data(need_bytes: int) -> None:
    """Have the system refuse memory far beyond what the model was reckoned to need.

    The limit is on what the process writes, not on the file it maps: weights that are read in place do
    not count. Raised again where a larger model follows. Windows has no such limit.
    """
    if sys.platform != "win32" and need_bytes > 0:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = int(need_bytes * NEED_SLACK) + NEED_MORE_BYTES
        with contextlib.suppress(OSError, ValueError):  # a system that knows the limit and does not keep it
            resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


def peak_bytes() -> int:
    """The most memory this process had resident, in bytes; on Linux since it last loaded a model."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = psutil.Process().memory_info()
    return int(getattr(found, "peak_wset", found.rss))


def waits_for_disk() -> int:
    """How often this process had to wait until a page was read from the disk; 0 where that is not told."""
    return 0 if sys.platform == "win32" else resource.getrusage(resource.RUSAGE_SELF).ru_majflt


@contextlib.contextmanager
def limited(seconds: float = RENDER_S) -> Iterator[None]:
    """Run what a file brought along: `TimeUp` after `seconds`, MemoryError over `RENDER_BYTES`.

    Where the system has neither limit (Windows) the engine's own patience is the limit.
    """
    if sys.platform == "win32":
        yield
        return

    over = False

    def ring(number: int, frame: object) -> None:
        if not over:  # an alarm that comes late, on a computer with much to do, must not hit what follows
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), AGAIN_S)
        with contextlib.suppress(OSError, ValueError):
            most = psutil.Process().memory_info().vms + RENDER_BYTES
            resource.setrlimit(resource.RLIMIT_AS, (most if hard < 0 else min(most, hard), hard))
        yield
    finally:
        over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
