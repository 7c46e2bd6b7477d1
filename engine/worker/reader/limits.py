"""How much memory, time and text one document may take.

Time is what the processor works for it, so that a computer busy with other work fails no good document. The limits are
the operating system's where it has them (Linux, macOS); the engine's own clock and the caps on sizes hold everywhere.
"""

import sys

MOST_MEMORY_BYTES = 512 * 1024 * 1024  # above what the process has when it is ready
MOST_CPU_S = 20
MOST_WHOLE_CPU_S = 60  # however many pages it has
MOST_CHARACTERS = 20_000_000
MOST_PAGES = 20_000
PAGE_EARNS_S = 0.005  # of computing, with words on it: several times what a page of nothing but words takes
PICTURE_EARNS_S = 3.0  # a page that was asked for as a picture: there are no more of these than were asked for

if sys.platform != "win32":
    import resource


class Allowance:
    """`seconds` of work from now, and what is earned; beyond, the system ends this process."""

    def __init__(self, seconds: float = MOST_CPU_S) -> None:
        self._until = float(seconds)
        if sys.platform != "win32":
            used = resource.getrusage(resource.RUSAGE_SELF)
            self._until += used.ru_utime + used.ru_stime
        self._last = self._until - seconds + MOST_WHOLE_CPU_S
        self._set()

    def earn(self) -> None:
        """A page has been read: a thousand pages may take longer than one, but not as long as they like."""
        self._until = min(self._until + PAGE_EARNS_S, self._last)
        self._set()

    def earn_for_picture(self) -> None:
        """A page is drawn that was asked for."""
        self._until += PICTURE_EARNS_S
        self._last += PICTURE_EARNS_S
        self._set()

    def _set(self) -> None:
        if sys.platform != "win32":
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(self._until), hard))
