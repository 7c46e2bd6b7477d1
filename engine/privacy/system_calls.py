"""The filter of system calls: a short program that Linux runs before every call of this process.

It holds for all threads at once, is inherited by what the process starts, and is never lifted.
Source: seccomp(2), and the tables of system calls of the two architectures that are known here.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator

from engine.privacy.rules import Right

_MAKE_FILTER, _ASK_WHETHER = 1, 2
_ALL_THREADS, _LISTENER, _THREADS_OR_ERROR = 1, 8, 16
_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_IF_ANY_BIT = 0x45
_ALLOW, _REFUSE, _ASK_LISTENER, _END_PROCESS = 0x7FFF0000, 0x00050000, 0x7FC00000, 0x80000000
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT, _AT_SECOND_ARGUMENT = 0, 4, 16, 24
_X32 = 0x40000000  # x86-64's second table of calls, which nothing here uses and a filter could miss
_FAMILIES = {Right.UNIX: (1,), Right.NETWORK: (16, 2, 10)}  # unix; netlink to look names up, internet 4 and 6
_INTERNET, _KIND_BITS, _KINDS = (2, 10), 0xF, (1, 2)  # streams and datagrams; not raw packets, which root could send

# What is refused without a right.
REFUSED = {
    Right.RUN: ("execve", "execveat"),
    Right.LOOK_INTO: ("ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd"),
    Right.LISTEN: ("listen",),
    Right.OTHER_NETWORK: ("io_uring_setup",),
    Right.READ: ("open_by_handle_at",),  # opens a file by its number, whatever folder it lies in
}
NUMBERS = {
    "x86_64": {
        "execve": 59, "execveat": 322, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311,
        "pidfd_getfd": 438, "listen": 50, "io_uring_setup": 425, "open_by_handle_at": 304, "connect": 42,
        "socket": 41, "seccomp": 317,
    },
    "aarch64": {
        "execve": 221, "execveat": 281, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271,
        "pidfd_getfd": 438, "listen": 201, "io_uring_setup": 425, "open_by_handle_at": 265, "connect": 203,
        "socket": 198, "seccomp": 277,
    },
}  # fmt: skip
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def filter_calls(rights: frozenset[Right]) -> bool:
    """From now on, in all threads, refuse what takes a right that is not among `rights`.

    False where this computer's calls are not known here. Raises `OSError`.
    """
    machine = os.uname().machine
    if machine not in NUMBERS:
        return False
    if _lay(machine, b"".join(_program(machine, rights)), _ALL_THREADS):  # the number of a thread with its own filter
        raise OSError(errno.EBUSY, "seccomp")
    return True


def filter_and_tell(rights: frozenset[Right]) -> int:
    """As `filter_calls`, for rights without sockets, but whoever holds what is returned answers each try of one.

    Once it is closed everywhere the kernel refuses by itself, and no other can take its place. Takes Linux 5.7.
    Raises `OSError`.
    """
    machine = os.uname().machine
    if machine not in NUMBERS:
        raise OSError(errno.ENOSYS, "seccomp")
    program = b"".join(_program(machine, rights, told=True))
    return _lay(machine, program, _ALL_THREADS | _THREADS_OR_ERROR | _LISTENER)


def offers_filters() -> bool:
    """Whether this kernel says that it can refuse calls by a filter."""
    number = NUMBERS.get(os.uname().machine, {}).get("seccomp")
    if number is None:
        return False
    asked = ctypes.byref(ctypes.c_uint32(_REFUSE))
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), _ASK_WHETHER, 0, asked)) == 0


def _lay(machine: str, program: bytes, flags: int) -> int:
    kept = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HP", len(program) // 8, ctypes.addressof(kept))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    answer = libc.syscall(ctypes.c_long(NUMBERS[machine]["seccomp"]), _MAKE_FILTER, flags, described)
    if answer < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return int(answer)


def _program(machine: str, rights: frozenset[Right], told: bool = False) -> Iterator[bytes]:
    """Steps of 8 bytes each; a jump counts the steps it leaps over."""
    number = NUMBERS[machine]
    yield from (_load(_AT_ARCHITECTURE), _if_equal(_ARCHITECTURES[machine], 1, 0), _answer(_END_PROCESS))
    yield _load(_AT_NUMBER)
    if machine == "x86_64":
        yield from (_step(_IF_AT_LEAST, _X32, 0, 1), _answer(_END_PROCESS))
    refused = [call for right, calls in REFUSED.items() if right not in rights for call in calls]
    families = [family for right, several in _FAMILIES.items() if right in rights for family in several]
    for call in refused:
        yield from (_if_equal(number[call], 0, 1), _answer(_REFUSE | errno.EPERM))
    if not families:
        yield from (_if_equal(number["connect"], 0, 1), _answer(_ASK_LISTENER if told else _REFUSE | errno.EPERM))
    if told:
        yield from (_if_equal(number["socket"], 0, 1), _answer(_ASK_LISTENER))
        yield from (
            _if_equal(number["seccomp"], 0, 3),
            _load(_AT_SECOND_ARGUMENT),
        )  # a listener of one's own could allow
        yield from (_step(_IF_ANY_BIT, _LISTENER, 0, 1), _answer(_REFUSE | errno.EPERM))
        yield _answer(_ALLOW)
        return
    yield _if_equal(number["socket"], 1, 0)
    yield _answer(_ALLOW)
    yield _load(_AT_FIRST_ARGUMENT)
    for family in families:
        if family not in _INTERNET:
            yield from (_if_equal(family, 0, 1), _answer(_ALLOW))
    if Right.NETWORK in rights:
        yield from (_if_equal(family, 1 + len(_INTERNET) - at, 0) for at, family in enumerate(_INTERNET, start=1))
        yield _answer(_REFUSE | errno.EACCES)
        yield from (_load(_AT_SECOND_ARGUMENT), _step(_AND, _KIND_BITS))
        for kind in _KINDS:
            yield from (_if_equal(kind, 0, 1), _answer(_ALLOW))
    yield _answer(_REFUSE | errno.EACCES)


def _load(at: int) -> bytes:
    return _step(_LOAD, at)


def _if_equal(value: int, leap_if: int, leap_if_not: int) -> bytes:
    return _step(_IF_EQUAL, value, leap_if, leap_if_not)


def _answer(value: int) -> bytes:
    return _step(_RETURN, value)


def _step(code: int, value: int, leap_if: int = 0, leap_if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, leap_if, leap_if_not, value)
