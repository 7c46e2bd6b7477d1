"""How fast bytes come, and when the rest will be here."""

import time
from collections import deque

from engine.events import Progressed

RATE_OVER_S = 8.0


class Rate:
    """Bytes a second over the last seconds, and the time the rest will take."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def progressed(self, done: int, total: int, now: str, connections: int = 0) -> Progressed:
        """The event for `done` of `total` bytes at this moment."""
        moment = time.monotonic()
        if not connections:
            self._seen.clear()  # what is read again from the disk says nothing of how fast the rest will come
        self._seen.append((moment, done))
        while moment - self._seen[0][0] > RATE_OVER_S and len(self._seen) > 2:
            self._seen.popleft()
        since, at_first = self._seen[0]
        per_s = (done - at_first) / (moment - since) if moment > since else 0.0
        left_s = (total - done) / per_s if per_s > 0 and total else None
        return Progressed(
            done=done, total=total, unit="bytes", per_s=per_s, left_s=left_s, now=now, connections=connections
        )
