"""What a process has reported to one job and nobody has taken yet.

It holds a limited amount: a process that reports faster than it is listened to has to wait, so
that one that went wrong cannot fill the memory of the program that listens.
"""

import queue
import threading
from collections import deque

from engine import wire

MOST_WAITING_BYTES = 2 * wire.LINE_BYTES  # as lines; one report more than this always has room


class Inbox:
    """One thread puts reports in, another takes them out. None is the last: the process is gone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reports: deque[tuple[wire.Message | None, int]] = deque()
        self._waiting_bytes = 0
        self._limited = True

    def put(self, report: wire.Message | None, size_bytes: int = 0) -> None:
        """Add a report whose line had `size_bytes`; waits while there is no room."""
        with self._changed:
            self._changed.wait_for(lambda: not self._limited or self._waiting_bytes < MOST_WAITING_BYTES)
            self._reports.append((report, size_bytes))
            self._waiting_bytes += size_bytes
            self._changed.notify_all()

    def get(self, timeout_s: float) -> wire.Message | None:
        """The next report. Raises `queue.Empty` where none comes in time."""
        with self._changed:
            if not self._changed.wait_for(lambda: bool(self._reports), timeout_s):
                raise queue.Empty
            report, size_bytes = self._reports.popleft()
            self._waiting_bytes -= size_bytes
            self._changed.notify_all()
        return report

    def lift(self) -> None:
        """Nobody takes anything out any more, or the process has ended: whoever waits to put goes on."""
        with self._changed:
            self._limited = False
            self._changed.notify_all()
