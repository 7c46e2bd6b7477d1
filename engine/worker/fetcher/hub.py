"""What the hub says of a file before it is fetched, and which files it may be asked for."""

import re
from dataclasses import dataclass

import httpx2
from huggingface_hub import get_hf_file_metadata, hf_hub_url
from huggingface_hub.errors import HfHubHTTPError, HFValidationError

from engine import wire
from engine.errors import HubNotFound, HubRefused, HubSentElsewhere
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.host import READ_S, USER_AGENT, Host, why
from engine.worker.fetcher.patience import Patience

MOST_CONNECTIONS = 8  # to one hub, for one file


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


class Hub(Host):
    """One hub, asked for one file or for the names of some."""

    def __init__(self, request: wire.Fetch | wire.FindFiles, file: str, watch: Watch) -> None:
        """Nothing is sent yet. `file` is the one that refusals name. Raises `HubRefused` for one without encryption."""
        self.request = request
        self.file = file
        super().__init__(request.endpoint, request.token, watch)

    def __enter__(self) -> "Hub":
        return self

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

    def refused(self, reason: str) -> HubRefused:
        """A refusal, and why."""
        return HubRefused(host=self.host, file=self.file, repository=self.request.repository, why=reason)

    def not_found(self) -> HubNotFound:
        """No such file or repository."""
        return HubNotFound(host=self.host, file=self.file, repository=self.request.repository)

    def elsewhere(self, host: str) -> HubSentElsewhere:
        """It named a host where no file of the hub is kept."""
        return HubSentElsewhere(host=self.host, file=self.file, elsewhere=host)

    # Its own affairs.

    def _url(self, revision: str) -> str:
        return hf_hub_url(self.request.repository, self.file, revision=revision, endpoint=self.endpoint)
