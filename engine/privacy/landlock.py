"""Landlock, Linux's rules on files, TCP and signals that a process lays on itself and never lifts.

Called by numbers through C's `syscall`: no library knows them. What a kernel does not know yet is
left out, and `Ruled` tells what it took. Source: landlock(7), include/uapi/linux/landlock.h.
The rules hold for the calling thread and all that it starts, so they come before other threads.
"""

import ctypes
import functools
import os
import stat
import struct
from collections.abc import Sequence
from typing import NamedTuple

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_ASK_VERSION, _PATH_BENEATH, _SAY_NOTHING = 1, 1, 1
_BIND, _CONNECT = 1, 2
_ABSTRACT, _SIGNAL = 1, 2
_NET_SINCE, _SCOPE_SINCE, _QUIET_SINCE = 4, 6, 7
_FIRST_RIGHTS = 13
_LATER_RIGHTS = {2: 13, 3: 14, 5: 15}  # version → bit: move between folders, truncate, device commands
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE = 1 << 5, 1 << 7, 1 << 8
READ = READ_FILE | READ_FOLDER
WRITE = READ | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE
DEVICE = READ_FILE | _WRITE_FILE | 1 << 15  # a file of /dev: with commands of its own
_ON_A_FILE = 1 | READ_FILE | _WRITE_FILE | _TRUNCATE | 1 << 15


class Ruled(NamedTuple):
    """Which kinds of rules the kernel took."""

    files: bool = False
    network: bool = False
    scope: bool = False


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)))


def restrict(
    *,
    files: Sequence[tuple[str, int]] | None = None,
    connect: bool = True,
    listen: bool = True,
    abstract: bool = True,
    signal: bool = True,
) -> Ruled:
    """Forbid what is False; with `files`, every access to files but the ones given as (path, rights).

    A path that is not there is left out. Raises `OSError`.
    """
    return prepared(files=files, connect=connect, listen=listen, abstract=abstract, signal=signal).lay_on()


class Ruleset:
    """Rules made ready, which a process lays on itself later, or each of its copies.

    Whoever holds one may add to it, so it is closed before anything from outside is read.
    """

    def __init__(self, number: int | None, ruled: Ruled) -> None:
        """`number` is the kernel's of it, None for rules that this kernel knows nothing of."""
        self._number = number
        self._ruled = ruled
        self._closed = False

    def lay_on(self) -> Ruled:
        """Keep to the rules from now on, and close them. Raises `OSError`."""
        if self._closed:
            raise ValueError("these rules were let go of and hold nobody")
        if self._number is None:
            return self._ruled
        quiet = _SAY_NOTHING if version() >= _QUIET_SINCE else 0  # the system's log is no place for names of files
        try:
            _checked(_libc().syscall(_RESTRICT, self._number, quiet))
        finally:
            self.close()
        return self._ruled

    def close(self) -> None:
        """Let go of the rules."""
        if self._number is not None:
            os.close(self._number)
        self._number, self._closed = None, True


def prepared(
    *,
    files: Sequence[tuple[str, int]] | None = None,
    connect: bool = True,
    listen: bool = True,
    abstract: bool = True,
    signal: bool = True,
) -> Ruleset:
    """The rules that `restrict` lays on, made ready. Raises `OSError`."""
    known = version()
    rights = _rights(known) if files is not None else 0
    network = ((0 if listen else _BIND) | (0 if connect else _CONNECT)) if known >= _NET_SINCE else 0
    scope = ((0 if abstract else _ABSTRACT) | (0 if signal else _SIGNAL)) if known >= _SCOPE_SINCE else 0
    if not known or not (rights or network or scope):
        return Ruleset(None, Ruled())
    libc = _libc()
    attribute = struct.pack("=QQQ", rights, network, scope)
    size = 8 if known < _NET_SINCE else 16 if known < _SCOPE_SINCE else 24
    ruleset = _checked(libc.syscall(_CREATE, attribute, ctypes.c_size_t(size), 0))
    try:
        for path, wanted in files or ():
            _let(ruleset, path, wanted & rights)
    except BaseException:
        os.close(ruleset)
        raise
    return Ruleset(ruleset, Ruled(files=bool(rights), network=bool(network), scope=bool(scope)))


def _rights(known: int) -> int:
    rights = (1 << _FIRST_RIGHTS) - 1
    for since, bit in _LATER_RIGHTS.items():
        if known >= since:
            rights |= 1 << bit
    return rights


def _let(ruleset: int, path: str, wanted: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            wanted &= _ON_A_FILE
        attribute = struct.pack("=Qi", wanted, place)
        _checked(_libc().syscall(_ADD, ruleset, _PATH_BENEATH, attribute, 0))
    finally:
        os.close(place)


@functools.cache  # looking it up takes longer than a rule
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc


def _checked(answer: int) -> int:
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(answer)
