"""Two schemas that both have to hold, as one: `allOf`, and what stands beside `$ref`, `anyOf` and `oneOf`."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_LARGER = {"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"}
_SMALLER = {"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"}
TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")


class Impossible(Exception):
    """Nothing fits this part of a schema."""


def merged(one: Any, other: Any) -> Any:
    """A schema that holds where both do, as far as grammars look; what is left out is checked in the answer."""
    if one is True or other is True:
        return other if one is True else one
    if one is False or other is False:
        return False
    one, other = _listed(one), _listed(other)
    found = dict(one)
    for name, value in other.items():
        found[name] = _both(name, found[name], value) if name in found else value
    if "properties" in one or "properties" in other:
        found["properties"] = _properties(one, other)
    if "prefixItems" in one or "prefixItems" in other:
        found["prefixItems"] = _prefix(one, other)
    return found


def types_of(schema: Schema) -> set[str]:
    """The types that a schema allows; all of them where it says nothing."""
    said = schema.get("type", TYPES)
    return {said} if isinstance(said, str) else set(said)


def _both(name: str, one: Any, other: Any) -> Any:
    if name == "type":
        ours, theirs = types_of({"type": one}), types_of({"type": other})
        shared = ours & theirs
        if "integer" in ours | theirs and "number" in ours | theirs:
            shared.add("integer")  # every integer is a number
        return sorted(shared)
    if name in _LARGER | _SMALLER:
        return max(one, other) if name in _LARGER else min(one, other)
    if name == "required":
        return list(dict.fromkeys([*one, *other]))
    if name == "enum":
        return [value for value in one if any(same(value, its) for its in other)]
    if name in ("items", "additionalProperties"):
        return all_of(one, other)
    if name == "allOf":
        return [*one, *other]
    return one  # the other is checked in the answer


def _listed(schema: Schema) -> Schema:
    """The schema with its constant as a list of one."""
    if "const" not in schema:
        return schema
    rest = {name: value for name, value in schema.items() if name != "const"}
    return {**rest, "enum": _both("enum", rest.get("enum", [schema["const"]]), [schema["const"]])}


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal as JSON has it: 1 is 1.0 and is not true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def all_of(*schemas: Any) -> Any:
    """A schema that holds where all do; not looked into yet, so that recursion stays where it is."""
    if any(schema is False for schema in schemas):
        return False
    real: list[Any] = []
    for schema in schemas:
        parts = schema["allOf"] if isinstance(schema, dict) and set(schema) == {"allOf"} else [schema]
        real += [part for part in parts if part is not True and part not in real]
    return True if not real else real[0] if len(real) == 1 else {"allOf": real}


def _properties(one: Schema, other: Schema) -> dict[str, Any]:
    """All properties; one that only one side names must be what the other lets additional ones be."""
    ours, theirs = one.get("properties", {}), other.get("properties", {})
    return {name: all_of(_property(one, ours, name), _property(other, theirs, name)) for name in {**ours, **theirs}}


def _property(schema: Schema, properties: Schema, name: str) -> Any:
    return properties[name] if name in properties else schema.get("additionalProperties", True)


def _prefix(one: Schema, other: Schema) -> list[Any]:
    ours, theirs = one.get("prefixItems", []), other.get("prefixItems", [])
    size = max(len(ours), len(theirs))
    return [
        all_of(
            ours[at] if at < len(ours) else one.get("items", True),
            theirs[at] if at < len(theirs) else other.get("items", True),
        )
        for at in range(size)
    ]
