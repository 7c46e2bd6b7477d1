"""Which files a repository has: the hub's list of them, and of it only what was asked for.

Source of the address and of its answer: "Hub API endpoints" of the Hugging Face hub, its /api/models/{repo}/tree.
"""

import json
from typing import Any
from urllib.parse import quote

import httpx2

from engine import wire
from engine.worker.fetcher.host import why
from engine.worker.fetcher.hub import Hub
from engine.worker.fetcher.patience import Patience

MOST_PAGES, MOST_PAGE_BYTES, MOST_FOUND = 10, 4 << 20, 100


def find(request: wire.FindFiles, hub: Hub) -> tuple[tuple[str, int], ...]:
    """Name and size of the files that are asked for.

    Raises `HubUnreachable`, `HubNotFound`, `HubRefused`, `HubSentElsewhere`.
    """
    found: list[tuple[str, int]] = []
    url = f"{hub.endpoint}/api/models/{request.repository}/tree/{quote(request.revision, safe='')}?recursive=true"
    for _ in range(MOST_PAGES):
        rows, url = _page(url, hub)
        found += [(row["path"], row["size"]) for row in rows if _is_one(row, request)]
        if not url:
            break
    return tuple(found[:MOST_FOUND])


def _is_one(row: Any, request: wire.FindFiles) -> bool:
    """Whether a row is a file as it was asked for; rows come from outside."""
    if not isinstance(row, dict) or row.get("type") != "file":
        return False
    name, size = row.get("path"), row.get("size")
    if not isinstance(name, str) or type(size) is not int or not 0 < size < 1 << 50 or len(name) > 400:
        return False
    if request.names:
        return name in request.names
    last = name.rsplit("/", 1)[-1].casefold()
    return name.isprintable() and request.mark in last and last.endswith(".gguf")


def _page(url: str, hub: Hub) -> tuple[list[Any], str]:
    """The rows of one page, and the address of the next; "" for none."""
    patience = Patience(tries=3)
    while True:
        try:
            with hub.client.stream("GET", url, headers=hub.headers(url)) as response:
                if response.is_success:
                    rows = json.loads(_body(response, hub))
                    if not isinstance(rows, list):
                        raise hub.refused("its list of files could not be read")
                    return rows, str(response.links.get("next", {}).get("url", ""))
                response.read()
                wait_s = hub.explained(response)
                patience.tried(hub.unreachable(f"it answered with {response.status_code}"), wait_s)
        except (ValueError, RecursionError, httpx2.InvalidURL) as error:
            raise hub.refused("its list of files could not be read") from error
        except httpx2.HTTPError as error:
            patience.tried(hub.unreachable(why(error)))


def _body(response: httpx2.Response, hub: Hub) -> bytes:
    """What arrived, as long as it is no larger than such a list may be."""
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST_PAGE_BYTES:
            raise hub.refused("its list of files could not be read")
    return body
