"""A stretch of a file over HTTP, through redirects to where it is stored."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx2

from engine.errors import DownloadCorrupt
from engine.worker.fetcher.host import why
from engine.worker.fetcher.hub import Announced, Hub

MOST_REDIRECTS = 5
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_EXPIRED = (401, 403, 404, 410)  # what a storage says of an address whose time is over
_BUSY = (429, 503)


class ConnectionBroken(Exception):
    """The rest has to be asked for again, after `wait_s`; from fewer connections at once where it is `busy`."""

    def __init__(self, host: str, why: str, wait_s: float = 0.0, *, busy: bool = False) -> None:
        super().__init__(why)
        self.host, self.why, self.wait_s, self.busy = host, why, wait_s, busy


class RangesUnknown(Exception):
    """The server sends no stretch of a file, only all of it."""


class AddressExpired(Exception):
    """The address that the hub gave for the file holds no longer: the hub has to be asked for another."""


class Body:
    """An open answer. `address` is where it came from in the end."""

    def __init__(self, hub: Hub, announced: Announced, address: str, start: int, end: int) -> None:
        """Ask `address` for the bytes from `start` to before `end`.

        A server that sends all in place of a stretch from the beginning is taken at its word: `all_of_it`. Raises
        `ConnectionBroken`, `RangesUnknown`, `AddressExpired`, `DownloadCorrupt`, and the refusals of `Hub`.
        """
        self._hub, self._announced, self._closing = hub, announced, ExitStack()
        self._given = address != announced.url
        self._host = hub.host
        try:
            self._response = self._open(address, start, end)
            self.all_of_it = self._begins(start)
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

    @property
    def host(self) -> str:
        """Who sends it."""
        return self._host

    def pieces(self) -> Iterator[bytes]:
        """What arrives, piece by piece. Raises `ConnectionBroken`."""
        try:
            yield from self._response.iter_raw()
        except httpx2.HTTPError as error:
            raise ConnectionBroken(self._host, why(error)) from error

    # Its own affairs.

    def _open(self, url: str, start: int, end: int) -> httpx2.Response:
        for _ in range(MOST_REDIRECTS):
            self._host = urlsplit(url).hostname or self._hub.host
            headers = self._hub.headers(url) | {"range": f"bytes={start}-{end - 1}"}
            with ExitStack() as attempt:
                response = attempt.enter_context(self._hub.client.stream("GET", url, headers=headers))
                if not response.has_redirect_location:
                    self._closing.push(attempt.pop_all())
                    self.address = url
                    return response
                url = urljoin(url, response.headers["location"])
        raise self._hub.refused("it sent us on from address to address")

    def _begins(self, start: int) -> bool:
        """Whether all of the file comes, and not the stretch that was asked for."""
        response = self._response
        if response.headers.get("content-encoding", "identity") != "identity":
            raise self._hub.refused("it sent the file packed in a way that was not asked for")
        if response.status_code == 206:
            told = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if not told or int(told[1]) != start:
                raise RangesUnknown
            if told[3] not in ("*", str(self._announced.size_bytes)):
                raise DownloadCorrupt(file=self._hub.file, why="it is not as large as the hub had announced")
            return False
        if response.status_code == 200 and not start:
            return True
        if response.status_code in (200, 416):
            raise RangesUnknown
        if self._given and response.status_code in _EXPIRED:
            raise AddressExpired
        wait_s = self._hub.explained(response)
        busy = response.status_code in _BUSY
        raise ConnectionBroken(self._host, f"it answered with {response.status_code}", wait_s, busy=busy)
