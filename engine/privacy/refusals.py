"""How a sealed process lets the broker hear which sockets its native code tries to make.

A filter of system calls can have a listener answer a call: the kernel holds whoever made it until the answer is
there. The broker is the listener and always refuses, see `broker.Refusals`. Whoever holds a listener could also
let a call pass, so it leaves this process before anything from outside is read, and no second one can be made.
When the broker is gone, the kernel refuses by itself.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.privacy.broker import LOUD, QUIET, REFUSALS
from engine.privacy.system_calls import NUMBERS

_channel: socket.socket | None = None


def wanted() -> bool:
    """Whether a broker asked for the listener, and was not given it yet."""
    return REFUSALS in os.environ


def decline() -> None:
    """There is no listener to give: the broker hears nothing of this process."""
    if wanted():
        os.close(int(os.environ.pop(REFUSALS)))


def hand_over(listener: int) -> bool:
    """Give the listener away, also where nobody takes it: then nothing is told, and all the same refused."""
    global _channel
    _channel = socket.socket(fileno=int(os.environ.pop(REFUSALS)))
    try:
        socket.send_fds(_channel, [str(NUMBERS[os.uname().machine]["socket"]).encode("ascii")], [listener])
    except OSError:
        close()
        return False
    finally:
        os.close(listener)
    return True


@contextmanager
def quiet() -> Iterator[None]:
    """While inside, tries are refused and not told: it is the walls that are tried."""
    _say(QUIET)
    try:
        yield
    finally:
        _say(LOUD)


def close() -> None:
    """From now on whatever is tried is told: nothing here can ask for quiet any more."""
    global _channel
    if _channel is not None:
        _channel.close()
    _channel = None


def _say(what: bytes) -> None:
    if _channel is not None:
        with suppress(OSError):  # the broker is gone, and this process about to be
            os.write(_channel.fileno(), what)
