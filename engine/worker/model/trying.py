"""Whether fewer threads are as good: tried once, step by step down, while nobody else is there.

Writing is held up by memory on most computers, so some cores fewer may write as fast or faster; slow cores beside fast
ones may hold a step up. No description of a processor tells, but a few steps do. What was found stays.
"""

import statistics
from collections import deque
from collections.abc import Sequence

STEPS = 8  # that are judged together, by their median
WARM = 16  # the first ones after loading fetch the weights
GAIN = 0.95  # fewer threads stay if steps take at most this part of the time


def ladder(most: int, fast: int = 0) -> tuple[int, ...]:
    """The numbers to try, from `most` down: that of the fast cores, and each time a quarter fewer."""
    found = [most]
    while (fewer := fast if 0 < fast < found[-1] else (3 * found[-1] + 3) // 4) < found[-1]:
        found.append(fewer)
    return tuple(found)


class Trying:
    """For steps of one kind. `now` is the number to use where there is room for it."""

    def __init__(self, numbers: Sequence[int], *, steps: int = STEPS, warm: int = WARM) -> None:
        """Begin with the first number, and to measure after `warm` steps."""
        self._numbers, self._best, self._at = numbers, 0, 0
        self._before: float | None = None
        self._steps: deque[float] = deque(maxlen=steps)
        self._size: int | None = None
        self._warm = warm

    @property
    def now(self) -> int:
        """The number to use."""
        return self._numbers[self._at]

    @property
    def fewer(self) -> bool:
        """Whether the best that was found is not the first."""
        return self._best > 0

    def took(self, seconds: float, size: int) -> None:
        """An undisturbed step with `now` threads took `seconds`; those of one `size` can be compared."""
        if self._at == len(self._numbers) - 1 == self._best:
            return
        if size != self._size:
            self.disturbed()
            self._size = size
        if self._warm > 0:
            self._warm -= 1
            return
        self._steps.append(seconds)
        if len(self._steps) == self._steps.maxlen:
            self._judge(statistics.median(self._steps))

    def disturbed(self) -> None:
        """What was being measured is worth nothing: another program came, or steps became of another size."""
        self._steps.clear()
        self._before, self._at = None, self._best

    def _judge(self, median: float) -> None:
        self._steps.clear()
        if self._before is None:
            if self._best + 1 < len(self._numbers):
                self._before, self._at = median, self._best + 1
        elif median <= GAIN * self._before:
            self._best, self._before = self._at, None
        else:
            self._numbers = self._numbers[: self._best + 1]
            self._before, self._at = None, self._best
