"""The form that an answer is to have, and what came of it: plain values that every part may hold."""

from dataclasses import dataclass
from enum import StrEnum


class FormKind(StrEnum):
    """What an answer is to be."""

    TEXT = "text"  # whatever the model writes
    JSON = "json"  # any JSON object
    SCHEMA = "schema"  # what a JSON Schema describes
    GRAMMAR = "grammar"  # what a grammar in GBNF allows


NAMES = {FormKind.JSON: "JSON form", FormKind.SCHEMA: "JSON Schema", FormKind.GRAMMAR: "grammar"}


class Verdict(StrEnum):
    """What came of an answer that was to have a form."""

    NONE = ""  # it was to have none
    VALID = "valid"
    INVALID = "invalid"
    INCOMPLETE = "incomplete"  # it was cut or stopped before its end
    UNCHECKED = "unchecked"  # it could not be found out


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`source` is the JSON Schema or the grammar, as the person gave it."""

    kind: FormKind = FormKind.TEXT
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on an answer, why it is not valid, and at which place of it (a JSON pointer)."""

    verdict: Verdict = Verdict.NONE
    problem: str = ""
    place: str = ""


FREE = Form()
