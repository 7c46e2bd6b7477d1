"""A tripwire in the processes that have no network: who tries all the same is refused and named.

The walls are the operating system's, and hold also for native code; this catches Python code earlier and says where
it wanted to go, which the walls cannot.
"""

import contextlib
import errno
import itertools
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from engine import wire

MOST_TOLD = 100  # of one process; what is beside itself need not fill the ledger
TRIES = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname"})


_aside: list[bool] = []


@contextlib.contextmanager
def set_aside() -> Iterator[None]:
    """While inside, nothing is refused or told here."""
    _aside.append(True)
    try:
        yield
    finally:
        _aside.pop()


def guard(tell: Callable[[wire.Connection], None], *, unix: bool = False) -> None:
    """From now on, and until the process ends: every try is refused, and told as a `Connection` that was blocked.

    With `unix` the programs of this computer may be reached.
    """
    numbers = itertools.count(1)

    def overhear(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in TRIES or _aside or (unix and _is_unix(event, arguments)):
            return
        number = next(numbers)
        if number <= MOST_TOLD:
            host, port = whither(event, arguments)
            moment = datetime.now(UTC).isoformat(timespec="microseconds")
            tell(
                wire.Connection(
                    number=number, host=host, port=port, began_at=moment, ended_at=moment, outcome="blocked"
                )
            )  # fmt: skip
        raise PermissionError(errno.EACCES, "this process has no network")

    sys.addaudithook(overhear)


def _is_unix(event: str, arguments: tuple[Any, ...]) -> bool:
    """Whether a try goes to an address in the file system or to an abstract name."""
    return event == "socket.connect" and isinstance(arguments[-1], str | bytes)


def whither(event: str, arguments: tuple[Any, ...]) -> tuple[str, int]:
    """Host and port of a try, as far as it names them."""
    if event in ("socket.getaddrinfo", "socket.gethostbyname"):
        port = arguments[1] if len(arguments) > 1 else 0
        return str(arguments[0])[:255], port if isinstance(port, int) else 0
    address = arguments[-1]
    if isinstance(address, tuple) and len(address) >= 2 and isinstance(address[1], int):
        return str(address[0])[:255], address[1]
    return str(address)[:255], 0
