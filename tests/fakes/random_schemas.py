"""JSON Schemas drawn by a seed: all that Hanare says it can keep an answer to, in ever new mixtures."""

import random
from typing import Any

NAMES = ("a", "ab", "name", "größe", 'a"b', "x/y", "")
PATTERNS = ("^[A-Z]{2}-\\d+$", "^(yes|no)$", "^\\w{1,8}$", "b+", '^[^"]{0,5}$')


def random_schema(seed: int) -> dict[str, Any]:
    """A schema of an object; the same for the same seed."""
    draw = random.Random(seed)
    schema = _object(draw, 3)
    if draw.random() < 0.3:  # a tree of itself
        schema["$defs"] = {"part": _object(draw, 1)}
        schema["properties"]["part"] = {"$ref": "#/$defs/part"}
        schema["$defs"]["part"]["properties"]["parts"] = {"type": "array", "items": {"$ref": "#/$defs/part"}}
    return schema


def _any(draw: random.Random, depth: int) -> Any:
    flat = [_string, _integer, _number, _constant, _plain]
    deep = [_object, _array, _alternatives, _together]
    return draw.choice(flat + deep if depth > 0 else flat)(draw, depth)


def _object(draw: random.Random, depth: int) -> dict[str, Any]:
    names = draw.sample(NAMES, draw.randint(1, 4))
    schema: dict[str, Any] = {"type": "object", "properties": {name: _any(draw, depth - 1) for name in names}}
    schema["required"] = [name for name in names if draw.random() < 0.5]
    if draw.random() < 0.5:
        schema["additionalProperties"] = draw.choice([False, False, {"type": "integer"}])
    return schema


def _array(draw: random.Random, depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "array", "items": _any(draw, depth - 1)}
    least = draw.randint(0, 2)
    if draw.random() < 0.6:
        schema |= {"minItems": least, "maxItems": least + draw.randint(0, 2)}
    if draw.random() < 0.3:
        schema["prefixItems"] = [_any(draw, 0) for _ in range(draw.randint(1, 2))]
        schema.pop("maxItems", None)
    return schema


def _string(draw: random.Random, depth: int) -> dict[str, Any]:
    way = draw.randrange(4)
    if way == 0:
        return {"type": "string", "pattern": draw.choice(PATTERNS)}
    if way == 1:
        return {"type": "string", "format": draw.choice(["time", "uuid"])}
    least = draw.randint(0, 4)
    return {"type": "string", "minLength": least, "maxLength": least + draw.randint(0, 6)}


def _integer(draw: random.Random, depth: int) -> dict[str, Any]:
    low = draw.randint(-2000, 2000)
    return {
        "type": "integer",
        draw.choice(["minimum", "exclusiveMinimum"]): low,
        "maximum": low + draw.randint(2, 3000),
    }


def _number(draw: random.Random, depth: int) -> dict[str, Any]:
    low = round(draw.uniform(-50, 50), draw.randint(0, 3))
    return {"type": "number", "minimum": low, "maximum": round(low + draw.uniform(0.5, 40), 2)}


def _constant(draw: random.Random, depth: int) -> dict[str, Any]:
    values = [None, True, 0, -1.5, "x", 'say "hi"', "\n", [1, {"a": []}], {"b": None}]
    return draw.choice([{"const": draw.choice(values)}, {"enum": draw.sample(values, 3)}])


def _plain(draw: random.Random, depth: int) -> Any:
    return draw.choice([{"type": "boolean"}, {"type": "null"}, {"type": ["integer", "null"]}, {"type": "number"}])


def _alternatives(draw: random.Random, depth: int) -> dict[str, Any]:
    return {"anyOf": [_any(draw, depth - 1) for _ in range(draw.randint(2, 3))]}


def _together(draw: random.Random, depth: int) -> dict[str, Any]:
    low, high = sorted(draw.sample(range(-99, 99), 2))
    first: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "integer", "minimum": low}}}
    second: dict[str, Any] = {"properties": {"a": {"maximum": high}, "b": _any(draw, 0)}, "required": ["a"]}
    return {"allOf": [first, second]}
