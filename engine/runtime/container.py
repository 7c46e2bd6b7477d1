"""The limits of memory that this program's control groups set it.

Each group from our own up to the outermost that can be seen is looked at; elsewhere than on Linux there are none.

Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from engine import control_groups

_NAMES = {  # by the version: its limit, its use, and what of that is cached
    1: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    2: ("memory.max", "memory.current", "inactive_file"),
}
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
    for folder, version in control_groups.folders("memory"):
        limit, used, cached = _NAMES[version]
        with contextlib.suppress(OSError, ValueError):
            most = int((folder / limit).read_text())  # "max" where there is none
            if most < _UNLIMITED:
                now = int((folder / used).read_text()) - _cached(folder / "memory.stat", cached)
                found.append(Limit(most, max(0, now), folder / "memory.pressure"))
    return tuple(found)


def _cached(stat: Path, name: str) -> int:
    for line in stat.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
