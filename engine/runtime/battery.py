"""Whether this computer runs on its battery."""

import threading
import time
from collections.abc import Callable

import psutil

LOOK_S = 5.0


def on_battery() -> bool:
    """Whether it does now; False where there is none, or the system does not tell."""
    look = getattr(psutil, "sensors_battery", None)  # not on every system
    found = look() if look else None
    return found is not None and found.power_plugged is False


class Battery:
    """Remembers for a while: a look reads several files, and is asked for with each piece of an answer."""

    def __init__(self, look: Callable[[], bool] = on_battery, clock: Callable[[], float] = time.monotonic) -> None:
        """Nothing is known yet."""
        self._look, self._clock = look, clock
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._in_use = False

    def in_use(self) -> bool:
        """Whether the battery is in use; from any thread."""
        with self._lock:
            now = self._clock()
            if self._looked_at is None or now - self._looked_at >= LOOK_S:
                self._looked_at, self._in_use = now, self._look()
            return self._in_use
