"""How many threads write: the person's number, else the physical cores, fewer when others need them.

On a busy machine the threads of one step wait for the slowest, so one thread more than there is
room for makes every step several times slower, and the waiting ones spin meanwhile. Two signs tell:

- the process got far less processor time than its threads could use (they never sleep while at
  work), so the cores are not its own; this shows within a quarter of a second, in the first prompt;
- the last tokens took more than three times what the best ones took.

Either takes one thread away. After a while one more is tried again, and stays only if it is faster.
"""

import statistics
import time
from collections import deque
from collections.abc import Callable

from engine.worker.model.process_limits import most_threads

JUDGE_S = 0.25  # processor time is compared over at least this long
LEAST_SHARE = 0.8  # of what the threads could use
WINDOW = 8  # steps that are judged together, by their median
TOO_SLOW = 3.0
TOO_SHORT_S = 0.002  # steps this short measure the clock and the scheduler, not the threads
NO_GAIN = 0.95  # a tried thread stays if steps take at most this share of the time before
RETRY_S, RETRY_MOST_S = 20.0, 320.0


class Threads:
    """The number in use. `choose` may come from another thread; the rest belongs to the loop."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.process_time
    ) -> None:
        """Start with the physical cores. `processor` tells the processor time of this process, in seconds."""
        self._clock, self._processor = clock, processor
        self._chosen = 0
        self._cores = self._most = self.now = most_threads()
        self._steps: deque[float] = deque(maxlen=WINDOW)
        self._writing = 1  # tokens written in each of these
        self._seconds = self._processor_at = 0.0
        self._best: dict[int, float] = {}  # by the tokens written in a step
        self._before_trial: float | None = None
        self._patience_s = RETRY_S
        self._changed_at = clock()

    def choose(self, threads: int) -> None:
        """Use `threads` from the next step on; 0 leaves the number to this class."""
        self._chosen = max(0, threads)

    def next_step(self) -> int:
        """The number of threads for the next step."""
        most = min(self._chosen, 4 * self._cores) if self._chosen else self._cores
        if most != self._most:
            self._most = most
            self._begin_anew()
        if not (self._seconds or self._chosen):
            self._processor_at = self._processor()
        return self.now

    def took(self, seconds: float, writing: int = 1) -> None:
        """A step that wrote `writing` tokens and read nothing took this long with `now` threads; 0 for any other."""
        if self._chosen:
            return
        self._seconds += seconds
        if self._seconds >= JUDGE_S:  # seldom: asking for processor time is a call into the system
            share = (self._processor() - self._processor_at) / (self._seconds * self.now)
            self._seconds = 0.0
            if share < LEAST_SHARE and self.now > 1:
                self._before_trial = None
                self._change(self.now - 1)
                return
        if writing:
            if writing != self._writing:  # steps of another size: nothing before compares with them
                self._writing = writing
                self._steps.clear()
                if self._before_trial is not None:
                    self._before_trial = None
                    self._change(self.now - 1)
            self._steps.append(seconds)
            if len(self._steps) == WINDOW:
                self._judge(statistics.median_low(self._steps))

    def _judge(self, median: float) -> None:
        if self._before_trial is not None:
            self._judge_trial(median)
            return
        best = self._best[self._writing] = min(self._best.get(self._writing, median), median)
        if median > max(TOO_SLOW * best, TOO_SHORT_S) and self.now > 1:
            self._change(self.now - 1)
        elif self.now < self._most and self._clock() - self._changed_at > self._patience_s:
            self._before_trial = median
            self._change(self.now + 1)

    def _judge_trial(self, median: float) -> None:
        assert self._before_trial is not None
        gained = median <= NO_GAIN * self._before_trial
        self._before_trial = None
        if gained:
            self._patience_s = RETRY_S
        else:
            self._patience_s = min(2 * self._patience_s, RETRY_MOST_S)
            self._change(self.now - 1)

    def _change(self, threads: int) -> None:
        self.now = threads
        self._steps.clear()
        self._seconds = 0.0
        self._changed_at = self._clock()

    def _begin_anew(self) -> None:
        self._change(self._most)
        self._best.clear()
        self._before_trial = None
        self._patience_s = RETRY_S
