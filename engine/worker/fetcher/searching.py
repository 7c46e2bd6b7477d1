"""Searches the hub, and asks what a repository is: of all that comes, what a person is shown, in size and kind.

What a hub says is text of strangers, and none of it is believed: numbers are numbers, texts short, lists have an end.
"""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar

from huggingface_hub import HfApi
from huggingface_hub.errors import HFValidationError
from huggingface_hub.hf_api import ModelInfo

from engine import wire
from engine.worker.fetcher.asking import NO_LIST, Asking

MOST_TEXT, MOST_NAMES, MOST_FILES = 200, 40, 5000
MOST_FILE_NAME = 400
ENDINGS = (".gguf", ".safetensors")
SORTS: dict[str, Any] = {"downloads": "downloads", "likes": "likes", "newest": "created_at"}
EXPANDED: list[Any] = [
    "config", "createdAt", "downloads", "gated", "gguf", "lastModified", "likes", "pipeline_tag", "safetensors", "tags",
]  # fmt: skip
_TOLD = ("license", "license_name", "language", "base_model")
Answer = TypeVar("Answer")


def search(request: wire.SearchHub, hub: Asking) -> tuple[dict[str, Any], ...]:
    """The repositories, each as the fields of `types.HubModel`. Raises `HubUnreachable`, `HubSearchRefused`."""
    found = _read(
        hub,
        lambda api: list(
            api.list_models(
                search=request.words or None, filter=request.holds, sort=SORTS[request.sort],
                limit=request.most, expand=EXPANDED, token=request.token or False,
            )
        ),
    )  # fmt: skip
    return tuple(_model(info) for info in found[: request.most] if _text(info.id))


def describe(request: wire.DescribeRepository, hub: Asking) -> wire.RepositoryDescribed:
    """What a repository is and holds.

    Raises `HubUnreachable`, `HubModelRefused`, `HubModelNotFound`.
    """
    info = _read(hub, lambda api: api.model_info(request.repository, files_metadata=True, token=request.token or False))
    files: list[tuple[str, int]] = []
    others = 0
    for sibling in info.siblings or ():
        name, size = sibling.rfilename, _count(sibling.size)
        if not isinstance(name, str) or not name.lower().endswith(ENDINGS):
            continue
        if len(files) < MOST_FILES and size and len(name) <= MOST_FILE_NAME and name.isprintable():
            files.append((name, size))
        else:
            others += 1
    model = {**_model(info), "repository": request.repository}
    return wire.RepositoryDescribed(job=request.job, model=model, files=tuple(files), left_out=others)


def _read(hub: Asking, ask: Callable[[HfApi], Answer]) -> Answer:
    """Ask, and refuse what is not as huggingface_hub expects it: it trusts every answer to have its shape."""
    try:
        return ask(HfApi(endpoint=hub.endpoint))
    except HFValidationError as error:
        raise hub.not_found() from error
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise hub.refused(NO_LIST) from error


def _model(info: ModelInfo) -> dict[str, Any]:
    tags = _names(info.tags, most=1000)
    told = {name: getattr(info.card_data, name, None) for name in _TOLD}  # which may be anything
    gguf = info.gguf if isinstance(info.gguf, dict) else {}
    config = info.config if isinstance(info.config, dict) else {}
    return {
        "repository": _text(info.id),
        "licence": _licence(told, tags),
        "gated": info.gated if info.gated in ("auto", "manual") else "manual" if info.gated else "",
        "downloads": _count(info.downloads),
        "likes": _count(info.likes),
        "published_at": _moment(info.created_at),
        "updated_at": _moment(info.last_modified),
        "architecture": _text(gguf.get("architecture")) or _text(config.get("model_type")),
        "parameters": _count(gguf.get("total")) or _count(getattr(info.safetensors, "total", 0)),
        "context_tokens": _count(gguf.get("context_length")),
        "languages": tuple(_names(told.get("language"))) or tuple(tag for tag in tags if _is_language(tag)),
        "base_models": tuple(_names(told.get("base_model"))) or tuple(_after("base_model:", tags)),
        "task": _text(info.pipeline_tag),
        "library": _text(info.library_name),
    }


def _licence(told: dict[str, Any], tags: list[str]) -> str:
    """By its code; by its name where the code only says that it is another one."""
    licence = _text(told.get("license")) or next(_after("license:", tags), "")
    return (_text(told.get("license_name")) or licence) if licence in ("", "other") else licence


def _after(mark: str, tags: list[str]) -> Iterator[str]:
    """What stands in the tags of one kind, without the finer ones of more parts."""
    return (tag.removeprefix(mark) for tag in tags if tag.startswith(mark) and ":" not in tag.removeprefix(mark))


def _is_language(tag: str) -> bool:
    """A tag of two small letters is a language (ISO 639-1)."""
    return len(tag) == 2 and tag.isascii() and tag.isalpha() and tag.islower()


def _names(value: Any, most: int = MOST_NAMES) -> list[str]:
    """Some short texts; a single one counts as a list of it."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in map(_text, listed[:most]) if text]


def _text(value: Any) -> str:
    """One line of at most `MOST_TEXT` characters; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    text = " ".join(value[: 4 * MOST_TEXT].encode("utf-8", "replace").decode("utf-8").split())
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"


def _count(value: Any) -> int:
    """A number of things; 0 for what is none, or more than there can be."""
    return value if type(value) is int and 0 <= value < 1 << 50 else 0


def _moment(value: Any) -> str:
    """A moment in UTC, to the second; "" for none."""
    if isinstance(value, datetime):
        with contextlib.suppress(OverflowError, ValueError):
            return value.astimezone(UTC).isoformat(timespec="seconds")
    return ""
