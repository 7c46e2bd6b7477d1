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

if sys.platform != "win32":
    import resource


def limit_memory() -> None:
    """From now on, may take `MOST_MEMORY_BYTES` more; leaves no core file with somebody's text."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _data_bytes() + MOST_MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


class Allowance:
    """`MOST_CPU_S` seconds of work from now; beyond, the system ends this process."""

    def __init__(self) -> None:
        self._until = float(MOST_CPU_S)
        if sys.platform != "win32":
            used = resource.getrusage(resource.RUSAGE_SELF)
            self._until += used.ru_utime + used.ru_stime
        self._set()

    def earn(self) -> None:
        """A page with words has been read: a thousand pages may take longer than one."""
        self._until += PAGE_EARNS_S
        self._set()

    def _set(self) -> None:
        if sys.platform != "win32":
            _, hard = resource.getrlimit(resource.RLIMIT_CPU)
            resource.setrlimit(resource.RLIMIT_CPU, (int(self._until), hard))


def _data_bytes() -> int:
    """What counts against RLIMIT_DATA now (proc(5), VmData); 0 where the system does not tell."""
    try:
        with open("/proc/self/status", "rb") as status:
            for line in status:
                if line.startswith(b"VmData:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
