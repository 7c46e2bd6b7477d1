"""Whether a JSON Schema is written as one: the right kind of value behind every keyword that Hanare reads."""

from collections.abc import Callable
from typing import Any

from engine.errors import FormNotUsable
from engine.forms.merging import TYPES

MOST_DEPTH = 100
# What says something about a schema and nothing about an answer.
ANNOTATIONS = frozenset({
    "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment",
    "$schema", "$id", "$defs", "definitions", "$vocabulary", "contentEncoding", "contentMediaType", "contentSchema",
})  # fmt: skip
REFUSED = {
    "$dynamicRef": "only $ref is read",
    "$recursiveRef": "only $ref is read",
    "dependencies": "write dependentRequired or dependentSchemas",
    "additionalItems": "write items and prefixItems",
}
_SCHEMAS = ("additionalProperties", "items", "not", "if", "then", "else", "propertyNames", "contains")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15


def _is_type(value: Any) -> bool:
    names = value if isinstance(value, list) else [value]
    return bool(names) and all(isinstance(name, str) and name in TYPES for name in names)


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "type": (_is_type, f"it must be one of {', '.join(TYPES)}, or a list of them"),
    "enum": (lambda value: isinstance(value, list) and bool(value), "it must be a list of values"),
    "required": (_are_names, "it must be a list of names"),
    "pattern": (lambda value: isinstance(value, str), "it must be a text"),
    "format": (lambda value: isinstance(value, str), "it must be a text"),
    "$ref": (lambda value: isinstance(value, str), "it must be a text"),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains",
                     "maxContains"), (_is_count, "it must be a whole number that is not below 0")),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
                    (_is_number, "it must be a number of at most 15 digits")),
    "multipleOf": (lambda value: _is_number(value) and value > 0, "it must be a number above 0"),
    "uniqueItems": (lambda value: isinstance(value, bool), "it must be true or false"),
    "dependentRequired": (lambda value: isinstance(value, dict) and all(map(_are_names, value.values())),
                          "it must be an object of lists of names"),
}  # fmt: skip


def check_shape(schema: Any, place: str = "#", depth: int = 0) -> None:
    """Raises `FormNotUsable` naming the keyword and its place."""
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        _fail(place, "a schema must be an object, or true or false")
    if depth > MOST_DEPTH:
        _fail(place, f"there are more than {MOST_DEPTH} schemas in schemas")
    for name, value in schema.items():
        here = f"{place}/{name[:80]}"
        if name in REFUSED:
            _fail(here, f"“{name}” is not supported; {REFUSED[name]}")
        if name in _KINDS and not _KINDS[name][0](value):
            _fail(here, _KINDS[name][1])
        if name in _SCHEMAS:
            if isinstance(value, list):
                _fail(here, "a list of schemas is written as prefixItems")
            check_shape(value, here, depth + 1)
        elif name in _LISTS:
            if not isinstance(value, list) or not value:
                _fail(here, "it must be a list of schemas")
            for at, one in enumerate(value):
                check_shape(one, f"{here}/{at}", depth + 1)
        elif name in _MAPS:
            if not isinstance(value, dict):
                _fail(here, "it must be an object of schemas")
            for key, one in value.items():
                check_shape(one, f"{here}/{key[:80]}", depth + 1)


def _fail(place: str, why: str) -> None:
    raise FormNotUsable(what="JSON Schema", place=place, why=why)
