"""Which stretch of a file the next connection asks for.

The lowest missing stretch comes first, so that what is here has few gaps and the hash of the whole can follow. How
long a stretch is follows from how fast connections are: about `SPAN_S` of one's time, and less towards the end, so
that all of them end together.
"""

import threading

from engine.worker.fetcher.part import PIECE_BYTES

SPAN_S = 4.0
FIRST_BYTES, MOST_BYTES = 4 << 20, 64 << 20
Span = tuple[int, int]  # from byte to byte


class Spans:
    """The stretches that nobody has been sent for. From any thread."""

    def __init__(self, missing: list[Span]) -> None:
        """Each begins where a piece begins."""
        self._free = sorted(missing)
        self._lock = threading.Lock()

    @property
    def left(self) -> bool:
        """Whether there are any."""
        return bool(self._free)

    def take(self, per_s: float, connections: int) -> Span | None:
        """The next one for a connection that brings `per_s` bytes a second (0: not known); None where none is left."""
        with self._lock:
            if not self._free:
                return None
            left = sum(end - start for start, end in self._free)
            wanted = min(int(per_s * SPAN_S) or FIRST_BYTES, MOST_BYTES, left // (2 * max(1, connections)))
            wanted = max(PIECE_BYTES, wanted - wanted % PIECE_BYTES)
            start, end = self._free[0]
            cut = min(start + wanted, end)
            self._free[:1] = [(cut, end)] if cut < end else []
            return start, cut

    def take_all(self) -> None:
        """Leave none: one connection brings them all."""
        with self._lock:
            self._free = []

    def give_back(self, start: int, end: int) -> None:
        """The rest of a stretch that did not come."""
        if start < end:
            with self._lock:
                self._free = sorted([*self._free, (start, end)])
