"""JSON Schemas: what their grammar allows, what is left to the end, and what is refused with its place."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import FormNotUsable
from engine.forms import Form, FormKind, check, gbnf
from engine.forms.network import compiled
from engine.forms.numbers import integers, numbers
from engine.forms.schema import converted
from engine.worker.model.forms.states import States

PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": 5},
        "age": {"type": "integer", "minimum": 0, "maximum": 150},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 1, "maxItems": 3},
    },
    "required": ["name", "tags"],
}
TREE = {"$ref": "#/$defs/t", "$defs": {"t": {"properties": {"t": {"type": "array", "items": {"$ref": "#/$defs/t"}}}}}}
FITTING: dict[str, tuple[Any, list[str], list[str]]] = {
    "an object": (
        PERSON,
        ['{"name":"Ume","tags":["a"]}', '{ "name": "𝄞é", "age": 150,\n  "tags": ["a", "b", "b"] }'],
        ['{"tags":["a"]}', '{"name":"","tags":["a"]}', '{"name":"Ume","age":151,"tags":["a"]}',
         '{"name":"Ume","tags":[]}', '{"name":"Ume","tags":["a"],"x":1}', '{"name":"Umeboshi","tags":["a"]}'],
    ),
    "additional properties": (
        {"properties": {"a": {"type": "integer"}, "ab": {"type": "null"}}, "additionalProperties": {"type": "string"}},
        ["{}", '{"a":1}', '{"b":"x","":"y","abc":"z"}', '{"a":1,"ab":null,"b":"2"}'],
        ['{"a":"x"}', '{"b":1}', '{"b":"x","a":"y"}'],
    ),
    "a required name that is not listed": (
        {"type": "object", "required": ["x"]}, ['{"x":[1]}', '{"x":1,"y":2}'], ["{}", '{"y":1}']
    ),
    "a schema in itself": (TREE, ["{}", '{"t":[{},{"t":[{}]}]}'], ['{"t":{}}', '{"t":[1]}']),
    "constants": (
        {"enum": ["a\n", 1, None, {"x": [True]}], "type": ["string", "null", "object"]},
        ['"a\\n"', "null", '{"x": [true]}'], ["1", '"a"', "true"],
    ),
    "a list by places": (
        {"prefixItems": [{"type": "integer"}, {"type": "boolean"}], "items": False},
        ["[1, true]"], ["[1]", "[1,true,2]"],
    ),
    "all of": (
        {"allOf": [{"type": "object", "properties": {"a": {"minimum": 3, "type": "integer"}}},
                   {"properties": {"a": {"maximum": 4}, "b": {"type": "null"}}, "required": ["a", "b"]}]},
        ['{"a":3,"b":null}'], ['{"a":5,"b":null}', '{"a":3}'],
    ),
    "any of beside others": (
        {"type": "object", "properties": {"k": {}}, "required": ["k"],
         "anyOf": [{"properties": {"k": {"const": "x"}}}, {"properties": {"k": {"type": "integer"}}}]},
        ['{"k":"x"}', '{"k":7}'], ['{"k":"y"}', "{}"],
    ),
    "a pattern": (
        {"type": "string", "pattern": '^"[^"\\\\]{2}\\d$'}, ['"\\"ab1"', '"\\"あ\\n1"'], ['"ab1"', '"\\"ab"']
    ),
    "a pattern somewhere": ({"type": "string", "pattern": "a|b$"}, ['"xax"', '"xb"'], ['"bx"', '""']),
    "formats": (
        {"properties": {"d": {"format": "date"}, "t": {"format": "date-time"}, "u": {"format": "uuid"}}},
        ['{"d":"2026-11-28"}', '{"t":"2026-11-28T09:30:00.5+09:00"}', '{"u":"0b5c2f3e-0000-4000-8000-00000000000a"}'],
        ['{"d":"2026-13-01"}', '{"t":"2026-11-28"}', '{"u":"0b5c2f3e"}'],
    ),
    "a reference with something beside it": (
        {"$ref": "#/$defs/a", "required": ["y"], "$defs": {"a": {"type": "object", "properties": {"x": {}, "y": {}}}}},
        ['{"y":1}', '{"x":1,"y":2}'], ["{}", '{"x":1}'],
    ),
    "anything": (True, ["1", "[]", '{"a":null}'], ["nothing"]),
}  # fmt: skip
REFUSED: dict[str, tuple[str, str, str]] = {
    "no JSON": ("{'a': 1}", "it is no JSON", "line 1, column 2"),
    "NaN": ('{"const": NaN}', "no JSON", "the whole"),
    "a list": ("[]", "must be an object", "#"),
    "an unknown type": ('{"properties":{"a":{"type":"text"}}}', "must be one of", "#/properties/a/type"),
    "itself": ('{"$ref":"#"}', "without end", "#/$ref"),
    "a circle": (
        '{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}', "without end", "#/$ref"
    ),
    "all of itself": ('{"allOf":[{"$ref":"#"}]}', "at once", "#"),
    "another address": ('{"$ref":"http://localhost/x"}', "outside this schema", "#/$ref"),
    "a place that is not there": ('{"items":{"$ref":"#/$defs/x"}}', "there is no #/$defs/x", "#/items/$ref"),
    "a dynamic reference": ('{"$dynamicRef":"#x"}', "not supported", "#/$dynamicRef"),
    "never long enough": ('{"type":"string","minLength":1000000000}', "cannot hold", "#/minLength"),
    "never items enough": ('{"type":"array","minItems":100000}', "cannot hold", "#/minItems"),
    "bounds of thirty digits": ('{"minimum":1e30}', "15 digits", "#/minimum"),
    "nothing fits": ('{"properties":{"a":false},"required":["a"]}', "nothing fits", "#"),
    "no number between": ('{"type":"integer","minimum":3,"maximum":2}', "nothing fits", "#"),
    "it has to hold itself": (
        '{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}', "comes to an end", "the whole"
    ),
    "a look ahead": ('{"pattern":"(?=a)b"}', "no grammar can follow", "#/pattern"),
    "a back reference": ('{"pattern":"(a)\\\\1"}', "no grammar can follow", "#/pattern"),
    "a cube of items": (
        '{"minItems":2000,"items":{"minItems":2000,"items":{"minItems":2000,"items":{"type":"null"}}}}',
        "the shortest answer", "the whole",
    ),
    "too many properties": (
        json.dumps({"properties": {f"p{at}": {"type": "string", "maxLength": 2000 - at} for at in range(500)}}),
        "too large", "the whole",
    ),
    "very deep": ('{"items":' * 500 + "{}" + "}" * 500, "schemas in schemas", "#"),
    "deep brackets": ("[" * 50_000, "no JSON", "the whole"),
    "ten megabytes": (json.dumps({"const": "x" * 10_000_000}), "the most is 65,536", "its length"),
    "a list in items": ('{"items":[{}]}', "prefixItems", "#/items"),
}  # fmt: skip
AFTERWARDS = {
    "uniqueItems": {"type": "array", "uniqueItems": True},
    "not": {"type": "string", "not": {"const": "a"}},
    "maxItems": {"type": "array", "maxItems": 10**9},
    "maxLength": {"type": "string", "maxLength": 10**9},
    "multipleOf": {"type": "integer", "multipleOf": 7},
    "oneOf": {"oneOf": [{"type": "string"}, {"maxLength": 3}]},
    "minProperties": {"type": "object", "minProperties": 2},
    "exclusiveMaximum": {"type": "number", "exclusiveMaximum": 2},
}


def reader(part: gbnf.Part) -> States:
    return States(compiled({"root": part}, "JSON Schema"))


def states_of(schema: Any) -> States:
    grammar = converted(schema).grammar
    assert gbnf.read(gbnf.written(grammar)).keys() == grammar.keys()
    return States(compiled(grammar, "JSON Schema"))


def fits(states: States, text: str) -> bool:
    state = states.after(states.start, text.encode())
    return bool(state) and states.may_end(state)


@pytest.mark.parametrize("name", FITTING)
def test_what_fits_a_schema_can_be_written_and_what_does_not_cannot(name: str) -> None:
    schema, fitting, others = FITTING[name]
    states = states_of(schema)
    assert [text for text in fitting if not fits(states, text)] == []
    assert [text for text in others if fits(states, text)] == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_that_cannot_guide_is_refused_with_the_place(name: str) -> None:
    source, why, place = REFUSED[name]
    with pytest.raises(FormNotUsable) as refused:
        check(Form(kind=FormKind.SCHEMA, source=source))
    assert why in refused.value.why
    assert refused.value.place.startswith(place)


@pytest.mark.parametrize("name", AFTERWARDS)
def test_what_a_grammar_cannot_say_is_told_to_be_checked_afterwards(name: str) -> None:
    assert f"#/{name}" in converted(AFTERWARDS[name]).afterwards


def test_whole_numbers_keep_to_their_bounds() -> None:
    draw = random.Random(1)
    for _ in range(60):
        low, high = (draw.choice([None, draw.randint(-1200, 1200)]) for _ in range(2))
        part = integers(low, high)
        if part is None:
            assert low is not None and high is not None and low > high  # noqa: PT018 - for the type checker
            continue
        states = reader(part)
        for number in range(-1300, 1300, 13):
            assert fits(states, str(number)) == ((low is None or number >= low) and (high is None or number <= high))
        assert not fits(states, "007")


def test_numbers_keep_to_their_bounds_to_the_last_digit() -> None:
    draw = random.Random(2)
    for _ in range(60):
        low, high = (Decimal(draw.randint(-2000, 2000)) / 10 ** draw.randint(0, 3) for _ in range(2))
        part = numbers(low, high)
        if part is None:
            assert low > high
            continue
        states = reader(part)
        for _ in range(60):
            places = draw.randint(0, 4)
            number = round(draw.choice([low, high]) + Decimal(draw.randint(-300, 300)) / 10**places, places)
            if number:
                assert fits(states, format(number, "f")) == (low <= number <= high)


def test_halves_of_characters_and_line_breaks_never_stand_in_a_string() -> None:
    states = states_of({"type": "string"})
    assert fits(states, '"\\u00e9 \\ud7ff"')
    for text in ('"\\ud83d\\ude00"', '"\\udc00"', '"\n"', '"\t"', '"\x7f"'):
        assert not fits(states, text)
