"""What a process has reported to one job and nobody has taken yet.

It holds a limited amount: a process that reports faster than it is listened to has to wait, so
that one that went wrong cannot fill the memory of the program that listens.
"""

import queue
import threading

from engine import wire

MOST_WAITING_BYTES = 2 * wire.LINE_BYTES  # as lines; one report more than this always has room


class Inbox:
    """One thread puts reports in, another takes them out. None is the last: the process is gone."""

    def __init__(self) -> None:
        self._room = threading.Condition()
        self._reports: queue.SimpleQueue[tuple[wire.Message | None, int]] = queue.SimpleQueue()  # wakes in one step
        self._waiting_bytes = 0
        self._limited = True

    def put(self, report: wire.Message | None, size_bytes: int = 0) -> None:
        """Add a report whose line had `size_bytes`; waits while there is no room."""
        with self._room:
            while self._limited and self._waiting_bytes >= MOST_WAITING_BYTES:
                self._room.wait()
            self._waiting_bytes += size_bytes
        self._reports.put((report, size_bytes))

    def get(self, timeout_s: float) -> wire.Message | None:
        """The next report. Raises `queue.Empty` where none comes in time."""
        report, size_bytes = self._reports.get(timeout=timeout_s)
        with self._room:
            self._waiting_bytes -= size_bytes
            self._room.notify_all()
        return report

    def lift(self) -> None:
        """Nobody takes anything out any more, or the process has ended: whoever waits to put goes on."""
        with self._room:
            self._limited = False
            self._room.notify_all()
