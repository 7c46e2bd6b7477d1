"""Tries every way out of this process and says what came of it: open, refused, or not there.

The tries go to the operating system itself and to nobody else: an address of this very computer,
a process and a program that do not exist. So an open way is seen to be open, and nothing leaves.
Where a process may use the network, its sockets are made and not used.
"""

import ctypes
import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from engine.privacy.rules import CHANNELS, RULES, Right

OPEN, REFUSED, ABSENT = "open", "refused", "absent"
Tried = tuple[tuple[str, str], ...]
Channels = dict[str, Callable[[], None]]

NOBODY = 0x3FFFFFFF  # no process has this number: Linux and macOS count far lower
_LOOPBACK4, _LOOPBACK6, _PORT = "127.0.0.1", "::1", 9
_SOON_S = 0.2
_REFUSALS = (errno.EPERM, errno.EACCES)
_NOT_HERE = (
    errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT, errno.EPROTOTYPE, errno.EOPNOTSUPP,
)  # fmt: skip
_IPPROTO_MPTCP, _PTRACE_ATTACH, _PR_GET_DUMPABLE = 262, 16, 3
_SYSTEM_CALLS = {
    "x86_64": {"io_uring_setup": 425, "process_vm_readv": 310, "pidfd_getfd": 438, "pidfd_open": 434},
    "aarch64": {"io_uring_setup": 425, "process_vm_readv": 270, "pidfd_getfd": 438, "pidfd_open": 434},
}
RESOLVERS = ("/var/run/nscd/socket", "/run/systemd/resolve/io.systemd.Resolve", "/var/run/mDNSResponder")


class _NotHere(Exception):
    """This system has no such thing to try."""


def probe(kind: str, private: str = "") -> Tried:
    """Every channel of `CHANNELS` with what came of it, in their order.

    `private` is the folder of our processes: the store lies beside it, and a file is tried in it.
    """
    ways = _sockets(using=Right.NETWORK not in RULES[kind].rights) | _processes() | _files(private or os.getcwd())
    return tuple((name, _outcome(ways[name])) for name in CHANNELS)


def _outcome(way: Callable[[], None]) -> str:
    try:
        way()
    except _NotHere:
        return ABSENT
    except OSError as error:
        if error.errno in _REFUSALS:
            return REFUSED
        return ABSENT if error.errno in _NOT_HERE else OPEN  # "nobody answers" came from outside our walls
    return OPEN


# --- sockets ----------------------------------------------------------------------------------


def _sockets(using: bool) -> Channels:
    def tcp(family: int, address: str, protocol: int = 0) -> Callable[[], None]:
        return lambda: _connect(family, socket.SOCK_STREAM, protocol, (address, _PORT) if using else None)

    def udp(family: int, address: str) -> Callable[[], None]:
        return lambda: _send(family, (address, _PORT) if using else None)

    return {
        "tcp4": tcp(socket.AF_INET, _LOOPBACK4),
        "tcp6": tcp(socket.AF_INET6, _LOOPBACK6),
        "tcp4 from another thread": _on_a_thread(tcp(socket.AF_INET, _LOOPBACK4)),
        "udp4": udp(socket.AF_INET, _LOOPBACK4),
        "udp6": udp(socket.AF_INET6, _LOOPBACK6),
        "mptcp": _only_on("linux", tcp(socket.AF_INET, _LOOPBACK4, _IPPROTO_MPTCP)),
        "tcp fast open": _only_on("linux", lambda: _fast_open(using)),
        "sctp": lambda: _make(socket.AF_INET, socket.SOCK_STREAM, 132),
        "netlink": lambda: _make(_family("AF_NETLINK"), socket.SOCK_RAW, 0),
        "vsock": lambda: _make(_family("AF_VSOCK"), socket.SOCK_STREAM, 0),
        "packet": lambda: _make(_family("AF_PACKET"), socket.SOCK_DGRAM, 0),
        "raw": lambda: _make(socket.AF_INET, socket.SOCK_RAW, 1),
        "bluetooth": lambda: _make(_family("AF_BLUETOOTH"), socket.SOCK_RAW, 1),
        "listen": _listen,
        "unix path": lambda: _connect(_family("AF_UNIX"), socket.SOCK_STREAM, 0, "hanare-nobody-here"),
        "unix abstract": _only_on(
            "linux", lambda: _connect(_family("AF_UNIX"), socket.SOCK_STREAM, 0, "\0hanare-nobody-here")
        ),
        "name lookup": _resolve,
    }


def _family(name: str) -> int:
    found: int | None = getattr(socket, name, None)
    if found is None:
        raise _NotHere
    return found


