"""What each kind of process may do: one table, and which right each way out of a process needs.

`seal` makes the operating system keep the table, `probe` tries every way out and tells what it met.
Only the standard library's lightest parts are imported: every process of ours reads this first.
"""

from enum import StrEnum
from typing import NamedTuple


class Right(StrEnum):
    """Something that a process may or may not do."""

    NETWORK = "network"  # reach other computers: sockets of the internet, and names looked up
    OTHER_NETWORK = "other network"  # sockets that no part of Hanare needs: virtual machines, raw packets
    LISTEN = "listen"  # wait for others to connect
    UNIX = "unix"  # reach programs of this computer: the display, the keychain, a resolver
    RUN = "run"  # start programs
    LOOK_INTO = "look into"  # read another process's memory, or take its open files
    SIGNAL = "signal"  # end other processes
    READ = "read"  # read any file that the person may read
    WRITE = "write"  # write where the person may write
    IMAGE = "image"  # leave its memory in a file when it crashes
    SEEN = "seen"  # have its memory read by other programs of the same person


class Given(StrEnum):
    """What a process is given by its first request, beside the program itself."""

    NOTHING = "nothing"
    FILE = "file"  # may read it, or the files that it consists of
    FOLDER = "folder"  # may read and write in it
    FILE_AND_FOLDER = "file and folder"  # may read the one, or the files that it consists of, and write in the other


class Rule(NamedTuple):
    """The rights of one kind of process, and what it is given on top of reading the program itself."""

    rights: frozenset[Right]
    given: Given = Given.NOTHING


def _rule(*rights: Right, given: Given = Given.NOTHING) -> Rule:
    return Rule(frozenset(rights), given)


# SEEN: the desktop's own file dialogs look at who asks for them, and refuse who hides.
_APP = (Right.READ, Right.WRITE, Right.SIGNAL, Right.SEEN)
RULES: dict[str, Rule] = {
    # Started first, holds nothing of anybody's; starts the others when the app no longer may.
    "broker": _rule(*Right),
    "starting": _rule(*_APP, Right.UNIX, Right.RUN),  # the app until its window stands
    "app": _rule(*_APP),  # and from then on
    "command": _rule(*_APP),  # a command, from when the store is open
    "model": _rule(given=Given.FILE),
    "vision": _rule(given=Given.FILE),  # a model that sees: its file, and its projector's
    "encoder": _rule(given=Given.FILE),
    "embedder": _rule(),
    "embedder maker": _rule(given=Given.FOLDER),
    "reader": _rule(Right.READ),  # opens nothing itself: it makes a process for each document
    "document": _rule(given=Given.FILE),
    "ocr": _rule(),  # Tesseract, as a library: it starts no program
    "test models": _rule(given=Given.FOLDER),
    "quantizer": _rule(given=Given.FILE_AND_FOLDER),  # a model, and a folder for nothing but what is made of it
    "converter": _rule(given=Given.FILE_AND_FOLDER),  # a checkpoint's files, and a folder for what is made of them
    "keychain": _rule(Right.UNIX),  # asks the keychain for an app that no longer can
    "fetcher": _rule(Right.NETWORK, Right.UNIX, given=Given.FOLDER),  # UNIX: some systems look names up that way
}

# Every way out that `probe` tries, and the right without which it has to be shut.
CHANNELS: dict[str, Right] = {
    "tcp4": Right.NETWORK,
    "tcp6": Right.NETWORK,
    "tcp4 from another thread": Right.NETWORK,
    "udp4": Right.NETWORK,
    "udp6": Right.NETWORK,
    "mptcp": Right.NETWORK,
    "tcp fast open": Right.NETWORK,
    "sctp": Right.NETWORK,
    "netlink": Right.NETWORK,  # looking a name up asks the kernel for this computer's own addresses
    "vsock": Right.OTHER_NETWORK,
    "packet": Right.OTHER_NETWORK,
    "raw": Right.OTHER_NETWORK,
    "bluetooth": Right.OTHER_NETWORK,
    "listen": Right.LISTEN,
    "unix path": Right.UNIX,
    "unix abstract": Right.UNIX,
    "name lookup": Right.UNIX,
    "io_uring": Right.OTHER_NETWORK,  # makes sockets past the filter of system calls
    "exec": Right.RUN,
    "ptrace": Right.LOOK_INTO,
    "other memory": Right.LOOK_INTO,
    "other files": Right.LOOK_INTO,
    "signal": Right.SIGNAL,
    "read outside": Right.READ,
    "read store": Right.READ,
    "write": Right.WRITE,
    "memory image": Right.IMAGE,
    "own memory": Right.SEEN,
}


def allowed(kind: str, channel: str) -> bool:
    """Whether the table lets this kind of process use this way out."""
    return CHANNELS[channel] in RULES[kind].rights
