"""Telling a process that hangs from one that computes for long.

While a job runs and reports nothing, its process is asked for a sign of life every `BEAT_S`. The thread that
answers does no work of its own, and native code lets it run, so the longest computation does not keep it from
answering. A process that gives no sign for `HANG_S` hangs.
"""

BEAT_S = 2.0
HANG_S = 10.0
TICK_S = 0.25


class Patience:
    """Counts how long a job's process has said nothing, in ticks of our own.

    Not by the clock: after the computer has slept, or has kept us from running, the process gets the same
    chance to speak as ever.
    """

    def __init__(self, silent_s: float | None, hang_s: float | None) -> None:
        self._silent_s, self._hang_s = silent_s, hang_s
        self._beat_s = BEAT_S if hang_s is None else min(BEAT_S, hang_s / 4)
        self._quiet_s = self._lifeless_s = 0.0
        self._heard = -1

    def renew(self) -> None:
        """The job has reported."""
        self._quiet_s = self._lifeless_s = 0.0

    def asks(self, heard: int) -> bool:
        """A tick has passed, and the process has sent `heard` messages so far; True to ask for a sign of life."""
        self._quiet_s += TICK_S
        if heard != self._heard:
            self._heard, self._lifeless_s = heard, 0.0
        self._lifeless_s += TICK_S
        return self._hang_s is not None and self._lifeless_s % self._beat_s < TICK_S

    def lost(self) -> float:
        """The seconds after which it is given up; 0 while there is hope."""
        for limit_s, seconds in ((self._hang_s, self._lifeless_s), (self._silent_s, self._quiet_s)):
            if limit_s is not None and seconds > limit_s:
                return limit_s
        return 0.0
