"""What is said of an answer that breaks a rule of its schema: which rule and where, in the window's language."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from desktop.theme import RESOURCES
from desktop.words import choose, told
from engine.forms import Form, FormKind, Verdict
from engine.worker.model.forms.broken_rules import MOST_SHOWN
from engine.worker.model.forms.judging import judged

OBJECT = {"properties": {"a": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False}
BROKEN: list[tuple[Any, Any, str, str]] = [
    ({"type": "string"}, 1, "its type must be string", "型は string でなければなりません"),
    ({"type": ["string", "null"]}, 1, "its type must be string, null", "型は string, null でなければなりません"),
    ({"required": ["a", "b", "c"]}, {"b": 1}, 'it lacks "a", "c"', '"a", "c" がありません'),
    ({"enum": ["é", 1, None]}, 2, 'it must be one of "é", 1, null', '"é", 1, null のどれかでなければなりません'),
    ({"const": True}, 0, "it must be exactly true", "true そのものでなければなりません"),
    ({"minimum": 1.5}, 1, "it must not be below 1.5", "1.5 以上でなければなりません"),
    ({"maximum": 3}, 4, "it must not be above 3", "3 以下でなければなりません"),
    ({"exclusiveMinimum": 1}, 1, "it must be above 1", "1 より大きくなければなりません"),
    ({"exclusiveMaximum": 1}, 1, "it must be below 1", "1 より小さくなければなりません"),
    ({"multipleOf": 5}, 7, "it must be a multiple of 5", "5 の倍数でなければなりません"),
    ({"minLength": 2}, "a", "its length in characters must not be below 2", "文字数は 2 以上でなければなりません"),
    ({"maxLength": 2}, "abc", "its length in characters must not be above 2", "文字数は 2 以下でなければなりません"),
    ({"pattern": "^a. B$"}, "b", 'it does not match the pattern "^a. B$"', 'パターン "^a. B$" に合いません'),
    ({"format": "date"}, "today", 'it is not of the format "date"', '"date" の書式ではありません'),
    ({"minItems": 2}, [1], "the number of its items must not be below 2", "要素の数は 2 以上でなければなりません"),
    ({"maxItems": 0}, [1], "the number of its items must not be above 0", "要素の数は 0 以下でなければなりません"),
    ({"uniqueItems": True}, [1, 1], "two of its items are the same", "同じ要素が二つあります"),
    ({"minProperties": 1}, {}, "the number of its properties must not be below 1",
     "プロパティの数は 1 以上でなければなりません"),
    ({"maxProperties": 0}, {"a": 1}, "the number of its properties must not be above 0",
     "プロパティの数は 0 以下でなければなりません"),
    (OBJECT, {"a": 1, "xy": 1, "b": 1}, 'the schema does not allow "b" in it', 'スキーマは "b" を許していません'),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "it fits none of the schemas of which it must fit one",
     "どれか一つに合うべきスキーマの、どれにも合いません"),
    ({"oneOf": [{"type": "string"}, {"type": "null"}]}, 1,
     "it fits none of the schemas of which it must fit exactly one",
     "ちょうど一つに合うべきスキーマの、どれにも合いません"),
    ({"oneOf": [{"minimum": 0}, {"maximum": 9}]}, 5, "it fits several of the schemas of which it must fit exactly one",
     "ちょうど一つに合うべきスキーマの、いくつもに合います"),
    ({"not": {"type": "integer"}}, 1, "it breaks the rule “not” of the schema",
     "スキーマの規則「not」に反しています"),
    ({"contains": {"const": 3}}, [1], "it breaks the rule “contains” of the schema",
     "スキーマの規則「contains」に反しています"),
]  # fmt: skip


@pytest.fixture
def japanese() -> Iterator[None]:
    choose("ja", RESOURCES / "translations")
    yield
    choose("en", RESOURCES / "translations")


def of(schema: Any, value: Any) -> Any:
    form = Form(kind=FormKind.SCHEMA, source=json.dumps(schema))
    return judged(form, json.dumps(value, ensure_ascii=False), ended=True)


@pytest.mark.parametrize(("schema", "value", "english", "words"), BROKEN, ids=[each[2][:40] for each in BROKEN])
def test_the_rule_that_is_broken_is_told_and_where(
    japanese: None, schema: Any, value: Any, english: str, words: str
) -> None:
    found = of({"properties": {"in": {"items": schema}}}, {"in": [value]})
    assert (found.verdict, found.problem, found.place) == (Verdict.INVALID, english, "/in/0")
    assert told(found.problem) == words


def test_what_a_schema_rules_out_altogether_is_told(japanese: None) -> None:
    found = of({"properties": {"in": False}}, {"in": 1})
    assert (found.verdict, found.problem) == (Verdict.INVALID, "the schema allows nothing where 1 stands")
    assert told(found.problem) == "スキーマは 1 のある場所に何も許していません"


def test_long_texts_of_a_schema_are_cut() -> None:
    found = of({"enum": ["x" * 500, "y" * 500]}, 1)
    assert len(found.problem) < MOST_SHOWN + 30
    assert found.problem.endswith("…")


def test_a_schema_that_is_none_is_told_with_its_place(japanese: None) -> None:
    found = of({"properties": {"a": {"type": "text"}}}, {})
    assert (found.verdict, found.problem) == (
        Verdict.UNCHECKED, "the schema itself is not valid at #/properties/a/type",
    )  # fmt: skip
    assert told(found.problem) == "スキーマそのものが #/properties/a/type で正しくありません"
