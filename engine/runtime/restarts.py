"""How soon a process that keeps dying is started again.

Two deaths are bad luck: the next job gets a fresh process at once. From the third in a row on, a start is
refused for a while, longer each time, so that a crash in a circle eats neither the processor nor the
person's patience. One answer in between forgives all.
"""

import threading
import time
from collections.abc import Callable

from engine.errors import WorkerKeepsDying

DEATHS_FORGIVEN = 2
WAITS_S = (2.0, 8.0, 30.0)  # after the third death in a row, the fourth, and every further one
Kind = tuple[str, str]  # the data folder's private home and the process's name


class Restarts:
    """Counts deaths in a row, one count for each kind of process. Every method from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._deaths: dict[Kind, tuple[int, float]] = {}  # how many in a row, and when the last one was

    def check(self, kind: Kind) -> None:
        """Raise `WorkerKeepsDying` where it is too early to start this kind again."""
        with self._lock:
            times, died_at = self._deaths.get(kind, (0, 0.0))
        if times <= DEATHS_FORGIVEN:
            return
        wait_s = WAITS_S[min(times - DEATHS_FORGIVEN, len(WAITS_S)) - 1]
        left_s = died_at + wait_s - self._clock()
        if left_s > 0:
            raise WorkerKeepsDying(process=kind[1], times=times, wait_s=left_s)

    def died(self, kind: Kind) -> None:
        """One more ended that should not have."""
        with self._lock:
            times, _ = self._deaths.get(kind, (0, 0.0))
            self._deaths[kind] = (times + 1, self._clock())

    def answered(self, kind: Kind) -> None:
        """It did a job to its end."""
        with self._lock:
            self._deaths.pop(kind, None)


restarts = Restarts()  # one for the program: processes of one kind are started from several places
