"""One host of the hub: its address, the client that asks it, and its refusals in our words.

Addresses, headers and error codes of the hub are huggingface_hub's to know. Nothing that names
this program's parts is sent: one fixed user agent, no token unless one was given.
"""

from types import TracebackType
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import close_session, set_client_factory
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine.errors import EngineError, HubUnreachable
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.hosts import LOOPBACK, belongs
from engine.worker.fetcher.patience import seconds_asked

USER_AGENT = "hanare"
CONNECT_S, READ_S = 15.0, 20.0  # a connection that brings nothing for so long is broken off
_PASSING = (408, 429, 500, 502, 503, 504)


class Host:
    """Holds the HTTP client. What a refusal is of, those below know."""

    def __init__(self, endpoint: str, token: str, watch: Watch) -> None:
        """Nothing is sent yet. Raises a refusal for an address without encryption."""
        self.token = token
        self._watch = watch
        self.endpoint = endpoint.rstrip("/")
        self.host = urlsplit(self.endpoint).hostname or self.endpoint
        self.check_address(self.endpoint)
        self.client = self._client()
        set_client_factory(self._client)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        close_session()  # huggingface_hub keeps one of its own

    def check_address(self, url: str) -> None:
        """Raise unless `url` may be asked.

        A refusal unless it is encrypted, or on this very computer as the hub is; `elsewhere` unless its host is the
        hub's own or one where the hub keeps its files.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        here = parts.scheme == "http" and host in LOOPBACK and self.host in LOOPBACK
        if not here and not (parts.scheme == "https" and host):
            raise self.refused("its address is not encrypted")
        if not belongs(host, self.host):
            raise self.elsewhere(host)

    def headers(self, url: str) -> dict[str, str]:
        """What is sent with a request to `url`: the token goes to the hub itself and nowhere else."""
        headers = {"user-agent": USER_AGENT, "accept-encoding": "identity"}
        if self.token and self.is_own(url):
            headers["authorization"] = f"Bearer {self.token}"
        return headers

    def is_own(self, url: str) -> bool:
        """Whether `url` is one of the hub itself, and not of a host where it keeps files."""
        return _origin(url) == _origin(self.endpoint)

    def explained(self, response: httpx2.Response, error: Exception | None = None) -> float:
        """Raise for a refusal; for a passing trouble, the seconds to wait before the next try."""
        if response.status_code in _PASSING:
            return seconds_asked(response.headers.get("retry-after", ""))
        raise self._refusal(response, error) from error

    def unreachable(self, reason: str) -> HubUnreachable:
        """No answer, and why."""
        return HubUnreachable(host=self.host, why=reason)

    def refused(self, reason: str) -> EngineError:
        """A refusal, and why."""
        raise NotImplementedError

    def not_found(self) -> EngineError:
        """It has no such thing."""
        raise NotImplementedError

    def elsewhere(self, host: str) -> EngineError:
        """It sent us on to a host that is not asked."""
        raise NotImplementedError

    # Its own affairs.

    def _client(self) -> httpx2.Client:
        """A client that follows no redirect by itself and asks no address that must not be asked."""
        client = httpx2.Client(
            timeout=httpx2.Timeout(READ_S, connect=CONNECT_S),
            follow_redirects=False,
            headers={"user-agent": USER_AGENT},
            event_hooks={"request": [self._before]},
        )
        return self._watch.over(client)

    def _before(self, request: httpx2.Request) -> None:
        """Every request passes here before a name is looked up; one that must not be made leaves a line."""
        try:
            self.check_address(str(request.url))
        except EngineError:
            usual = 443 if request.url.scheme == "https" else 80
            self._watch.refuse(request.url.host, request.url.port or usual)
            raise

    def _refusal(self, response: httpx2.Response, error: Exception | None) -> EngineError:
        status = response.status_code
        if isinstance(error, GatedRepoError):
            return self.refused(
                "its owner lets in only those who asked, so it takes a token of an account that was let in"
            )
        if isinstance(error, (EntryNotFoundError, RevisionNotFoundError)) or status == 404:
            return self.not_found()
        if status == 401 or isinstance(error, RepositoryNotFoundError):
            if self.token:
                return self.refused("the repository is not there, or the token does not open it")
            return self.refused("the repository is not there, or is private and takes a token")
        return self.refused(f"it answered with {status}")


def why(error: httpx2.HTTPError) -> str:
    """What went wrong on the way, for a person."""
    if isinstance(error, httpx2.TimeoutException):
        return "it did not answer in time"
    if isinstance(error, httpx2.ConnectError):
        text = str(error).lower()
        if "certificate" in text or "ssl" in text:
            return "its certificate could not be verified"
        return "no connection could be made"
    return "the connection broke off"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
