"""How much memory a process may take, where the operating system has a limit for it (Linux, macOS)."""

import sys

if sys.platform != "win32":
    import resource


def limit_memory(most_bytes: int) -> None:
    """From now on, may take `most_bytes` more; leaves no core file with somebody's text."""
    if sys.platform == "win32":
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    most = _data_bytes() + most_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


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
