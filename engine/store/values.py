"""Values of `engine.types` as JSON in a column, and the moments that rows carry.

Fields that an older program did not write take their defaults; fields of a later one are left out.
"""

import dataclasses
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from engine.context import Context, Entry, Part, WhenFull
from engine.types import ModelFacts, Source, Speed

Kept = TypeVar("Kept", ModelFacts, Source, Speed)


def now() -> str:
    """This moment, UTC, ISO 8601 with microseconds, so that text sorts as time does."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def as_json(value: ModelFacts | Source | Speed | Sequence[Source]) -> str:
    """One value, or a list of them, for a column."""
    if isinstance(value, Sequence):
        return json.dumps([_fields(item) for item in value], ensure_ascii=False)
    return json.dumps(_fields(value), ensure_ascii=False)


def from_json(kind: type[Kept], text: str) -> Kept:
    """The value that `as_json` wrote."""
    return _value(kind, json.loads(text))


def several_from_json(kind: type[Kept], text: str | None) -> tuple[Kept, ...]:
    """The values that `as_json` wrote; an empty column holds none."""
    return tuple(_value(kind, fields) for fields in json.loads(text or "[]"))


def context_as_json(context: Context) -> str:
    """What entered an answer, for a column."""
    return json.dumps(dataclasses.asdict(context), ensure_ascii=False)


def context_from_json(text: str | None) -> Context | None:
    """What `context_as_json` wrote; None for an empty column, and for what only a later program understands."""
    if not text:
        return None
    fields = json.loads(text)
    known = {item.name for item in dataclasses.fields(Context)}
    try:
        entries = tuple(
            Entry(part=Part(entry["part"]), tokens=entry["tokens"], of=entry["of"]) for entry in fields["entries"]
        )
        given = {name: field for name, field in fields.items() if name in known}
        return Context(**given | {"entries": entries, "when_full": WhenFull(fields["when_full"])})
    except (KeyError, ValueError):
        return None


def _fields(value: ModelFacts | Source | Speed) -> dict[str, Any]:
    fields = {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    return {name: str(field) if isinstance(field, Path) else field for name, field in fields.items()}


def _value(kind: type[Kept], fields: dict[str, Any]) -> Kept:
    known = {item.name: item.type for item in dataclasses.fields(kind)}
    given: dict[str, Any] = {
        name: Path(field) if known[name] is Path else field for name, field in fields.items() if name in known
    }
    return kind(**given)
