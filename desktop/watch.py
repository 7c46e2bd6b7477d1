"""Notices that nobody is at the computer: nothing typed or moved for a while, or the computer slept.

Sleep is told by the clocks: one of them stands still while the computer sleeps. What is typed is
seen on its way into a window, and only that it was, never what.
"""

import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QWindow

TICK_MS = 1000
SLEPT_S = 5.0  # the clocks part by more than this: it was asleep
STUCK_S = 30.0  # no tick for so long: it was asleep, on systems where no clock stands still
_INPUT = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
    QEvent.Type.TabletPress,
}


def _whole() -> float:
    """Seconds that go on while the computer sleeps."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time()


class Clocks(NamedTuple):
    """One clock that stands still while the computer sleeps, and one that goes on."""

    awake: Callable[[], float] = time.monotonic
    whole: Callable[[], float] = _whole


class Watch(QObject):
    """Emits `idle` after so many minutes without anybody, and `slept` after each sleep."""

    idle = Signal()
    slept = Signal()

    def __init__(self, clocks: Clocks | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clocks = clocks or Clocks()
        self._idle_s = 0.0
        self._last_awake, self._last_whole = self._clocks.awake(), self._clocks.whole()
        self._active = self._last_whole
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        self._application = application
        application.focusWindowChanged.connect(self._look_at)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    def choose(self, minutes: int) -> None:
        """Say `idle` after so many minutes from now on; 0 is never."""
        self._idle_s = minutes * 60.0
        self._last_awake, self._last_whole = self._clocks.awake(), self._clocks.whole()
        self._active = self._last_whole
        self._look_at(self._application.focusWindow())

    @Slot()
    def tick(self) -> None:
        """Compare the clocks."""
        awake, whole = self._clocks.awake(), self._clocks.whole()
        passed_awake, passed = awake - self._last_awake, whole - self._last_whole
        self._last_awake, self._last_whole = awake, whole
        if passed - passed_awake > SLEPT_S or passed_awake > STUCK_S:
            self.slept.emit()
        if self._idle_s and whole - self._active >= self._idle_s:
            self._active = whole
            self.idle.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._active = self._clocks.whole()
        return False

    @Slot(QWindow)
    def _look_at(self, window: QWindow | None) -> None:
        """What is typed and moved reaches a window first; where idle time does not matter, nothing is looked at."""
        if window is not None and self._idle_s:
            window.installEventFilter(self)
