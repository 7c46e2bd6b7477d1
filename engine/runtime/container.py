"""The control groups of Linux that this program runs in, as far as they limit its memory.

A container, a service or a session may be given less memory than the computer has. Each group from our own up
to the outermost that can be seen is looked at; elsewhere than on Linux there are none.

Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")
_UNLIMITED = 1 << 60  # the first version writes a number beyond this where there is no limit


@dataclass(frozen=True, slots=True)
class Limit:
    """One group's limit. `used_bytes` is without file pages that are given back when memory runs short.

    `pressure` is its file of waiting for memory, which only the second version has; it may not be there.
    """

    limit_bytes: int
    used_bytes: int
    pressure: Path


def limits() -> tuple[Limit, ...]:
    """The groups that have a limit, our own first."""
    found = []
    for folder, limit, used, cached in _groups():
        with contextlib.suppress(OSError, ValueError):
            most = int((folder / limit).read_text())  # "max" where there is none
            if most < _UNLIMITED:
                now = int((folder / used).read_text()) - _cached(folder / "memory.stat", cached)
                found.append(Limit(most, max(0, now), folder / "memory.pressure"))
    return tuple(found)


def _groups() -> list[tuple[Path, str, str, str]]:
    """Each group's folder and the names of its limit, its use, and what of that is cached."""
    try:
        lines = OURS.read_text().splitlines()
    except OSError:
        return []
    groups = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, names = GROUPS, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            root = GROUPS / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        inner = root / path.lstrip("/")
        folders = [inner, *(parent for parent in inner.parents if parent.is_relative_to(root))]
        groups += [(folder, *names) for folder in folders]
    return groups


def _cached(stat: Path, name: str) -> int:
    for line in stat.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
