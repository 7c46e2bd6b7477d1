"""A local server that speaks the Hugging Face hub's HTTP, with faults on demand.

    with FakeHub() as hub:
        hub.put("someone/model", "model.gguf", content)
        hub.cut_after = 5_000_000          # the connection breaks when so much of bodies was sent
        models = Models(rows, ledger, places, endpoint=hub.endpoint)

Serves HEAD and GET of /REPOSITORY/resolve/REVISION/FILE with the headers the hub sends, and
sends the body from another path, as the hub's storage does; the list of a repository's files; and what
`hub_api` says of repositories.
Every request is kept in `requests`.
"""

import hashlib
import json
import re
import ssl
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import quote, unquote

from tests.fakes.hub_api import Card, described, searched

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
    cut_after: int | None = None  # bytes of bodies, sent in all, after which one connection breaks
    stall_after: int | None = None  # bytes of bodies, sent in all, after which nothing more comes until `go_on`
    latency_s: float = 0.0  # before each answer
    per_s: float = 0.0  # bytes that a connection brings in a second; 0: as many as it can
    most_bodies: int = 0  # at one time, more are answered with 429; 0: any number
    retry_after: str = ""  # said with 429 and 503
    address_holds: int = 0  # how many requests an address of the storage is good for; 0: any number
    short_bodies: int = 0  # how many of the next bodies end in their middle
    other_size: int = 0  # what the storage says of a file's size, instead of the truth
    flip_at: int | None = None  # the byte of a body that arrives changed
    troubled: int = 0  # how many requests are answered with 503 first
    announced_bytes: int | None = None  # what is said of the size, instead of the truth
    lists: bytes | None = None  # what is said of a repository's files, instead of the truth
    page_of: int = 1000  # how many files are listed on one page
    told: bytes | None = None  # what is said of repositories, instead of the truth
    moved_to: str = ""  # where what is asked of repositories is said to be, instead of here
    redirect_to: str = ""  # where the body is said to be, instead of here
    packed: bool = False
    tls: ssl.SSLContext | None = None
    through: int = 0  # the port of a relay in front of it, by which it calls itself
    files: dict[str, Stored] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    sent: int = 0  # bytes of bodies in all
    bodies_now: int = 0
    most_seen: int = 0  # bodies at one time
    lock: threading.Lock = field(default_factory=threading.Lock)
    asked_of: Counter[str] = field(default_factory=Counter)  # how often each address of the storage was asked
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
            if hub.latency_s:
                time.sleep(hub.latency_s)
            if hub.troubled > 0:
                hub.troubled -= 1
                self._say(503, {"Retry-After": hub.retry_after} if hub.retry_after else {})
            elif self.path.startswith("/storage/"):
                self._storage()
            elif "/tree/" in self.path:
                self._list()
            elif self.path.startswith("/api/models"):
                self._tell()
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
            signed = f"?for={len(hub.requests)}" if hub.address_holds else ""
            where = hub.redirect_to or storage + quote(f"{asked[1]}/{asked[3]}") + signed
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

        def _tell(self) -> None:
            if hub.moved_to:
                return self._say(307, {"Location": hub.moved_to})
            if hub.told is not None:
                headers = {"Content-Encoding": "gzip"} if hub.packed else {}
                return self._say(200, {"Content-Type": "application/json", **headers}, hub.told)
            if self.path.startswith("/api/models?"):
                return self._say(*searched(self.path, hub.cards, hub.page_of, hub.endpoint))
            return self._say(*described(self.path, hub.cards, hub.files, self.headers.get("authorization", "")))

        def _storage(self) -> None:
            address, _, _ = self.path.partition("?")
            with hub.lock:
                hub.asked_of[self.path] += 1
                expired = hub.address_holds and hub.asked_of[self.path] > hub.address_holds
                busy = hub.most_bodies and hub.bodies_now >= hub.most_bodies
                hub.bodies_now += 1
                hub.most_seen = max(hub.most_seen, 0 if busy or expired else hub.bodies_now)
            try:
                if expired:
                    self._say(403)
                elif busy:
                    self._say(429, {"Retry-After": hub.retry_after} if hub.retry_after else {})
                else:
                    self._body(hub.files[unquote(address.removeprefix("/storage/"))])
            finally:
                with hub.lock:
                    hub.bodies_now -= 1

        def _body(self, stored: Stored) -> None:
            content = changed(stored.content)
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("range", ""))
            headers = {"Content-Encoding": "gzip"} if hub.packed else {}
            if not asked or not hub.knows_ranges:
                return self._say(200, headers, content)
            start, end = int(asked[1]), min(int(asked[2] or len(content)) + 1, len(content))
            if start >= len(content):
                return self._say(416)
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{hub.other_size or len(content)}"
            return self._say(206, headers, content[start:end])

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
            began, poured = time.monotonic(), 0
            short = hub.short_bodies > 0
            hub.short_bodies -= short
            content = content[: len(content) // 2] if short else content
            for start in range(0, len(content), PIECE_BYTES):
                with hub.lock:
                    cut = hub.cut_after is not None and hub.sent >= hub.cut_after
                    hub.cut_after = None if cut else hub.cut_after
                    stalls = hub.stall_after is not None and hub.sent >= hub.stall_after
                    hub.sent += 0 if cut or stalls else len(content[start : start + PIECE_BYTES])
                if stalls:
                    self.wfile.flush()
                    hub.stalled.set()
                    hub.go_on.wait()
                if cut:
                    self.close_connection = True
                    return
                self.wfile.write(content[start : start + PIECE_BYTES])
                poured += PIECE_BYTES
                if hub.per_s and (ahead_s := poured / hub.per_s - (time.monotonic() - began)) > 0:
                    time.sleep(ahead_s)
            if short:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
