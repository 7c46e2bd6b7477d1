"""Every connection of this process, counted byte by byte at its socket and told to the engine.

All HTTP clients here connect through one `Watch`. A connection is told before it is attempted, while it
carries bytes, and when it has ended. Bytes are those that the socket took and gave: where the connection is
encrypted, what it carries is encrypted above the counting, handshake included. Python code that would connect
past the watch is stopped and told too.
"""

import contextlib
import itertools
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpcore2
import httpx2

from engine import wire
from engine.worker.guard import whither

EVERY_S = 1.0  # each report is a commit of the store; of several connections each is told so much more seldom
PIECE_BYTES = 1 << 16
_CONNECTING = {"socket.connect", "socket.sendto", "socket.sendmsg"}  # names of Python's audit events
Tell = Callable[[wire.Connection], None]


def _nobody(line: wire.Connection) -> None:
    """No job is under way: what happens now is nobody's, and is refused."""
    raise PermissionError("a connection that belongs to no job")


def now() -> str:
    """This moment, UTC, ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


@dataclass
class Line:
    """One connection of the ledger, as far as it has come."""

    tell: Tell
    number: int
    host: str
    port: int
    began_at: str
    sent_bytes: int = 0
    received_bytes: int = 0
    outcome: str = "open"
    ended_at: str = ""
    told_at: float = 0.0
    beside: "set[int]" = field(default_factory=set)  # the numbers of all that are open

    def moved(self, *, sent: int = 0, received: int = 0) -> None:
        """Bytes passed the socket; told unless something was told just before."""
        self.sent_bytes += sent
        self.received_bytes += received
        if time.monotonic() - self.told_at >= EVERY_S * max(1, len(self.beside)):
            self.say()

    def end(self, outcome: str) -> None:
        """It is over; the first reason counts."""
        if not self.ended_at:
            self.outcome, self.ended_at = outcome, now()
            self.beside.discard(self.number)
            self.say()

    def say(self) -> None:
        """Tell the engine how it stands."""
        self.told_at = time.monotonic()
        self.tell(
            wire.Connection(
                number=self.number, host=self.host, port=self.port, began_at=self.began_at, ended_at=self.ended_at,
                sent_bytes=self.sent_bytes, received_bytes=self.received_bytes, outcome=self.outcome,
            )
        )  # fmt: skip


class Watch(httpcore2.NetworkBackend):
    """Opens the connections of every client that was given to `over`."""

    def __init__(self) -> None:
        """`tell` is called with each report, on whatever thread the bytes moved."""
        self.tell: Tell = _nobody
        self._numbers = itertools.count(1)
        self._backend = httpcore2.SyncBackend()
        self._open: set[int] = set()
        self._mine = threading.local()  # audit hooks are called on the thread that connects
        self._guarding = False

    def over(self, client: httpx2.Client) -> httpx2.Client:
        """The client, connecting through this watch and no other way."""
        for transport in (client._transport, *client._mounts.values()):
            if transport is None:
                continue
            pool = transport._pool  # type: ignore[attr-defined]
            if not isinstance(pool._network_backend, httpcore2.SyncBackend):
                raise TypeError("this httpx2 opens its connections in another way")
            pool._network_backend = self
        return client

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Told before anything is sent, then attempted."""
        line = Line(self.tell, next(self._numbers), host, port, now(), beside=self._open)
        self._open.add(line.number)
        line.say()
        self._mine.opening = True
        try:
            stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        except BaseException:
            line.end("failed")
            raise
        finally:
            self._mine.opening = False
        return Counted(stream, line)

    def refuse(self, host: str, port: int) -> None:
        """Tell of a connection that will not be made, because this process may not make it."""
        Line(self.tell, next(self._numbers), host, port, now()).end("blocked")

    def guard(self) -> None:
        """From now on, Python code that connects past this watch is refused and told."""
        if not self._guarding:
            sys.addaudithook(self._overhear)  # there is no way to take one away again
        self._guarding = True

    # Its own affairs.

    def _overhear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CONNECTING or getattr(self._mine, "opening", False):
            return
        self.refuse(*whither(event, arguments))
        raise PermissionError(f"a connection past the ledger: {event}")


class Counted(httpcore2.NetworkStream):
    """A socket whose bytes are counted."""

    def __init__(self, stream: httpcore2.NetworkStream, line: Line) -> None:
        self._stream, self.line = stream, line

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived."""
        with self._breaking():
            piece = self._stream.read(max_bytes, timeout)
        self.line.moved(received=len(piece))
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all."""
        with self._breaking():
            self._stream.write(buffer, timeout)
        self.line.moved(sent=len(buffer))

    def close(self) -> None:
        """It has ended."""
        self._stream.close()
        self.line.end("closed")

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted from here on."""
        try:
            return Encrypted(self, ssl_context, server_hostname, timeout)
        except BaseException as error:
            self.line.end("failed")
            self.close()
            if isinstance(error, httpcore2.TimeoutException):
                raise httpcore2.ConnectTimeout(str(error)) from error
            if isinstance(error, OSError | httpcore2.NetworkError):
                raise httpcore2.ConnectError(str(error)) from error
            raise

    def get_extra_info(self, info: str) -> Any:
        """What the HTTP layer asks of a socket."""
        return self._stream.get_extra_info(info)

    @contextlib.contextmanager
    def _breaking(self) -> Any:
        try:
            yield
        except BaseException:
            self.line.end("broken")
            raise


class Encrypted(httpcore2.NetworkStream):
    """TLS over a counted connection, so that what is counted is what the network sees."""

    def __init__(
        self, below: Counted, context: ssl.SSLContext, server_hostname: str | None, timeout: float | None
    ) -> None:
        """Shake hands. Raises ssl.SSLError, httpcore2's errors of reading and writing."""
        self._below = below
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_hostname=server_hostname)
        self._carry(self._tls.do_handshake, timeout)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived, in the clear."""
        try:
            return bytes(self._carry(partial(self._tls.read, max_bytes), timeout))
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            return b""  # whether the body is whole is for the HTTP layer to know
        except ssl.SSLError as error:
            self._below.line.end("broken")
            raise httpcore2.ReadError(str(error)) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send it all."""
        left = memoryview(buffer)
        try:
            while left:
                left = left[self._carry(partial(self._tls.write, left), timeout) :]
        except ssl.SSLError as error:
            self._below.line.end("broken")
            raise httpcore2.WriteError(str(error)) from error

    def close(self) -> None:
        """It has ended."""
        self._below.close()

    def get_extra_info(self, info: str) -> Any:
        """What the HTTP layer asks of a socket."""
        return self._tls if info == "ssl_object" else self._below.get_extra_info(info)

    def _carry(self, act: Callable[[], Any], timeout: float | None) -> Any:
        """Do `act`, fetching and sending what it needs."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                pass
            finally:  # an alert of ours is sent also when the act fails
                if out := self._leaving.read():
                    self._below.write(out, timeout)
            if piece := self._below.read(PIECE_BYTES, timeout):
                self._arrived.write(piece)
            else:
                self._arrived.write_eof()
