"""The body of a file over HTTP, from any byte on, through redirects to where it is stored."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx2

from engine.worker.fetcher.hub import Hub, why

PIECE_BYTES = 1 << 18
MOST_REDIRECTS = 5
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class ConnectionBroken(Exception):
    """The rest has to be asked for again, after `wait_s`."""

    def __init__(self, host: str, why: str, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.host, self.why, self.wait_s = host, why, wait_s


class RangeRefused(Exception):
    """The server will not go on from there."""


class Body:
    """An open answer. `starts_at` is the byte it begins with: 0 where the server knows no ranges."""

    def __init__(self, hub: Hub, url: str, at: int) -> None:
        """Ask for everything from byte `at` on.

        Raises `ConnectionBroken`, `RangeRefused`, and the refusals of `Hub`.
        """
        self._hub, self._closing = hub, ExitStack()
        self._host = hub.host
        try:
            self._response = self._open(url, at)
            self.starts_at = self._start(at)
        except httpx2.HTTPError as error:
            self._closing.close()
            raise ConnectionBroken(self._host, why(error)) from error
        except (ValueError, httpx2.InvalidURL) as error:
            self._closing.close()
            raise hub.refused("it sent us on to something that is no address") from error
        except BaseException:
            self._closing.close()
            raise

    def __enter__(self) -> "Body":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def pieces(self) -> Iterator[bytes]:
        """What arrives, piece by piece. Raises `ConnectionBroken`."""
        try:
            yield from self._response.iter_raw(PIECE_BYTES)
        except httpx2.HTTPError as error:
            raise ConnectionBroken(self._host, why(error)) from error

    # Its own affairs.

    def _open(self, url: str, at: int) -> httpx2.Response:
        for _ in range(MOST_REDIRECTS):
            self._host = urlsplit(url).hostname or self._hub.host
            headers = self._hub.headers(url) | ({"range": f"bytes={at}-"} if at else {})
            with ExitStack() as attempt:
                response = attempt.enter_context(self._hub.client.stream("GET", url, headers=headers))
                if not response.has_redirect_location:
                    self._closing.push(attempt.pop_all())
                    return response
                url = urljoin(url, response.headers["location"])
        raise self._hub.refused("it sent us on from address to address")

    def _start(self, at: int) -> int:
        response = self._response
        if response.headers.get("content-encoding", "identity") != "identity":
            raise self._hub.refused("it sent the file packed in a way that was not asked for")
        if response.status_code == 200:
            return 0
        if response.status_code == 206 and at:
            told = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if told and int(told[1]) == at:
                return at
            raise RangeRefused
        if response.status_code == 416:
            raise RangeRefused
        wait_s = self._hub.explained(response)
        raise ConnectionBroken(self._host, f"it answered with {response.status_code}", wait_s)
