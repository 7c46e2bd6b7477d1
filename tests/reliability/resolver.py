"""A resolver of names in the place where the C library asks one of this computer, and who asked it.

Other programs of this computer ask it too while it stands there, so what is heard is told by process.
"""

import os
import socket
import struct
import threading
from pathlib import Path
from types import TracebackType

PLACE = Path("/var/run/nscd/socket")
LONGEST_S = 0.5  # for somebody to say what it has connected for
_CREDENTIALS = struct.Struct("iII")  # pid, uid, gid: unix(7), SO_PEERCRED


def may_stand() -> bool:
    """Whether one can be put there: only by root, and only where this computer has none.

    A place where nobody listens is what a row that was killed has left.
    """
    if os.geteuid() != 0:
        return False
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(PLACE))
        except FileNotFoundError:
            return True
        except ConnectionRefusedError:
            PLACE.unlink()
            return True
    return False


class Resolver:
    """Hears every connection, answers none."""

    def __enter__(self) -> "Resolver":
        PLACE.parent.mkdir(exist_ok=True)
        self._heard: dict[int, bytes] = {}
        self._next = threading.Condition()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(PLACE))
        self._socket.listen()
        self._thread = threading.Thread(target=self._hear, name="resolver")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        PLACE.unlink()
        PLACE.parent.rmdir()

    def heard_from(self, pid: int) -> bytes | None:
        """All that this process has said, which has ended; None where it never connected."""
        with self._next, socket.socket(socket.AF_UNIX) as last:
            self._heard.pop(os.getpid(), None)
            last.connect(str(PLACE))  # who connected before this is heard before it
            last.sendall(b"heard")
            self._next.wait_for(lambda: os.getpid() in self._heard)
            return self._heard.get(pid)

    def _hear(self) -> None:
        while True:
            try:
                asking, _ = self._socket.accept()
            except OSError:
                return
            with asking:
                told = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
                pid, _, _ = _CREDENTIALS.unpack(told)
                asking.settimeout(LONGEST_S)
                try:
                    said = asking.recv(4096)
                except OSError:
                    said = b""
            with self._next:
                self._heard[pid] = self._heard.get(pid, b"") + said
                self._next.notify_all()
