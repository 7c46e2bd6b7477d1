"""How many connections a transfer has at once: as many as make it faster, and fewer where a server has too many.

One asks first. Where the server sends stretches of a file, `BEGIN` do, and then `STEP` more each time that the last
ones made all of them together faster. A server that answers "too many" gets half as many, for a while.
"""

import time

from engine.worker.fetcher.hub import MOST_CONNECTIONS

BEGIN, STEP = 4, 2
EVERY_S = 0.7
GAIN = 1.05  # what more of them have to bring
TRY_AGAIN_S, BUSY_S = 8.0, 20.0


class Throttle:
    """Decides from what arrives. Of one transfer, from its own thread but `busy`."""

    def __init__(self) -> None:
        self.limit = 1
        self._opened = False
        self._speed = 0.0
        self._since, self._arrived = time.monotonic(), 0
        self._tried_at, self._not_more_before = 0.0, 0.0

    def open(self, arrived: int) -> None:
        """The server sends stretches."""
        if not self._opened:
            now = time.monotonic()
            self._opened, self._since, self._arrived = True, now, arrived
            self.limit = BEGIN if now >= self._not_more_before else 1

    def busy(self) -> None:
        """The server has too many."""
        now = time.monotonic()
        if now >= self._not_more_before - BUSY_S / 2:  # all that it answers so at one time count as one
            self.limit = max(1, self.limit // 2)
            self._not_more_before = now + BUSY_S
            self._speed = 0.0

    def look(self, arrived: int, *, all_at_work: bool) -> None:
        """`arrived` bytes have come so far; every `EVERY_S` it is looked whether there should be more."""
        now = time.monotonic()
        if not self._opened or now - self._since < EVERY_S:
            return
        speed = (arrived - self._arrived) / (now - self._since)
        self._since, self._arrived = now, arrived
        if not all_at_work or now < self._not_more_before:
            return
        faster = speed > self._speed * GAIN
        if faster or now - self._tried_at >= TRY_AGAIN_S:
            self._speed, self._tried_at = speed, now
            self.limit = min(self.limit + STEP, MOST_CONNECTIONS)
