"""A JSON Schema as a grammar: what the model may write, and what only the finished answer can show.

    converted(read(text)).grammar

The grammar never allows less than it says and often less than the schema: names come in the order in which the
schema writes them, none that it does not list (unless `additionalProperties` says so), and every item of
`prefixItems` comes. What a grammar cannot say (`uniqueItems`, `not` …) is listed in `afterwards`: the answer is
checked against the whole schema in the end. What would make the grammar wrong is refused with its place.

Source: JSON Schema 2020-12, Core and Validation.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from engine.errors import FormNotUsable
from engine.forms import objects
from engine.forms.gbnf import MOST_CHARACTERS, MOST_TIMES, ROOT, Choice, Named, Part, Repeat, Sequence, Text
from engine.forms.merging import TYPES, Impossible, all_of, merged, same, types_of
from engine.forms.numbers import integers, numbers
from engine.forms.patterns import NotRegular, pattern
from engine.forms.pointers import resolved
from engine.forms.schema_shape import ANNOTATIONS, check_shape
from engine.forms.strings import CHARACTER, FORMATS, JSON, QUOTE, SPACE, STRING, VALUE, listed
from engine.typed import no_number

MOST_DEPTH = 60  # of schemas in schemas
MOST_SCHEMAS = 4_000  # looked at, one used twice counted once
AFTERWARDS = (
    "not", "if", "then", "else", "patternProperties", "propertyNames", "minProperties", "maxProperties",
    "dependentRequired", "dependentSchemas", "uniqueItems", "contains", "minContains", "maxContains",
    "unevaluatedProperties", "unevaluatedItems", "multipleOf", "exclusiveMinimum", "exclusiveMaximum",
)  # fmt: skip
_OF_TYPE = {
    "object": {"properties", "required", "additionalProperties", "patternProperties", "propertyNames"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"},
    "string": {"pattern", "minLength", "maxLength", "format"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"},
}


@dataclass(frozen=True, slots=True)
class Converted:
    """A grammar, and the places of what is checked in the finished answer only."""

    grammar: dict[str, Part]
    afterwards: tuple[str, ...] = ()


def read(text: str) -> Any:
    """The schema in a text. Raises `FormNotUsable` with the line and the column of what is wrong."""
    if len(text) > MOST_CHARACTERS:
        why = f"it has {len(text):,} characters and the most is {MOST_CHARACTERS:,}"
        raise FormNotUsable(what="JSON Schema", place="its length", why=why)
    try:
        return json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise FormNotUsable(what="JSON Schema", place=place, why=f"it is no JSON ({error.msg})") from None
    except (ValueError, RecursionError):
        raise FormNotUsable(what="JSON Schema", place="the whole", why="it is no JSON that can be kept") from None


def converted(schema: Any) -> Converted:
    """The grammar of a schema. Raises `FormNotUsable` with a JSON pointer to what is wrong."""
    check_shape(schema)
    converter = _Converter(schema)
    try:
        root = converter.part(schema, "#")
    except Impossible:
        raise FormNotUsable(what="JSON Schema", place="#", why="nothing fits it") from None
    return Converted({ROOT: root, **converter.rules}, tuple(dict.fromkeys(converter.afterwards)))


class _Converter:
    """Looks at every schema once, however often it is used."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self.rules: dict[str, Part] = dict(JSON)
        self.afterwards: list[str] = []
        self._known: dict[str, str | None] = {}  # a schema as text: its rule, None where nothing fits
        self._depth = 0

    def part(self, schema: Any, place: str) -> Part:
        """The rule of a schema. Raises `Impossible`."""
        if schema is True or (isinstance(schema, dict) and not set(schema) - ANNOTATIONS):
            return VALUE
        if schema is False:
            raise Impossible
        key = json.dumps({name: value for name, value in schema.items() if name not in ANNOTATIONS}, sort_keys=False)
        if key not in self._known:
            if len(self._known) >= MOST_SCHEMAS:
                self._fail(place, f"it comes to more than {MOST_SCHEMAS:,} schemas")
            self._known[key] = name = f"r{len(self._known)}"
            self._depth += 1
            if self._depth > MOST_DEPTH:
                self._fail(place, f"there are more than {MOST_DEPTH} schemas in schemas")
            try:
                self.rules[name] = self._looked_at(schema, place)
            except Impossible:
                self._known[key] = None
                self.rules[name] = Named(name)  # it never ends, for those who have named it already
            self._depth -= 1
        known = self._known[key]
        if known is None:
            raise Impossible
        return Named(known)

    def rule(self, part: Part) -> Part:
        """A rule of its own for a part that stands in several places."""
        name = f"p{len(self.rules)}"
        self.rules[name] = part
        return Named(name)

    def note(self, place: str) -> None:
        """What stands there is checked afterwards."""
        self.afterwards.append(place)

    def _looked_at(self, schema: dict[str, Any], place: str) -> Part:
        rest = {name: value for name, value in schema.items() if name not in ANNOTATIONS}
        if set(rest) == {"$ref"}:
            return self.part(resolved(self._root, rest["$ref"], f"{place}/$ref"), rest["$ref"])
        whole = self._whole(rest, place)
        if whole is False:
            raise Impossible
        if whole is True:
            return VALUE
        for name in AFTERWARDS:
            if name in whole and not (name == "then" and "if" not in whole) and not self._is_exact(name, whole):
                self.note(f"{place}/{name}")
        for name in ("anyOf", "oneOf"):
            if name in whole:
                return self._alternatives(whole, name, place)
        if "const" in whole or "enum" in whole:
            return self._constants(whole)
        return self._one_of(whole, place)

    def _whole(self, schema: dict[str, Any], place: str) -> Any:
        """The schema with what `$ref` and `allOf` add to it, until there is none of them any more."""
        followed = 0
        while isinstance(schema, dict) and ("$ref" in schema or "allOf" in schema):
            own = {name: value for name, value in schema.items() if name not in ("$ref", "allOf")}
            parts = list(schema.get("allOf", ()))
            if "$ref" in schema:
                parts.append(resolved(self._root, schema["$ref"], f"{place}/$ref"))
            for part in parts:
                followed += 1
                if followed > MOST_DEPTH:
                    self._fail(place, "too much of it has to hold at once")
                for name in ("anyOf", "oneOf", "pattern", "format", "not"):
                    if isinstance(part, dict) and name in part and name in own and part[name] != own[name]:
                        self.note(f"{place}/allOf")
                own = merged(own, part)
                if own is False:
                    return False
            schema = own
        return schema

    def _alternatives(self, schema: dict[str, Any], name: str, place: str) -> Part:
        own = {key: value for key, value in schema.items() if key != name}
        options = schema[name]
        ways = []
        for at, option in enumerate(options):
            try:
                ways.append(self.part(all_of(own, option) if own else option, f"{place}/{name}/{at}"))
            except Impossible:
                continue
        if not ways:
            raise Impossible
        if name == "oneOf" and len(ways) > 1:
            self.note(f"{place}/{name}")
        return ways[0] if len(ways) == 1 else Choice(tuple(dict.fromkeys(ways)))

    def _constants(self, schema: dict[str, Any]) -> Part:
        types = types_of(schema)
        values = schema["enum"] if "enum" in schema else [schema["const"]]
        if "const" in schema:
            values = [value for value in values if same(value, schema["const"])]
        fitting = [value for value in values if types & set(_types_of_value(value))]
        if not fitting:
            raise Impossible
        return Choice(tuple(Text(json.dumps(value, ensure_ascii=False)) for value in fitting))

    def _one_of(self, schema: dict[str, Any], place: str) -> Part:
        """One way for each type that may come."""
        if "type" in schema:
            types = types_of(schema)
        else:
            types = {name for name, words in _OF_TYPE.items() if words & set(schema)} or set(TYPES)
        ways: list[Part] = []
        for name in (one for one in TYPES if one in types):
            if name == "integer" and "number" in types:
                continue
            try:
                ways.append(self._of_type(name, schema, place))
            except Impossible:
                continue
        if not ways:
            raise Impossible
        return ways[0] if len(ways) == 1 else Choice(tuple(ways))

    def _of_type(self, name: str, schema: dict[str, Any], place: str) -> Part:
        match name:
            case "object":
                return objects.object_of(self, schema, place)
            case "array":
                return self._array(schema, place)
            case "string":
                return self._string(schema, place)
            case "boolean":
                return Choice((Text("true"), Text("false")))
            case "null":
                return Text("null")
        found = self._number(schema, whole=name == "integer")
        if found is None:
            raise Impossible
        return found

    def _number(self, schema: dict[str, Any], *, whole: bool) -> Part | None:
        lows = [Decimal(repr(schema[one])) for one in ("minimum", "exclusiveMinimum") if one in schema]
        highs = [Decimal(repr(schema[one])) for one in ("maximum", "exclusiveMaximum") if one in schema]
        least, most = max(lows, default=None), min(highs, default=None)
        if not whole:
            return numbers(least, most)
        low = None if least is None else -int(-least // 1)
        high = None if most is None else int(most // 1)
        if low is not None and "exclusiveMinimum" in schema and low == Decimal(repr(schema["exclusiveMinimum"])):
            low += 1
        if high is not None and "exclusiveMaximum" in schema and high == Decimal(repr(schema["exclusiveMaximum"])):
            high -= 1
        return integers(low, high)

    def _string(self, schema: dict[str, Any], place: str) -> Part:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        self._check_times(least, most, f"{place}/minLength")
        if "pattern" in schema or schema.get("format") in FORMATS:
            for name in ("minLength", "maxLength"):
                if name in schema:
                    self.note(f"{place}/{name}")
            if "pattern" not in schema:
                return Sequence((QUOTE, FORMATS[schema["format"]], QUOTE))
            if "format" in schema:
                self.note(f"{place}/format")
            try:
                return Sequence((QUOTE, pattern(schema["pattern"], CHARACTER), QUOTE))
            except NotRegular as error:
                self._fail(f"{place}/pattern", f"it is an expression that no grammar can follow: {error}")
        if most is not None and most > MOST_TIMES:
            self.note(f"{place}/maxLength")
            most = None
        return STRING if (least, most) == (0, None) else Sequence((QUOTE, Repeat(CHARACTER, least, most), QUOTE))

    def _array(self, schema: dict[str, Any], place: str) -> Part:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        self._check_times(least, most, f"{place}/minItems")
        prefix = schema.get("prefixItems", [])[:most]
        first = [self.part(one, f"{place}/prefixItems/{at}") for at, one in enumerate(prefix)]
        try:
            item: Part | None = self.part(schema.get("items", not first or least > len(first)), f"{place}/items")
        except Impossible:
            item = None
        if most is not None and most > MOST_TIMES:
            self.note(f"{place}/maxItems")
            most = None
        least, most = max(0, least - len(first)), None if most is None else max(0, most - len(first))
        if item is None or most == 0:
            if least:
                raise Impossible
            parts: list[Part] = first
        elif first:
            parts = [*first, Repeat(Sequence((Text(","), SPACE, item)), least, most)]
        elif least == 0 and most is None:
            return listed(item, "[", "]")
        else:
            more = Repeat(Sequence((Text(","), SPACE, item)), max(0, least - 1), None if most is None else most - 1)
            some = Sequence((item, more, SPACE))
            return Sequence((Text("["), SPACE, some if least else Repeat(some, 0, 1), Text("]")))
        return Sequence((Text("["), SPACE, *_joined(parts), SPACE, Text("]")))

    def _check_times(self, least: int, most: int | None, place: str) -> None:
        if least > MOST_TIMES:
            self._fail(place, f"an answer cannot hold {least:,}; the most is {MOST_TIMES:,}")
        if most is not None and most < least:
            raise Impossible

    def _is_exact(self, name: str, schema: dict[str, Any]) -> bool:
        """Whether the grammar keeps to it after all."""
        integer = types_of(schema) & {"integer", "number"} == {"integer"}
        return integer and (name.startswith("exclusive") or (name == "multipleOf" and schema[name] == 1))

    def _fail(self, place: str, why: str) -> NoReturn:
        raise FormNotUsable(what="JSON Schema", place=place, why=why)


def _joined(parts: list[Part]) -> Iterator[Part]:
    """Items with commas between; what is repeated has its own."""
    for at, part in enumerate(parts):
        if at and not isinstance(part, Repeat):
            yield from (Text(","), SPACE)
        yield part


def _types_of_value(value: Any) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer", "number"
    named = {dict: "object", list: "array", str: "string", float: "number", type(None): "null"}
    return (named[type(value)],)
