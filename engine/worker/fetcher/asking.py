"""Asking the hub what it has: huggingface_hub asks, through a client that takes no more than such an answer may have.

huggingface_hub reads an answer as a whole, waits as long as a server says and follows pages without an end. The client
here does all of that first: bounded, told in our errors, and with a token for the hub itself alone.
"""

from typing import Any

import httpx2
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

from engine import wire
from engine.errors import EngineError, HubModelNotFound, HubModelRefused, HubSearchRefused
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.host import CONNECT_S, READ_S, USER_AGENT, Host, why
from engine.worker.fetcher.patience import Patience

MOST_BODY_BYTES = 16 << 20  # fifty models with their chat templates are some; a repository of ten thousand files too
MOST_REQUESTS, MOST_REDIRECTS = 6, 5  # of one question
NO_LIST = "what it answered could not be read"


class Asking(Host):
    """One question to the hub: a search, or what a repository is."""

    def __init__(self, request: wire.SearchHub | wire.DescribeRepository, watch: Watch) -> None:
        """Nothing is sent yet. Raises `HubSearchRefused` or `HubModelRefused` for a hub without encryption."""
        self._repository = request.repository if isinstance(request, wire.DescribeRepository) else ""
        self.requests = 0
        super().__init__(request.endpoint, request.token, watch)

    def __enter__(self) -> "Asking":
        return self

    def refused(self, reason: str) -> EngineError:
        """A refusal, and why."""
        if self._repository:
            return HubModelRefused(host=self.host, repository=self._repository, why=reason)
        return HubSearchRefused(host=self.host, why=reason)

    def not_found(self) -> EngineError:
        """No such repository; or no hub at all, where a search is not found."""
        if self._repository:
            return HubModelNotFound(host=self.host, repository=self._repository)
        return self.refused("it knows no search, so it is no hub")

    def elsewhere(self, host: str) -> EngineError:
        """It sent us on to a host that is none of the hub."""
        return self.refused("it sent us on to another host")

    # Its own affairs.

    def _client(self) -> httpx2.Client:
        return self._watch.over(_Client(self, self._before))

    def _before(self, request: httpx2.Request) -> None:
        super()._before(request)
        if not self.is_own(str(request.url)):
            request.headers.pop("authorization", None)


class _Client(httpx2.Client):
    """Gives only answers that are there in full, and good; raises our errors for all others."""

    def __init__(self, asking: Asking, before: Any) -> None:
        super().__init__(
            timeout=httpx2.Timeout(READ_S, connect=CONNECT_S), follow_redirects=False,
            headers={"user-agent": USER_AGENT}, event_hooks={"request": [before]},
        )  # fmt: skip
        self._asking = asking

    def send(self, request: httpx2.Request, **_: Any) -> httpx2.Response:
        """Ask, again where the trouble passes, and where it is sent on to."""
        patience, redirects = Patience(tries=3), 0
        request.headers["user-agent"] = USER_AGENT  # huggingface_hub names Python, itself and what is installed
        request.headers["accept-encoding"] = "identity"  # nothing small may become large here
        self._asking.requests += 1
        if self._asking.requests > MOST_REQUESTS:
            raise self._asking.refused("it sent us on from page to page")
        while True:
            try:
                response = self._whole(request)
            except httpx2.HTTPError as error:
                patience.tried(self._asking.unreachable(why(error)))
                continue
            except (ValueError, httpx2.InvalidURL) as error:
                raise self._asking.refused("it sent us on to something that is no address") from error
            if response.is_success:
                return response
            if response.next_request is not None and redirects < MOST_REDIRECTS:
                redirects, request = redirects + 1, response.next_request
                continue
            wait_s = self._asking.explained(response, _error(response))
            patience.tried(self._asking.unreachable(f"it answered with {response.status_code}"), wait_s)

    def _whole(self, request: httpx2.Request) -> httpx2.Response:
        """The answer with its body; a refusal for one that is packed or too large."""
        streamed = super().send(request, stream=True, follow_redirects=False)
        try:
            if streamed.headers.get("content-encoding", "identity") != "identity":
                raise self._asking.refused(NO_LIST)
            body = b""
            for piece in streamed.iter_raw():
                body += piece
                if len(body) > MOST_BODY_BYTES:
                    raise self._asking.refused(NO_LIST)
        finally:
            streamed.close()
        response = httpx2.Response(streamed.status_code, headers=streamed.headers, content=body, request=request)
        response.next_request = streamed.next_request
        return response


def _error(response: httpx2.Response) -> HfHubHTTPError | None:
    """What huggingface_hub makes of an answer that is a refusal."""
    try:
        hf_raise_for_status(response)
    except HfHubHTTPError as error:
        return error
    return None
