"""How fast something comes, and when the rest will be here."""

import time
from collections import deque

from engine.events import Progressed

RATE_OVER_S = 8.0


class Rate:
    """How many a second over the last seconds, of bytes or of what `unit` says, and the time the rest will take."""

    def __init__(self, unit: str = "bytes") -> None:
        self._unit = unit
        self._seen: deque[tuple[float, int]] = deque()

    def progressed(self, done: int, total: int, now: str, connections: int | None = None) -> Progressed:
        """The event for `done` of `total` at this moment; of a download, over how many `connections`."""
        moment = time.monotonic()
        if connections == 0:
            self._seen.clear()  # what is read again from the disk says nothing of how fast the rest will come
        self._seen.append((moment, done))
        while moment - self._seen[0][0] > RATE_OVER_S and len(self._seen) > 2:
            self._seen.popleft()
        since, at_first = self._seen[0]
        per_s = (done - at_first) / (moment - since) if moment > since else 0.0
        left_s = (total - done) / per_s if per_s > 0 and total else None
        return Progressed(
            done=done, total=total, unit=self._unit, per_s=per_s, left_s=left_s, now=now, connections=connections or 0
        )
