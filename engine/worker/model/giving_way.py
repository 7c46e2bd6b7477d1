"""How many cores are left to other programs: as many as they take, seen in a quarter of a second, both ways.

What others take is told by the system, so it is seen as well when they go, and no blind try is needed. Two things are
doubtful: programs that stand back for others (a backup, an index) take what is idle, and would give it back; and a
core that is missing while nobody is seen to take it. There one more is tried after a while, and later each time; and
who stands back is given a core only where it takes one from us all the same.
"""

import math
from collections import deque

from engine.cores import Load, left_to_others

JUDGE_S, ENOUGH_S = 0.3, 0.18  # how far back what others take is averaged, and the least that says anything
BETWEEN = 0.1  # less than that by so much frees the core again
UNDONE_S = 3.0  # a core taken back and left again within this was taken back too soon
WAITS_S = (0.1, 1.0)  # how long a core must have been free, at first and where that was too soon again and again
DOUBT_WAITS_S = (1.0, 30.0)  # the same where it is doubtful
LONGER = 3.0  # so many times as long after each time that it was too soon, and as short after each that was not


class GivingWay:
    """Hears what others take and says how many cores are theirs. A pure reckoning: it asks nothing itself."""

    def __init__(self) -> None:
        """All cores are ours."""
        self.left = 0
        self._unseen = False  # a core is left that nobody was seen to take
        self._recent: deque[tuple[float, float, float]] = deque()
        self._free, self._perhaps = _Wait(*WAITS_S), _Wait(*DOUBT_WAITS_S)

    def forget(self) -> None:
        """What was seen says nothing about what comes: time has passed, or another number of threads is at work."""
        self._recent.clear()
        self._free.broken()
        self._perhaps.broken()

    def hear(
        self, load: Load, missing: float, threads: int, cores: int, now: float, enough_s: float = ENOUGH_S
    ) -> bool:
        """What was seen since the last time, up to `now`, beside `threads` on `cores`; whether a number changes.

        `missing`: cores' worth of time that our threads wanted and did not get, and that nobody is seen to have taken.
        Nothing is said before `enough_s` were seen.
        """
        self._recent.append((load.seconds, load.taken + missing, load.taken - load.yielding))
        while sum(seconds for seconds, _, _ in self._recent) - self._recent[0][0] >= JUDGE_S:
            self._recent.popleft()
        seen_s = sum(seconds for seconds, _, _ in self._recent)
        if seen_s < enough_s:
            return False
        taken = sum(seconds * taken for seconds, taken, _ in self._recent) / seen_s
        surely = sum(seconds * surely for seconds, _, surely in self._recent) / seen_s
        from_us = max(surely, min(taken, threads + taken - cores))
        if (theirs := left_to_others(from_us, cores)) > self.left:
            self._free.undone(now)
            self._perhaps.undone(now)
            self._unseen = missing > 0
            return self._leave(theirs)
        if (theirs := left_to_others(taken, cores, BETWEEN)) < self.left and not self._unseen:
            if self._free.over(now):
                return self._leave(theirs)
        else:
            self._free.broken()
        if left_to_others(surely, cores, BETWEEN) < self.left:
            if self._perhaps.over(now):
                return self._leave(self.left - 1)
        else:
            self._perhaps.broken()
        return False

    def _leave(self, theirs: int) -> bool:
        self.left = theirs
        self.forget()
        return True


class _Wait:
    """How long something must have been so; longer where it was too soon, up to a limit."""

    def __init__(self, first_s: float, most_s: float) -> None:
        self._first_s, self._most_s, self._wait_s = first_s, most_s, first_s
        self._since: float | None = None
        self._over_at = -math.inf

    def over(self, now: float) -> bool:
        """It is so; whether it has been for long enough."""
        if self._since is None:
            self._since = now
        if now - self._since < self._wait_s:
            return False
        self._over_at = now
        return True

    def broken(self) -> None:
        """It is not so."""
        self._since = None

    def undone(self, now: float) -> None:
        """What was done when it was over is undone."""
        soon = now - self._over_at <= UNDONE_S
        wait_s = self._wait_s * LONGER if soon else self._wait_s / LONGER
        self._wait_s = min(max(wait_s, self._first_s), self._most_s)
