"""A message as one line, and back."""

import dataclasses
import json
from types import ModuleType
from typing import Any

from engine.typed import checked, no_number
from engine.wire import reports, requests
from engine.wire.envelope import Message, WireError
from engine.wire.reports import (
    DocumentRead,
    Done,
    Drawn,
    Embedded,
    Failed,
    Fetched,
    KeychainAnswered,
    Loaded,
    Measured,
    ModelsMade,
    PictureTaken,
    Reranked,
)  # fmt: skip


def _kinds(module: ModuleType) -> dict[str, type[Message]]:
    """The messages that a module declares, by their names."""
    return {
        name: kind
        for name, kind in vars(module).items()
        if isinstance(kind, type) and issubclass(kind, Message) and kind.__module__ == module.__name__
    }


REQUESTS = _kinds(requests)
REPORTS = _kinds(reports)
FINAL: frozenset[type[Message]] = frozenset(
    {
        Loaded,
        Done,
        Measured,
        Embedded,
        Reranked,
        DocumentRead,
        Drawn,
        PictureTaken,
        Fetched,
        ModelsMade,
        KeychainAnswered,
        Failed,
    }  # fmt: skip
)  # after one of these a job says nothing more
_FIELDS: dict[type[Message], dict[str, Any]] = {
    kind: {item.name: item.type for item in dataclasses.fields(kind)} for kind in {**REQUESTS, **REPORTS}.values()
}  # the declared type of each field; asking a dataclass each time is slow


def line(message: Message) -> bytes:
    """One message as one line, line feed included."""
    fields = {name: getattr(message, name) for name in _FIELDS[type(message)]}
    text = json.dumps({"kind": type(message).__name__, **fields}, ensure_ascii=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def message(raw: bytes, kinds: dict[str, type[Message]]) -> Message:
    """The message in one line. Raises `WireError` for anything that is not one of `kinds`."""
    try:
        fields = json.loads(raw, parse_constant=no_number)
        kind = kinds[fields.pop("kind")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WireError(f"not a message: {raw[:80]!r}") from error
    known = _FIELDS[kind]
    try:
        values = {name: checked(known[name], value) for name, value in fields.items() if name in known}
        return kind(**values)
    except (TypeError, ValueError, OverflowError) as error:
        raise WireError(f"not a {kind.__name__}: {raw[:80]!r}") from error
