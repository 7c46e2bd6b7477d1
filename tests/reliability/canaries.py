"""Notices when anybody opens certain files, or asks a certain server, whoever does it and in whatever language.

Files are watched by the kernel (inotify), so an opening by Qt, by a library or by another process is seen; what
Python itself opens, starts or connects to is heard by an audit hook besides.
"""

import ctypes
import os
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

_OPENED = 0x20 | 0x01  # IN_OPEN, IN_ACCESS; source: inotify(7)
_EVENT = struct.Struct("iIII")
_HEARD = ("open", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect", "socket.getaddrinfo")


class Canaries:
    """A folder with one picture in it, and a server. `seen` is what happened since it was last asked."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "canary.png"
        self.file.write_bytes(b"no picture")
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._watch = self._libc.inotify_init1(os.O_NONBLOCK)
        if self._watch < 0 or self._libc.inotify_add_watch(self._watch, bytes(folder), _OPENED) < 0:
            raise OSError(ctypes.get_errno(), "the kernel does not watch")
        self._asked: list[str] = []
        self._listening = False
        asked = self._asked

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"asked for {self.path}")
                self.send_error(404)

            def log_message(self, format: str, *values: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="server", daemon=True)
        self._thread.start()
        sys.addaudithook(self._hear)

    def __enter__(self) -> "Canaries":
        self._listening = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listening = False
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        os.close(self._watch)

    def seen(self) -> list[str]:
        """What was opened or asked for since the last time."""
        found, self._asked[:] = list(self._asked), []
        try:
            raw = os.read(self._watch, 65536)
        except BlockingIOError:
            return found
        while raw:
            _, kinds, _, length = _EVENT.unpack_from(raw)
            raw = raw[_EVENT.size + length :]
            found.append("opened the file" if kinds & 0x20 else "read the file")
        return found

    def _hear(self, event: str, facts: tuple[object, ...]) -> None:
        if self._listening and event.startswith(_HEARD) and threading.current_thread() is threading.main_thread():
            what = str(facts[0]) if facts else ""
            if event != "open" or self.file.name in what:
                self._asked.append(f"{event} {what}"[:120])
