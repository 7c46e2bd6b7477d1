"""How much memory, time and text one document may take.

The limits are the operating system's where it has them (Linux, macOS); the engine's own clock
and the caps on sizes hold everywhere.
"""

import sys

MOST_MEMORY_BYTES = 512 * 1024 * 1024  # above what the process has when it is ready
MOST_CPU_S = 20
MOST_CHARACTERS = 20_000_000
MOST_PAGES = 20_000
PAGE_EARNS_S = 0.05  # of computing, with words on it; else pages without end would have time without end
PICTURE_EARNS_S = 3.0  # a page that was asked for as a picture: there are no more of these than were asked for

if sys.platform != "win32":
    import resource


class Allowance:
    """So many seconds of work from now; beyond, the system ends this process."""

    def __init__(self, seconds: float = MOST_CPU_S) -> None:
        self._until = float(seconds)
        if sys.platform != "win32":
            used = resource.getrusage(resource.RUSAGE_SELF)
            self._until += used.ru_utime + used.ru_stime
        self._set()

    def earn(self, seconds: float = PAGE_EARNS_S) -> None:
        """A page has been read: a thousand pages may take longer than one."""
        self._until += seconds
        self._set()

    def _set(self) -> None:
        if sys.platform != "win32":
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(self._until), hard))
