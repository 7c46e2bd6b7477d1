"""How much memory is free now, for a process that is about to start."""

from pathlib import Path

import psutil

_GROUP = Path("/sys/fs/cgroup")


def free_bytes() -> int:
    """Memory a new process could have without pushing others out, in bytes.

    What the operating system calls available (free, or cache it can drop), and no more than a
    container's own limit leaves (cgroup v2: `memory.max`, `memory.current` less the file cache
    that can be dropped, `inactive_file` of `memory.stat`).
    """
    available: int = psutil.virtual_memory().available
    try:
        most = int((_GROUP / "memory.max").read_text())
        current = int((_GROUP / "memory.current").read_text())
        stat = dict(line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return available
    droppable = int(stat.get("inactive_file", 0))
    return max(0, min(available, most - current + droppable))
