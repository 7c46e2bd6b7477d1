"""Which files are read together: small ones of kinds that plain Python reads, a few at a time."""

import os
from collections.abc import Iterator, Sequence

from engine.documents.walk import Found
from engine.formats import PLAIN

MOST_FILES = 64  # read together
MOST_BYTES = 512 * 1024  # of all of them
SMALL_BYTES = 128 * 1024  # of one
APART = 128  # files, between the first and the last of them


def groups(found: Sequence[Found]) -> list[tuple[Found, ...]]:
    """All files, each in one group: most in a group of their own, and about in their order."""
    return list(_groups(found))


def _groups(found: Sequence[Found]) -> Iterator[tuple[Found, ...]]:
    group: list[Found] = []
    size_bytes = since = 0
    for one in found:
        small = _small_bytes(one)
        since += 1
        if group and (size_bytes + small > MOST_BYTES or len(group) == MOST_FILES or since > APART):
            yield tuple(group)
            group, size_bytes, since = [], 0, 0
        if small:
            group.append(one)
            size_bytes += small
        else:
            yield (one,)
    if group:
        yield tuple(group)


def _small_bytes(found: Found) -> int:
    """The size of a file that may be read with others; 0 for any other."""
    if found.error is not None or found.kind not in PLAIN:
        return 0
    try:
        size_bytes = os.stat(found.name).st_size
    except OSError:  # reading it will say why
        return 0
    return size_bytes if size_bytes <= SMALL_BYTES else 0
