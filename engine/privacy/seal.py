"""Makes the operating system keep this process to the rules of its kind, from now until it ends.

    seal("model")                     before the first request is read
    confine("model", [path])          once it is known which file it is about

On Linux two mechanisms hold together, because neither holds alone: the filter of system calls and
Landlock. What a kernel does not have is left out, and `walls()` tells what there is. macOS and
Windows have other means: see `elsewhere`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress

from engine.privacy import elsewhere, landlock, refusals
from engine.privacy.broker import BROKER
from engine.privacy.rules import RULES, Given, Right
from engine.privacy.system_calls import filter_and_tell, filter_calls, offers_filters

_END_WITH_PARENT, _SET_SEEN, _NO_NEW_RIGHTS = 1, 4, 38  # prctl(2): PDEATHSIG, DUMPABLE, NO_NEW_PRIVS
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/nix/store", "/gnu/store", "/etc/ld.so.cache", "/etc/localtime",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems",
    "/proc/sys/kernel", "/proc/sys/vm", "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm",
    "/dev/zero", "/dev/random", "/dev/urandom",
)  # fmt: skip
# How this computer finds others, and whom it trusts.
NETWORK = (
    "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
    "/etc/protocols", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/run/systemd/resolve",
)  # fmt: skip

_ready: dict[str, landlock.Ruleset] = {}  # by the kind of process that is given nothing
_raised: dict[str, None] = {}  # the names of the walls, in the order in which they were raised
_kind = ""
_unmet: dict[str, None] = {}  # those that the system says it has, and did not raise


def unmet() -> tuple[str, ...]:
    """The walls that this system offers and that all the same do not hold this process.

    A kernel that has no such wall, or a container that hides it, offers none: then `walls` is shorter, and all.
    """
    return tuple(_unmet)


def walls() -> tuple[str, ...]:
    """The mechanisms that hold this process: see `engine.walls.Walls`."""
    return tuple(_raised)


def kind() -> str:
    """The kind of process whose rules this one keeps to; "" while it keeps to none."""
    return _kind


def seal(kind: str) -> None:
    """Keep to everything in the rules of `kind` but the files, which `confine` sees to.

    Can be called again with a stricter kind. A kind that is given nothing is confined at once.
    """
    global _kind
    _kind, rule = kind, RULES[kind]
    if sys.platform != "linux":
        for name in elsewhere.seal(rule):
            _raised[name] = None
        return
    import resource

    if Right.IMAGE not in rule.rights:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if Right.SEEN not in rule.rights:
        _control(_SET_SEEN, 0)
    _control(_NO_NEW_RIGHTS, 1)
    if os.environ.get(BROKER) == str(os.getppid()):
        _control(_END_WITH_PARENT, signal.SIGKILL)
    if "network" not in _raised:
        _raise(
            "network",
            lambda: landlock.restrict(
                connect=Right.NETWORK in rule.rights, listen=Right.LISTEN in rule.rights,
                abstract=Right.UNIX in rule.rights, signal=Right.SIGNAL in rule.rights,
            ),
        )  # fmt: skip
    try:
        if _filter(rule.rights):
            _raised["filter"] = None
    except OSError:
        if offers_filters():
            _unmet["filter"] = None
    if rule.given is Given.NOTHING and Right.WRITE not in rule.rights:
        confine(kind, ("/",) if Right.READ in rule.rights else ())


def _filter(rights: frozenset[Right]) -> bool:
    """Where a broker wants to hear what this process tries, it is given the listener; else the filter answers."""
    if refusals.wanted() and not rights & {Right.NETWORK, Right.UNIX}:
        with suppress(OSError):  # an older kernel, or a container that has a listener already
            listener = filter_and_tell(rights)
            if refusals.hand_over(listener):
                _raised["overheard"] = None
            return True
    refusals.decline()
    return filter_calls(rights)


def confine(kind: str, given: Sequence[str]) -> None:
    """From now on open no file but the program's own and `given`, in the way the rules of `kind` say."""
    if sys.platform != "linux":
        return
    copied = kind in _ready  # this is the copy for which rules of this kind were made ready
    ready = None if given else _ready.pop(kind, None)
    _raise("files", lambda: (ready or _files(kind, given)).lay_on())
    if copied:
        for other in _ready.values():  # what comes from outside could add to them, and a copy be let out by them
            other.close()


def make_ready(kind: str) -> None:
    """Make the rules of `kind` for copies of this process that are given nothing: a copy need only lay them on."""
    if sys.platform == "linux":
        with suppress(OSError):  # whoever lays them on makes them then, and says why it cannot
            _ready[kind] = _files(kind, (), but={"/proc/self"})  # here that is not the copy, but who makes it


def _files(kind: str, given: Sequence[str], but: Collection[str] = ()) -> landlock.Ruleset:
    wants = RULES[kind].given
    rights = landlock.WRITE if wants is Given.FOLDER else landlock.READ
    files = [(path, landlock.READ) for path in program() if path not in but]
    if Right.NETWORK in RULES[kind].rights:
        files += [(path, landlock.READ) for path in (*NETWORK, os.environ.get("SSL_CERT_FILE", "")) if path]
    files += [("/dev/null", landlock.WRITE)]
    for path in given:
        written = wants is Given.FILE_AND_FOLDER and os.path.isdir(path)
        files.append((path, landlock.DEVICE if path.startswith("/dev/") else landlock.WRITE if written else rights))
    scope = RULES[kind].rights  # said again: a copy of a process is shut off from the one that it was made by
    return landlock.prepared(files=files, abstract=Right.UNIX in scope, signal=Right.SIGNAL in scope)


def program() -> Iterator[str]:
    """Where the program itself lies: Python, its packages, ours, and the system's libraries.

    Not the folder around our package: in a source tree that is the person's own.
    """
    ours = os.path.dirname(PACKAGE)
    yield from dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix, PACKAGE))
    yield from (path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) != ours)
    yield from SYSTEM
    yield from (path for path in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if path)


def _raise(name: str, restrict: Callable[[], landlock.Ruled]) -> None:
    """Landlock holds for this thread and what it starts, so it only counts where there is no other thread.

    A container may forbid it altogether. `walls` names what holds, and the probe tells what is open.
    """
    alone = len(os.listdir("/proc/self/task")) == 1
    try:
        ruled = restrict()
    except OSError:
        if landlock.version():
            _unmet[name] = None
        return
    if alone:
        _raised.update({wall: None for wall, holds in ruled._asdict().items() if holds})
    elif any(ruled):
        _unmet[name] = None


def _control(option: int, value: int) -> None:
    ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)
