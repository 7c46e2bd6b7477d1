"""Objects of a JSON Schema: the listed names in their order, those that may be left out, and further ones."""

from typing import Any, Protocol

from engine.forms.gbnf import NOTHING, Choice, Part, Repeat, Sequence, Text
from engine.forms.merging import Impossible, Schema
from engine.forms.patterns import in_json
from engine.forms.strings import OBJECT, SPACE, STRING, name_other_than, pair

_COMMA = Sequence((Text(","), SPACE))


class Converter(Protocol):
    """What turns the schemas within an object into parts."""

    def part(self, schema: Any, place: str) -> Part:
        """The part of a schema. Raises where nothing fits."""

    def rule(self, part: Part) -> Part:
        """A rule of its own for a part."""


def object_of(converter: Converter, schema: Schema, place: str) -> Part:
    """An object. Raises `Impossible` where a name that has to be there can have no value."""
    properties: dict[str, Any] = dict(schema.get("properties", {}))
    required = schema.get("required", [])
    additional = schema.get("additionalProperties", not properties)
    if not properties and not required and additional is True:
        return OBJECT
    for name in required:  # one that is not listed is what an additional one has to be
        properties.setdefault(name, schema.get("additionalProperties", True))
    pairs: list[tuple[Part, bool]] = []
    for name, value in properties.items():
        try:
            found = pair(Text(f'"{in_json(name)}"'), converter.part(value, f"{place}/properties/{pointed(name)}"))
        except Impossible:
            if name in required:
                raise
            continue
        pairs.append((converter.rule(found), name in required))
    try:
        more = pair(_further(properties), converter.part(additional, f"{place}/additionalProperties"))
    except Impossible:
        more = None
    return Sequence((Text("{"), SPACE, _rest(converter, pairs, more), Text("}")))


def pointed(name: str) -> str:
    """A name as part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _further(properties: Schema) -> Part:
    return name_other_than(properties) if properties else STRING


def _rest(converter: Converter, pairs: list[tuple[Part, bool]], more: Part | None) -> Part:
    """What stands between the brackets, from the last name to the first: each way with a comma before it or without."""
    if more is None:
        after: Part = SPACE
        alone: Part = NOTHING
    else:
        again = Repeat(Sequence((_COMMA, more)))
        after = Sequence((again, SPACE))
        alone = Choice((Sequence((more, again, SPACE)), NOTHING))
    for found, required in reversed(pairs):
        after = before = converter.rule(after)
        with_comma, without = Sequence((_COMMA, found, after)), Sequence((found, after))
        if required:
            after, alone = with_comma, without
        else:
            after, alone = Choice((with_comma, before)), Choice((without, converter.rule(alone)))
    return alone
