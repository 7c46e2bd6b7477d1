"""Telling the engine how far a fetch has come, at most ten times a second."""

import time

from engine import wire
from engine.worker.desk import Desk

EVERY_S = 0.1


class Progress:
    """Reports `Moved` for one job."""

    def __init__(self, desk: Desk, job: int, total: int) -> None:
        self._desk, self._job, self._total = desk, job, total
        self._told_at = 0.0

    def moved(self, done: int, connections: int = 0, *, now: bool = False) -> None:
        """`done` bytes are here; told unless something was told just before."""
        moment = time.monotonic()
        if now or moment - self._told_at >= EVERY_S:
            self._told_at = moment
            self._desk.report(wire.Moved(job=self._job, done=done, total=self._total, connections=connections))
