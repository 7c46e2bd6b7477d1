"""What is said of a finished answer: whether it has its form, and what is wrong where it has not.

The grammar cannot promise all of a schema, and an answer may be cut; so what is told comes from the answer itself.
"""

import datetime
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

from engine.forms import Form, FormKind, Judged, Verdict, network_of
from engine.typed import no_number
from engine.worker.model.forms.broken_rules import broken_rule
from engine.worker.model.forms.states import States
from engine.worker.model.process_limits import TimeUp, limited

MOST_WORDS = 300  # characters of a place
CHECK_S = 3.0
TOO_SLOW = Judged(verdict=Verdict.UNCHECKED, problem="checking it against the schema took too long")
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def judged(form: Form, text: str, *, ended: bool) -> Judged:
    """The verdict on an answer; `ended` tells that neither a limit nor a Stop has cut it."""
    if form.kind is FormKind.TEXT:
        return Judged()
    try:
        with limited(CHECK_S):
            if form.kind is FormKind.GRAMMAR:
                return _by_grammar(form, text, ended)
            return _by_schema(form, text, ended)
    except (TimeUp, MemoryError):
        return TOO_SLOW
    except RecursionError:
        return Judged(verdict=Verdict.INVALID, problem="it is nested too deeply")


def _by_grammar(form: Form, text: str, ended: bool) -> Judged:
    states = States(network_of(form))
    state = states.after(states.start, text.encode())
    if states.may_end(state) and (ended or not states.goes_on(state)):
        return Judged(verdict=Verdict.VALID)
    if states.goes_on(state):
        return _incomplete(ended)
    return Judged(verdict=Verdict.INVALID, problem="it is not what the grammar allows")


def _by_schema(form: Form, text: str, ended: bool) -> Judged:
    try:
        value = json.loads(text, parse_constant=no_number)
    except json.JSONDecodeError as error:
        if not ended or error.pos >= len(text.rstrip()):
            return _incomplete(ended)
        return Judged(verdict=Verdict.INVALID, problem=f"it is no JSON: {error.msg.lower()}")
    except ValueError:
        return Judged(verdict=Verdict.INVALID, problem="it is no JSON that can be kept")
    if not ended and type(value) in (int, float):  # more digits may have been to come
        return _incomplete(ended)
    if form.kind is FormKind.JSON:
        wrong = "" if isinstance(value, dict) else "it is no JSON object"
        return Judged(verdict=Verdict.INVALID if wrong else Verdict.VALID, problem=wrong)
    return _checked(json.loads(form.source), value)


def _incomplete(ended: bool) -> Judged:
    why = "it ends before it is complete" if ended else "it was cut before its end"
    return Judged(verdict=Verdict.INCOMPLETE, problem=why)


def _checked(schema: Any, value: Any) -> Judged:
    # imported here: a model that is never asked for a schema need not wait for it
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError, best_match
    from jsonschema.validators import validator_for
    from referencing import Registry

    formats = FormatChecker(formats=())
    for name, check in _FORMATS.items():
        formats.checks(name, raises=ValueError)(check)
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
        validator = kind(schema, format_checker=formats, registry=Registry())  # which fetches nothing from anywhere
        wrong = best_match(validator.iter_errors(value))
    except SchemaError as error:
        where = "".join(f"/{step}" for step in error.absolute_path)
        return Judged(verdict=Verdict.UNCHECKED, problem=f"the schema itself is not valid at #{where}"[:MOST_WORDS])
    if wrong is None:
        return Judged(verdict=Verdict.VALID)
    place = "".join(f"/{step}" for step in wrong.absolute_path)
    return Judged(verdict=Verdict.INVALID, problem=broken_rule(wrong), place=place[:MOST_WORDS])


def _is(read: Callable[[str], object]) -> Callable[[object], bool]:
    """A check of texts; anything else has no format."""

    def check(value: object) -> bool:
        if isinstance(value, str):
            read(value)
        return True

    return check


def _read_time(text: str) -> None:
    if not _TIME.fullmatch(text):
        raise ValueError(text)
    datetime.time.fromisoformat(f"{text[:6]}{min(text[6:8], '59')}")  # a leap second is one


def _read_moment(text: str) -> None:
    date, _, time = text.upper().partition("T")
    datetime.date.fromisoformat(date)
    _read_time(time)


_FORMATS: dict[str, Callable[[object], bool]] = {
    "date": _is(datetime.date.fromisoformat),
    "time": _is(_read_time),
    "date-time": _is(_read_moment),
    "uuid": _is(uuid.UUID),
}