def _only_on(platform: str, way: Callable[[], None]) -> Callable[[], None]:
    def elsewhere() -> None:
        raise _NotHere

    return way if sys.platform == platform else elsewhere


def _make(family: int, kind: int, protocol: int) -> None:
    socket.socket(family, kind, protocol).close()


def _connect(family: int, kind: int, protocol: int, address: tuple[str, int] | str | None) -> None:
    with socket.socket(family, kind, protocol) as made:
        made.settimeout(_SOON_S)
        if address is not None:
            made.connect(address)


def _send(family: int, address: tuple[str, int] | None) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        if address is not None:
            made.sendto(b"\0", address)


def _fast_open(using: bool) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.settimeout(_SOON_S)
        if using:
            made.sendto(b"\0", socket.MSG_FASTOPEN, (_LOOPBACK4, _PORT))


def _listen() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.bind((_LOOPBACK4, 0))
        made.listen(1)


def _resolve() -> None:
    """Knock at the programs that look names up for others. No name is said."""
    family = _family("AF_UNIX")
    here = [path for path in RESOLVERS if os.path.exists(path)] or [RESOLVERS[0]]
    with socket.socket(family, socket.SOCK_STREAM) as made:
        made.settimeout(_SOON_S)
        made.connect(here[0])


def _on_a_thread(way: Callable[[], None]) -> Callable[[], None]:
    def try_there() -> None:
        raised: list[OSError] = []

        def run() -> None:
            try:
                way()
            except OSError as error:
                raised.append(error)

        thread = threading.Thread(target=run, name="probe")
        thread.start()
        thread.join()
        if raised:
            raise raised[0]

    return try_there


# --- other processes --------------------------------------------------------------------------


def _processes() -> Channels:
    return {
        "io_uring": lambda: os.close(_call("io_uring_setup", 1, ctypes.create_string_buffer(120))),
        "exec": _run,
        "ptrace": _only_on("linux", _trace),
        "other memory": lambda: _refusable("process_vm_readv", NOBODY, None, 0, None, 0, 0),
        "other files": lambda: _refusable("pidfd_getfd", -1, 0, 0),
        "signal": _signal,
    }


def _call(name: str, *arguments: object) -> int:
    """One system call by its number. Raises `OSError`."""
    number = _SYSTEM_CALLS.get(os.uname().machine, {}).get(name) if sys.platform == "linux" else None
    if number is None:
        raise _NotHere
    return _libc("syscall", ctypes.c_long(number), *arguments)


def _refusable(name: str, *arguments: object) -> None:
    """A call that can only fail: what matters is who refused it."""
    _call(name, *arguments)


def _libc(name: str, *arguments: object) -> int:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    function.restype = ctypes.c_long
    answer = int(function(*arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), name)
    return answer


def _run() -> None:
    """The filter answers before the system looks whether there is such a program."""
    if os.name != "posix":
        raise _NotHere
    os.execv(os.path.join(os.sep, "hanare-no-such-program"), ["hanare-no-such-program"])


def _trace() -> None:
    _libc("ptrace", _PTRACE_ATTACH, NOBODY, None, None)


def _signal() -> None:
    """Signal 0 asks only whether another could be sent."""
    if os.name != "posix":
        raise _NotHere
    os.kill(os.getppid(), 0)


# --- files ------------------------------------------------------------------------------------


def _files(private: str) -> Channels:
    def read_store() -> None:
        _read(os.path.join(os.path.dirname(private), "hanare.db"))

    def write() -> None:
        path = os.path.join(private, f".probe-{os.getpid()}")
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with suppress(OSError):
            os.unlink(path)

    outside = "/etc/passwd" if os.name == "posix" else os.path.join(os.environ.get("SYSTEMROOT", ""), "win.ini")
    return {
        "read outside": lambda: _read(outside),
        "read store": read_store,
        "write": write,
        "memory image": _image,
        "own memory": _seen,
    }


def _read(path: str) -> None:
    try:
        os.close(os.open(path, os.O_RDONLY))
    except FileNotFoundError:
        raise _NotHere from None


def _image() -> None:
    if sys.platform == "win32":
        raise _NotHere
    import resource

    if resource.getrlimit(resource.RLIMIT_CORE)[0] == 0:
        raise PermissionError(errno.EPERM, "no core files")


def _seen() -> None:
    if sys.platform != "linux":
        raise _NotHere
    if _libc("prctl", _PR_GET_DUMPABLE, 0, 0, 0, 0) == 0:
        raise PermissionError(errno.EPERM, "hidden")
