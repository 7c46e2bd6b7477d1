"""A local server that speaks the Hugging Face hub's HTTP, with faults on demand.

    with FakeHub() as hub:
        hub.put("someone/model", "model.gguf", content)
        hub.cut_after = 5_000_000          # the next answer breaks off there
        models = Models(rows, ledger, places, endpoint=hub.endpoint)

Serves HEAD and GET of /REPOSITORY/resolve/REVISION/FILE with the headers the hub sends, and
sends the body from another path, as the hub's storage does; and the list of a repository's files.
Every request is kept in `requests`.
"""

import hashlib
import json
import re
import ssl
import sys
import threading
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote

PIECE_BYTES = 64 * 1024


@dataclass
class Request:
    """What was asked: method, path, headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]

    @property
    def asked_range(self) -> str:
        """The Range header, "" without one."""
        return self.headers.get("range", "")


@dataclass
class Stored:
    """One file of a repository."""

    content: bytes
    lfs: bool = True
    commit: str = "a" * 40
    gated: bool = False
    token: str = ""

    @cached_property
    def etag(self) -> str:
        """SHA-256 for large files, git's SHA-1 for small ones, as on the hub."""
        if self.lfs:
            return hashlib.sha256(self.content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(self.content) + self.content, usedforsecurity=False).hexdigest()


class Server(ThreadingHTTPServer):
    """One that says nothing of a client that left: here they are killed in mid-answer."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless it is that nobody is there any more."""
        if not isinstance(sys.exception(), ConnectionError | ssl.SSLEOFError):
            super().handle_error(request, client_address)


@dataclass
class FakeHub:
    """The server. Change a fault's field at any time; it holds for the answers that follow."""

    knows_ranges: bool = True
    cut_after: int | None = None  # bytes of the next body after which the connection breaks; once
    stall_after: int | None = None  # bytes of a body after which nothing more comes until `go_on`
    flip_at: int | None = None  # the byte of a body that arrives changed
    troubled: int = 0  # how many requests are answered with 503 first
    announced_bytes: int | None = None  # what is said of the size, instead of the truth
    lists: bytes | None = None  # what is said of a repository's files, instead of the truth
    page_of: int = 1000  # how many files are listed on one page
    redirect_to: str = ""  # where the body is said to be, instead of here
    packed: bool = False
    tls: ssl.SSLContext | None = None
    through: int = 0  # the port of a relay in front of it, by which it calls itself
    files: dict[str, Stored] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    stalled: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "FakeHub":
        self._server = Server(("127.0.0.1", 0), _handler(self))
        if self.tls:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake hub")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.go_on.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def endpoint(self) -> str:
        """Its address."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.through or self.port}"

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._server.server_port

    def put(self, repository: str, file: str, content: bytes, **how: Any) -> Stored:
        """Store a file; `how` are fields of `Stored`."""
        stored = self.files[f"{repository}/{file}"] = Stored(content, **how)
        return stored

    def bodies(self) -> list[Request]:
        """The requests that fetched a body from the storage."""
        return [request for request in self.requests if request.path.startswith("/storage/")]


def _handler(hub: FakeHub) -> type[BaseHTTPRequestHandler]:
    def changed(content: bytes) -> bytes:
        """What arrives of a body: with one byte changed where that is wanted."""
        if hub.flip_at is None:
            return content
        return content[: hub.flip_at] + bytes([content[hub.flip_at] ^ 1]) + content[hub.flip_at + 1 :]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self._answer()

        def _answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            hub.requests.append(Request(self.command, self.path, headers))
            if hub.troubled > 0:
                hub.troubled -= 1
                self._say(503)
            elif self.path.startswith("/storage/"):
                self._body(hub.files[unquote(self.path.removeprefix("/storage/"))])
            elif self.path.startswith("/api/models/"):
                self._list()
            else:
                self._resolve()

        def _resolve(self) -> None:
            asked = re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", unquote(self.path))
            if not asked:
                return self._say(404)
            stored = hub.files.get(f"{asked[1]}/{asked[3]}")
            if stored is None:
                known = any(name.startswith(asked[1] + "/") for name in hub.files)
                return self._say(404 if known else 401, {"X-Error-Code": "EntryNotFound" if known else "RepoNotFound"})
            authorized = self.headers.get("authorization") == f"Bearer {stored.token}"
            if stored.gated and not authorized:
                return self._say(401, {"X-Error-Code": "GatedRepo"})
            if stored.token and not authorized:
                return self._say(401, {"X-Error-Code": "RepoNotFound"})
            size = len(stored.content) if hub.announced_bytes is None else hub.announced_bytes
            headers = {"X-Repo-Commit": stored.commit, "ETag": f'"{stored.etag}"'}
            if not stored.lfs:
                return self._say(200, headers, changed(stored.content))
            storage = hub.endpoint.replace("127.0.0.1", "localhost") + "/storage/"
            where = hub.redirect_to or storage + quote(f"{asked[1]}/{asked[3]}")
            linked = {"X-Linked-Etag": f'"{stored.etag}"', "X-Linked-Size": str(size), "Location": where}
            return self._say(302, headers | linked)

        def _list(self) -> None:
            asked = re.fullmatch(r"/api/models/(.+?)/tree/([^/?]+)\?recursive=true(?:&cursor=(\d+))?", self.path)
            mine = [name for name in hub.files if asked and name.startswith(asked[1] + "/")]
            if not asked or not mine:
                return self._say(401, {"X-Error-Code": "RepoNotFound"})
            start = int(asked[3] or 0)
            rows = [
                {"type": "file", "path": name.removeprefix(asked[1] + "/"), "size": len(hub.files[name].content)}
                for name in mine[start : start + hub.page_of]
            ]
            headers = {"Content-Type": "application/json"}
            if len(mine) > start + hub.page_of:
                more = (
                    f"{hub.endpoint}/api/models/{asked[1]}/tree/{asked[2]}?recursive=true&cursor={start + hub.page_of}"
                )
                headers["Link"] = f'<{more}>; rel="next"'
            return self._say(200, headers, json.dumps(rows).encode() if hub.lists is None else hub.lists)

        def _body(self, stored: Stored) -> None:
            start = 0
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
            content = changed(stored.content)
            headers = {"Content-Encoding": "gzip"} if hub.packed else {}
            if asked and hub.knows_ranges:
                start = int(asked[1])
                if start >= len(content):
                    return self._say(416)
                headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            return self._say(206 if "Content-Range" in headers else 200, headers, content[start:])

        def _say(self, status: int, headers: dict[str, str] | None = None, content: bytes = b"") -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                try:
                    self._pour(content)
                except OSError:
                    self.close_connection = True  # whoever asked is gone

        def _pour(self, content: bytes) -> None:
            cut, hub.cut_after = (hub.cut_after, None) if content else (None, hub.cut_after)
            for start in range(0, len(content), PIECE_BYTES):
                if hub.stall_after is not None and start >= hub.stall_after:
                    self.wfile.flush()
                    hub.stalled.set()
                    hub.go_on.wait()
                if cut is not None and start >= cut:
                    self.close_connection = True
                    return
                self.wfile.write(content[start : start + PIECE_BYTES])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
