"""What the hub says of a file before it is fetched, and its refusals in our words.

Addresses, headers and error codes of the hub are huggingface_hub's to know. Nothing that names
this program's parts is sent: one fixed user agent, no token unless one was given.
"""

import re
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import close_session, get_hf_file_metadata, hf_hub_url, set_client_factory
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from engine import wire
from engine.errors import EngineError, HubNotFound, HubRefused, HubSentElsewhere, HubUnreachable
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.hosts import LOOPBACK, belongs
from engine.worker.fetcher.patience import Patience, seconds_asked

USER_AGENT = "hanare"
CONNECT_S, READ_S = 15.0, 20.0  # a connection that brings nothing for so long is broken off
MOST_CONNECTIONS = 8  # to one hub, for one file
_PASSING = (408, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Announced:
    """The file as the hub announced it. Of the two hashes at most one is known."""

    url: str
    commit: str
    etag: str
    size_bytes: int
    sha256: str
    git_sha1: str

    @property
    def checked(self) -> bool:
        """Whether the hub said a hash of it."""
        return bool(self.sha256 or self.git_sha1)


class Hub:
    """One hub, asked for one file or for the names of some. Holds the HTTP client."""

    def __init__(self, request: wire.Fetch | wire.FindFiles, file: str, watch: Watch) -> None:
        """Nothing is sent yet. `file` is the one that refusals name. Raises `HubRefused` for one without encryption."""
        self.request = request
        self.file = file
        self._watch = watch
        self.endpoint = request.endpoint.rstrip("/")
        self.host = urlsplit(self.endpoint).hostname or self.endpoint
        self.check_address(self.endpoint)
        self.client = self._client()
        set_client_factory(self._client)

    def __enter__(self) -> "Hub":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()
        close_session()  # huggingface_hub keeps one of its own

    def announced(self, revision: str) -> Announced:
        """Ask for the file's commit, size and hash.

        Raises `HubUnreachable`, `HubNotFound`, `HubRefused`.
        """
        patience = Patience(tries=3)
        while True:
            try:
                found = get_hf_file_metadata(
                    self._url(revision), token=self.request.token or False, timeout=READ_S,
                    headers={"user-agent": USER_AGENT}, endpoint=self.endpoint,
                )  # fmt: skip
                break
            except HfHubHTTPError as error:
                wait_s = self.explained(error.response, error)
                patience.tried(self.unreachable(f"it answered with {error.response.status_code}"), wait_s)
            except HFValidationError as error:
                raise self.not_found() from error
            except (ValueError, httpx2.InvalidURL) as error:
                raise self.refused("it sent us on to something that is no address") from error
            except httpx2.HTTPError as error:
                patience.tried(self.unreachable(why(error)))
        if found.size is None or not found.commit_hash or not found.etag:
            raise self.refused("it did not say how large the file is and of which version")
        etag = found.etag.lower()
        return Announced(
            url=self._url(found.commit_hash),
            commit=found.commit_hash,
            etag=etag,
            size_bytes=found.size,
            sha256=etag if re.fullmatch("[0-9a-f]{64}", etag) else "",
            git_sha1=etag if re.fullmatch("[0-9a-f]{40}", etag) else "",
        )

    def check_address(self, url: str) -> None:
        """Raise unless `url` may be asked.

        `HubRefused` unless it is encrypted, or on this very computer as the hub is; `HubSentElsewhere` unless its
        host is the hub's own or one where the hub keeps its files.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        here = parts.scheme == "http" and host in LOOPBACK and self.host in LOOPBACK
        if not here and not (parts.scheme == "https" and host):
            raise self.refused("its address is not encrypted")
        if not belongs(host, self.host):
            raise HubSentElsewhere(host=self.host, file=self.file, elsewhere=host)

    def headers(self, url: str) -> dict[str, str]:
        """What is sent with a request to `url`: the token goes to the hub itself and nowhere else."""
        headers = {"user-agent": USER_AGENT, "accept-encoding": "identity"}
        if self.request.token and _origin(url) == _origin(self.endpoint):
            headers["authorization"] = f"Bearer {self.request.token}"
        return headers

    def explained(self, response: httpx2.Response, error: Exception | None = None) -> float:
        """Raise for a refusal; for a passing trouble, the seconds to wait before the next try."""
        if response.status_code in _PASSING:
            return seconds_asked(response.headers.get("retry-after", ""))
        raise self._refusal(response, error) from error

    def unreachable(self, reason: str) -> HubUnreachable:
        """No answer, and why."""
        return HubUnreachable(host=self.host, why=reason)

    def refused(self, reason: str) -> HubRefused:
        """A refusal, and why."""
        return HubRefused(host=self.host, file=self.file, repository=self.request.repository, why=reason)

    def not_found(self) -> HubNotFound:
        """No such file or repository."""
        return HubNotFound(host=self.host, file=self.file, repository=self.request.repository)

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

    def _url(self, revision: str) -> str:
        return hf_hub_url(self.request.repository, self.file, revision=revision, endpoint=self.endpoint)

    def _refusal(self, response: httpx2.Response, error: Exception | None) -> EngineError:
        status = response.status_code
        if isinstance(error, GatedRepoError):
            return self.refused(
                "its owner lets in only those who asked, so it takes a token of an account that was let in"
            )
        if isinstance(error, (EntryNotFoundError, RevisionNotFoundError)) or status == 404:
            return self.not_found()
        if status == 401 or isinstance(error, RepositoryNotFoundError):
            if self.request.token:
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
