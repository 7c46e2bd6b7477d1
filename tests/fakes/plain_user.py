"""Makes file permissions hold for the calling thread even where root runs the tests.

Linux checks them only for a thread without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, and a thread may lay
these down and take them up again. Source: capabilities(7), capset(2).
"""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION_3 = 0x20080522
_DAC = 1 << 1 | 1 << 2  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Word(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


@contextmanager
def plain_user() -> Iterator[None]:
    """While inside, root is refused what its files' permissions refuse. Raises `OSError`."""
    if os.geteuid() != 0:
        yield
        return
    header, words = _Header(_VERSION_3, 0), (_Word * 2)()
    _call("capget", header, words)
    kept = words[0].effective
    words[0].effective = kept & ~_DAC
    _call("capset", header, words)
    try:
        yield
    finally:
        words[0].effective = kept
        _call("capset", header, words)


def _call(name: str, header: _Header, words: "ctypes.Array[_Word]") -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(ctypes.byref(header), words) != 0:
        raise OSError(ctypes.get_errno(), name)
