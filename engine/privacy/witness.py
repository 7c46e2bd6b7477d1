"""A network of one's own, and the kernel's counters in it: a witness that no program can talk round.

Linux counts, for each network namespace, every packet that anything in it tries to send, also where there is no
way out and nobody listens. In a namespace that holds only our processes, counters that stay at zero prove that
nothing was tried. Not counted: sockets of other kinds (unix, vsock, raw packets), which the seal shuts.
"""

import ctypes
import os
import socket
import struct
import sys
from pathlib import Path

from engine.errors import WitnessNotPossible

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
_SIOCSIFFLAGS, _IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h
# What a try to reach anybody raises: /proc/net/snmp and snmp6, named as the kernel does.
COUNTERS = (
    "IpOutRequests", "IpOutNoRoutes", "TcpActiveOpens", "UdpOutDatagrams", "UdpLiteOutDatagrams", "IcmpOutMsgs",
    "Ip6OutRequests", "Ip6OutNoRoutes", "Udp6OutDatagrams", "UdpLite6OutDatagrams", "Icmp6OutMsgs",
)  # fmt: skip
# The control: what a leak would do, to addresses that belong to nobody (RFC 5737, RFC 3849) and to this computer.
LEAKS = {
    "tcp": "import socket; s = socket.socket(); s.settimeout(1); s.connect(('192.0.2.1', 443))",
    "tcp to this computer": "import socket; s = socket.socket(); s.settimeout(1); s.connect(('127.0.0.1', 443))",
    "udp": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'leak', ('192.0.2.1', 53))",
    "udp to this computer": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'leak', ('127.0.0.1', 53))",
    "udp over ipv6": (
        "import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b'leak', ('2001:db8::1', 53))"
    ),
}


def step_aside() -> None:
    """Move this process, and all it will start, into a user and network namespace of its own.

    To be called while it has one thread. Raises `WitnessNotPossible`.
    """
    if not sys.platform.startswith("linux"):
        raise WitnessNotPossible(why="only Linux counts for a part of the computer what it tries to send")
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        raise WitnessNotPossible(why=f"the system refused it ({os.strerror(ctypes.get_errno()).lower()})")
    try:
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
        _wake_loopback()
    except OSError as error:
        raise WitnessNotPossible(why=f"the system refused it ({(error.strerror or str(error)).lower()})") from error


def counted() -> dict[str, int]:
    """What this process's network namespace has counted so far, by the names of `COUNTERS`."""
    found: dict[str, int] = {}
    lines = Path("/proc/self/net/snmp").read_text(encoding="ascii").splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        family, *titles = names.replace(":", "").split()
        found |= {f"{family}{title}": int(value) for title, value in zip(titles, values.split()[1:], strict=True)}
    snmp6 = Path("/proc/self/net/snmp6")
    if snmp6.exists():  # a kernel without IPv6 sends none
        found |= {name: int(value) for name, value in (line.split() for line in snmp6.read_text().splitlines())}
    return {name: found.get(name, 0) for name in COUNTERS}


def raised(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how much each counter went up, those that did not left out."""
    return {name: after[name] - before[name] for name in COUNTERS if after[name] != before[name]}


def _wake_loopback() -> None:
    """Switch the loopback on, as it is everywhere else: a leak to this very computer is then sent, and counted."""
    import fcntl  # not on Windows

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        fcntl.ioctl(asking, _SIOCSIFFLAGS, struct.pack("16sH22x", b"lo", _IFF_UP))
