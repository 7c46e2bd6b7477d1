"""What was measured of the walls, in words: processes, ways out, what came of trying them.

The names come from the engine's rules; a test asserts that none is without words.
"""

import sys
from collections.abc import Sequence

from desktop.words import later, tr
from engine.walls import Channel, Reach, Walls

KINDS: dict[str, str] = {
    "app": later("The window and your data"),
    "starting": later("The window while it starts"),
    "command": later("A command in the terminal"),
    "broker": later("The starter of the other processes"),
    "model": later("A model"),
    "vision": later("A model that sees pictures"),
    "encoder": later("Search by meaning"),
    "embedder": later("Search by meaning, with PyTorch"),
    "embedder maker": later("The maker of the model for search by meaning"),
    "reader": later("The reader of documents"),
    "document": later("The reader of one document"),
    "ocr": later("The reader of pictures of text (OCR)"),
    "test models": later("The maker of test models"),
    "quantizer": later("The maker of smaller models"),
    "converter": later("The converter of models"),
    "keychain": later("The asker of the keychain"),
    "fetcher": later("The download"),
}
# They have no network, and run native code.
WORKERS = (
    "model", "vision", "encoder", "embedder", "embedder maker", "reader", "document", "ocr", "test models", "quantizer",
    "converter",
)  # fmt: skip
NETWORK: dict[str, str] = {
    "tcp4": later("Connect over the internet (TCP)"),
    "tcp6": later("Connect over the internet (TCP, IPv6)"),
    "tcp4 from another thread": later("Connect from another thread"),
    "udp4": later("Send a packet (UDP)"),
    "udp6": later("Send a packet (UDP, IPv6)"),
    "mptcp": later("Connect over several paths (MPTCP)"),
    "tcp fast open": later("Send with the first packet (TCP Fast Open)"),
    "sctp": later("Connect over SCTP"),
    "netlink": later("Ask the kernel about the network (netlink)"),
    "vsock": later("Reach a virtual machine's host (vsock)"),
    "packet": later("Raw packets on the cable"),
    "raw": later("Raw internet packets"),
    "bluetooth": later("Bluetooth"),
    "listen": later("Wait for others to connect"),
    "name lookup": later("Look up a name (DNS) through another program"),
    "io_uring": later("Make sockets past the filter (io_uring)"),
}
BY_PROGRAMS = {"name lookup"}  # what leads to the network only through another program of this computer
OTHERS: dict[str, str] = {
    "unix path": later("Reach other programs of this computer"),
    "unix abstract": later("Reach other programs by an abstract name"),
    "exec": later("Start programs"),
    "ptrace": later("Take over another process"),
    "other memory": later("Read another process's memory"),
    "other files": later("Take another process's open files"),
    "signal": later("End other processes"),
    "read outside": later("Read files that it was not given"),
    "read store": later("Read the file that holds your chats"),
    "write": later("Write files"),
    "memory image": later("Leave its memory in a file when it crashes"),
    "own memory": later("Let its memory be read by other programs"),
}
REACHES = {
    Reach.OPEN: later("open"),
    Reach.REFUSED: later("refused"),
    Reach.ABSENT: later("not there"),
}


def kind_words(kind: str) -> str:
    """A process, by what it does."""
    return tr(KINDS.get(kind, kind))


def channel_words(name: str) -> str:
    """A way out."""
    return tr({**NETWORK, **OTHERS}.get(name, name))


def reach_words(channel: Channel) -> str:
    """What came of trying it, and that it may be open where it may."""
    if channel.reach is Reach.OPEN:
        return tr("open, as its work needs") if channel.allowed else tr("OPEN")
    return tr(REACHES[channel.reach])


def open_ways(walls: Walls, *, network: bool = False) -> tuple[Channel, ...]:
    """The ways out that are open and should not be; with `network` only those to other computers."""
    return tuple(way for way in walls.channels if not way.holds and (not network or way.name in NETWORK))


def state_words(walls: Walls) -> str:
    """One process in a few words."""
    if not walls.channels:
        return tr("holds nothing of yours; starts the others")
    if bad := open_ways(walls):
        return tr("1 way out is open") if len(bad) == 1 else tr("{count} ways out are open", count=len(bad))
    opened = {way.name for way in walls.channels if way.reach is Reach.OPEN}
    if opened & (set(NETWORK) - BY_PROGRAMS):
        return tr("has the network, as it must")
    if opened & BY_PROGRAMS:
        return tr("reaches programs of this computer, as it must")
    return tr("nothing leads out")


def half_words(walls: Walls) -> str:
    """Which mechanisms of the operating system hold one process."""
    held = set(walls.walls)
    if held & {"sandbox", "job"}:
        return tr("The system's sandbox took the process in. That it holds has not been proven on this system.")
    if {"filter", "network"} <= held:
        return tr("Both halves hold: the filter of system calls (seccomp) and the network rules (Landlock).")
    if "filter" in held:
        return tr(
            "One half holds: the filter of system calls (seccomp). The network rules (Landlock) do not; "
            "they need Linux 6.7 or newer."
        )
    if held:
        return tr("Only the file rules hold (Landlock); the filter of system calls was refused.")
    return tr("The operating system put up no wall around this process.")


def unheard_words(walls: Sequence[Walls]) -> str:
    """That what native code tries leaves no line in the ledger, where a process has no network and is not overheard."""
    if any("filter" in each.walls and "overheard" not in each.walls for each in walls if each.kind in WORKERS):
        return tr(
            "This system does not tell which sockets native code tries to make: it is refused, and leaves no line in "
            "the list of connections."
        )
    return ""


def badge_words(walls: Sequence[Walls]) -> tuple[str, str]:
    """What the status bar says, and its tone ("" or "warn"), from what was just measured."""
    if any(each.kind == "starting" for each in walls):
        return tr("Not measured yet"), ""
    kept = [each for each in walls if each.kind not in ("fetcher", "broker")]
    if any(open_ways(each, network=True) for each in kept):
        return tr("Network not shut off"), "warn"
    if not sys.platform.startswith("linux"):
        return tr("Offline, not proven here"), "warn"
    if any(each.kind == "fetcher" for each in walls):
        return tr("Offline but for the model hub"), ""
    return tr("Offline, measured"), ""
