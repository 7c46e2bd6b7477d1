"""When the folders are to be looked at: at the start, every hour, after sleep, and when something changed in them.

`InStep` tells what is due and looks at nothing itself. Whoever asks has `Documents.look_again` look.
"""

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.documents.folders import Folders
from engine.documents.watching import Watcher

EVERY_S = 60 * 60.0
UNHEARD_EVERY_S = 5 * 60.0  # folders of which the system tells nothing
SLEPT_S = 5.0  # the clocks part by more than this: it was asleep
QUIET_S = 0.8  # a file that is still being written is left until it rests
LONGEST_S = 10.0  # but not for ever
MOST_PATHS = 200  # more that changed at once are a look at everything


def _whole() -> float:
    """Seconds that go on while the computer sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.time()


class Clocks(NamedTuple):
    """One clock that stands still while the computer sleeps, and one that goes on."""

    awake: Callable[[], float] = time.monotonic
    whole: Callable[[], float] = _whole


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be looked at now: these paths, or everything (None)."""

    paths: tuple[Path, ...] | None = None


class InStep:
    """One for the program. Ask it about once a second, always from the same thread."""

    def __init__(self, folders: Folders, clocks: Clocks | None = None) -> None:
        self._folders = folders
        self._clocks = clocks or Clocks()
        self._lock = threading.Lock()  # `renew` comes from where looks are made
        self._watcher: Watcher | None = None
        self._asked = False
        self._looked_at = self._heard_at = self._first_heard_at = 0.0
        self._parted = 0.0
        self._heard: set[Path] = set()

    @property
    def unheard(self) -> tuple[Path, ...]:
        """The folders of which the system tells nothing: they are looked at every few minutes."""
        with self._lock:
            return self._watcher.unheard if self._watcher else ()

    def due(self) -> Due | None:
        """What is to be looked at now; None for nothing. Everything, when it is asked for the first time."""
        now, parted = self._clocks.whole(), self._clocks.whole() - self._clocks.awake()
        slept = parted - self._parted > SLEPT_S
        self._parted = parted
        every_s = UNHEARD_EVERY_S if self.unheard else EVERY_S
        if not self._asked or slept or now - self._looked_at >= every_s:
            self._asked, self._looked_at = True, now
            return Due()
        return self._what_changed(now)

    def renew(self) -> None:
        """Watch the folders as they are now, if anybody asks what is due. Slow: part of a look."""
        wanted = [folder.path for folder in self._folders.all() if not folder.paused and folder.path.is_dir()]
        if not self._asked or (self._watcher is not None and list(self._watcher.folders) == wanted):
            return
        watcher = Watcher(wanted)
        with self._lock:
            before, self._watcher = self._watcher, watcher
        if before is not None:
            before.close()

    def close(self) -> None:
        """Watch no more."""
        with self._lock:
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()

    # Its own affairs.

    def _what_changed(self, now: float) -> Due | None:
        with self._lock:
            touched = self._watcher.touched() if self._watcher else set()
        if touched:
            self._first_heard_at = self._first_heard_at if self._heard else now
            self._heard |= touched
            self._heard_at = now
        if not self._heard or (now - self._heard_at < QUIET_S and now - self._first_heard_at < LONGEST_S):
            return None
        heard, self._heard = self._heard, set()
        if len(heard) > MOST_PATHS:
            self._looked_at = now
            return Due()
        paths = tuple(sorted(self._folders.to_look_at(sorted(heard))))
        return Due(paths) if paths else None
