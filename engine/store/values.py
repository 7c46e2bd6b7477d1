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
from engine.forms import FREE, Form, FormKind, Judged, Verdict
from engine.quantizations import Recipe
from engine.types import Made, ModelFacts, Place, Source, Speed

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


def made_as_json(made: Made) -> str:
    """How a model was made, for a column."""
    return json.dumps(dataclasses.asdict(made), ensure_ascii=False)


def made_from_json(text: str | None) -> Made | None:
    """What `made_as_json` wrote; None for an empty column."""
    if not text:
        return None
    fields = json.loads(text)
    wishes = fields["recipe"]
    known = {item.name for item in dataclasses.fields(Recipe)}
    listed = {"tensors": tuple(map(tuple, wishes["tensors"])), "pruned": tuple(wishes["pruned"])}
    recipe = Recipe(**{name: wish for name, wish in wishes.items() if name in known} | listed)
    given = {item.name for item in dataclasses.fields(Made)}
    return Made(**{name: value for name, value in fields.items() if name in given} | {"recipe": recipe})


def form_as_json(form: Form) -> str | None:
    """A form for a column, which stays empty for free text."""
    return None if form == FREE else json.dumps({"kind": form.kind.value, "source": form.source}, ensure_ascii=False)


def form_from_json(text: str | None) -> Form:
    """What `form_as_json` wrote; free text for what only a later program understands."""
    fields = json.loads(text or "{}")
    if fields.get("kind") not in set(FormKind):
        return FREE
    return Form(kind=FormKind(fields["kind"]), source=fields["source"])


def judged_as_json(form: FormKind, judged: Judged) -> str | None:
    """What came of an answer's form, for a column that stays empty for free text."""
    if form is FormKind.TEXT:
        return None
    return json.dumps({"form": form.value, **dataclasses.asdict(judged)}, ensure_ascii=False)


def judged_from_json(text: str | None) -> tuple[FormKind, Judged]:
    """What `judged_as_json` wrote; free text for what only a later program understands."""
    fields = json.loads(text or "{}")
    if fields.get("form") not in set(FormKind) or fields["verdict"] not in set(Verdict):
        return FormKind.TEXT, Judged()
    verdict = Verdict(fields["verdict"])
    return FormKind(fields["form"]), Judged(verdict=verdict, problem=fields["problem"], place=fields["place"])


def _fields(value: ModelFacts | Source | Speed) -> dict[str, Any]:
    return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}


def _plain(field: object) -> object:
    if isinstance(field, Place):
        return dataclasses.asdict(field)
    return str(field) if isinstance(field, Path) else field


def _value(kind: type[Kept], fields: dict[str, Any]) -> Kept:
    known = {item.name: item.type for item in dataclasses.fields(kind)}
    given: dict[str, Any] = {name: _made(known[name], field) for name, field in fields.items() if name in known}
    return kind(**given)


def _made(wanted: object, field: Any) -> Any:
    if wanted is Place:
        return Place(kind=field["kind"], number=field["number"], label=field["label"])
    return Path(field) if wanted is Path else field
