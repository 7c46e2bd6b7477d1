"""A wire one can look at: passes bytes between whoever connects and a server, and counts them at its sockets.

with Relay(hub.port) as relay:
    ...connect to relay.port...
    assert relay.seen[0].received == 512
"""

import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType


@dataclass
class Seen:
    """One connection as it passed: what the client sent and what it was sent."""

    sent: int = 0
    received: int = 0
    left: bool = False  # the client has closed: what the server says to that (TLS does) reaches nobody
    ended: threading.Event = field(default_factory=threading.Event)


class Relay:
    """Listens on a port of its own. Waits for the connections' ends when it is left."""

    def __init__(self, to: int) -> None:
        self.seen: list[Seen] = []
        self._to = to
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name="relay")]

    def __enter__(self) -> "Relay":
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def counted(self) -> list[tuple[int, int]]:
        """(sent, received) of each connection in the order they came, when all have ended."""
        for seen in self.seen:
            assert seen.ended.wait(10)
        return [(seen.sent, seen.received) for seen in self.seen]

    # Its own affairs.

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            seen = Seen()
            self.seen.append(seen)
            self._threads.append(threading.Thread(target=self._carry, args=(client, seen), name="relay"))
            self._threads[-1].start()

    def _carry(self, client: socket.socket, seen: Seen) -> None:
        with client, socket.create_connection(("127.0.0.1", self._to)) as server:
            back = threading.Thread(target=self._back, args=(server, client, seen), name="relay")
            back.start()
            while piece := _piece(client):
                seen.sent += len(piece)
                server.sendall(piece)
            seen.left = True
            server.shutdown(socket.SHUT_WR)
            back.join()
        seen.ended.set()

    @staticmethod
    def _back(server: socket.socket, client: socket.socket, seen: Seen) -> None:
        while piece := _piece(server):
            reaches = not seen.left  # asked first: having read the piece, the client may close at once
            try:
                client.sendall(piece)
            except OSError:
                return
            if reaches:
                seen.received += len(piece)
        try:
            client.shutdown(socket.SHUT_WR)
        except OSError:
            return


def _piece(source: socket.socket) -> bytes:
    try:
        return source.recv(1 << 16)
    except OSError:
        return b""
