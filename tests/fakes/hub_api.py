"""What the fake hub says of its repositories: its search, and what one of them is, as huggingface_hub asks for both.

    hub.cards["someone/model-GGUF"] = Card(downloads=12, licence="mit", architecture="llama")

GET /api/models?search=…&filter=…&sort=…&limit=…&expand=…, with a Link to the next page, and
GET /api/models/REPOSITORY?blobs=true. Source: "Hub API endpoints" of the Hugging Face hub, and HfApi.list_models and
HfApi.model_info of huggingface_hub.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SORTS = {"downloads": "downloads", "likes": "likes", "createdAt": "createdAt", "lastModified": "lastModified"}
JSON = {"Content-Type": "application/json"}
Said = tuple[int, dict[str, str], bytes]


@dataclass
class Card:
    """What a repository tells of itself. `more` overrules or adds fields of the answer."""

    kind: str = "gguf"
    licence: str = "apache-2.0"
    gated: str | bool = False
    private: bool = False
    downloads: int = 0
    likes: int = 0
    created: str = "2025-04-29T10:00:00.000Z"
    modified: str = "2025-05-02T08:30:00.000Z"
    architecture: str = "llama"
    parameters: int = 1_000_000_000
    context_tokens: int = 8192
    languages: Sequence[str] = ("en",)
    base_model: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    def answer(self, repository: str, files: Mapping[str, tuple[int, bool]] | None = None) -> dict[str, Any]:
        """As the hub writes it; with its files and their sizes where those were asked for."""
        tags = [self.kind, f"license:{self.licence}", *self.languages]
        told: dict[str, Any] = {
            "_id": "x", "id": repository, "modelId": repository, "author": repository.split("/")[0], "tags": tags,
            "downloads": self.downloads, "likes": self.likes, "gated": self.gated, "private": self.private,
            "createdAt": self.created, "lastModified": self.modified, "pipeline_tag": "text-generation",
        }  # fmt: skip
        if self.kind == "gguf":
            told["gguf"] = {
                "total": self.parameters, "architecture": self.architecture, "context_length": self.context_tokens,
                "chat_template": "{{ messages }}",
            }  # fmt: skip
        else:
            told["config"] = {"model_type": self.architecture, "architectures": ["X"]}
            told["safetensors"] = {"parameters": {"BF16": self.parameters}, "total": self.parameters}
        if files is not None:
            card: dict[str, Any] = {"license": self.licence, "language": list(self.languages)}
            if self.base_model:
                card["base_model"] = self.base_model
            told |= {"sha": "a" * 40, "cardData": card, "library_name": self.kind}
            told["siblings"] = [_sibling(name, size, lfs=lfs) for name, (size, lfs) in files.items()]
        return told | dict(self.more)


def searched(address: str, cards: Mapping[str, Card], page_of: int, endpoint: str) -> Said:
    """A page of what was searched, in its order."""
    asked = parse_qs(urlsplit(address).query)
    words, kinds = asked.get("search", [""])[0].casefold(), asked.get("filter", [])
    found = [
        (repository, card)
        for repository, card in cards.items()
        if words in repository.casefold() and all(kind == card.kind for kind in kinds) and not card.private
    ]
    key = {"createdAt": "created", "lastModified": "modified"}.get(asked["sort"][0], asked["sort"][0])
    found.sort(key=lambda one: getattr(one[1], key), reverse=True)
    limit, start = min(int(asked.get("limit", ["1000"])[0]), page_of), int(asked.get("cursor", ["0"])[0])
    rows = [card.answer(repository) for repository, card in found[start : start + limit]]
    headers = dict(JSON)
    if len(found) > start + limit:
        plain = address.split("&cursor=")[0]
        headers["Link"] = f'<{endpoint}{plain}&cursor={start + limit}>; rel="next"'
    return 200, headers, json.dumps(rows).encode()


def described(address: str, cards: Mapping[str, Card], files: Mapping[str, Any], authorization: str) -> Said:
    """What one repository is."""
    repository = unquote(urlsplit(address).path.removeprefix("/api/models/"))
    mine = {
        name.removeprefix(f"{repository}/"): one for name, one in files.items() if name.startswith(f"{repository}/")
    }
    card = cards.get(repository, Card() if mine else None)
    if card is None or (card.private and not authorization):
        return 401, {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}, b""
    sizes = {name: (len(one.content), one.lfs) for name, one in mine.items()}
    return 200, dict(JSON), json.dumps(card.answer(repository, sizes)).encode()


def _sibling(name: str, size: int, *, lfs: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"rfilename": name, "size": size, "blobId": "b" * 40}
    return told | ({"lfs": {"size": size, "sha256": "c" * 64, "pointerSize": 134}} if lfs else {})
