"""The control groups of Linux that this program runs in: who may set it a limit of memory or of processor time.

A container, a service or a session may be given less than the computer has. Elsewhere than on Linux there are none.

Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/cgroups.rst of Linux.
"""

from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
OURS = Path("/proc/self/cgroup")


def folders(controller: str) -> list[tuple[Path, int]]:
    """The folders of the groups that `controller` counts us to, from our own to the outermost that can be seen.

    With each the version (1 or 2) of the interface, which names the files in it.
    """
    try:
        lines = OURS.read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, version = GROUPS, 2
        elif controller in controllers.split(","):
            root, version = GROUPS / controller, 1
        else:
            continue
        inner = root / path.lstrip("/")
        around = [inner, *(parent for parent in inner.parents if parent.is_relative_to(root))]
        found += [(folder, version) for folder in around]
    return found
