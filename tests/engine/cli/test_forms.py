"""The form of an answer on the command line: clean output, a status that tells, and refusals before any model."""

import io
import json
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.forms import NOT_VALID, finish, form_of
from engine.cli.printing import Screen
from engine.errors import FileMissing, FileNotReadable, FormNotUsable
from engine.forms import FREE, Form, FormKind, Judged, Verdict

SCHEMA = Form(kind=FormKind.SCHEMA, source='{"type": "object"}')


def printed(form: Form, text: str, verdict: Verdict, problem: str = "", place: str = "") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    status = finish(Screen(out=out, err=err), form, text, Judged(verdict=verdict, problem=problem, place=place))
    return status, out.getvalue(), err.getvalue()


def test_a_valid_answer_is_all_that_is_printed() -> None:
    assert printed(SCHEMA, '{"a": 1}', Verdict.VALID) == (0, '{"a": 1}\n', "")
    assert printed(FREE, "words", Verdict.NONE) == (0, "", "")


def test_an_answer_without_its_form_is_printed_with_the_reason_beside_it_and_another_status() -> None:
    status, out, err = printed(SCHEMA, '{"a": ', Verdict.INCOMPLETE, "it was cut before its end")
    assert (status, out) == (NOT_VALID, '{"a": \n')
    assert "not complete: it was cut before its end." in err
    status, _, err = printed(SCHEMA, '{"a": 1}', Verdict.INVALID, "its type must be string", "/a")
    assert status == NOT_VALID
    assert "its type must be string at /a." in err
    assert printed(SCHEMA, "{", Verdict.NONE)[0] == NOT_VALID  # stopped before anything could be said


def test_nothing_in_a_json_answer_steers_the_terminal_and_it_means_the_same() -> None:
    _, out, _ = printed(SCHEMA, '{"a": "\x9b\u202e"}', Verdict.VALID)
    assert out.isascii()
    assert json.loads(out) == {"a": "\x9b\u202e"}


def test_forms_are_read_from_files_and_refused_with_the_place(tmp_path: Path) -> None:
    def form(*arguments: str) -> Form:
        return form_of(parser().parse_args(["chat", "hello", *arguments]))

    schema, grammar = tmp_path / "a.json", tmp_path / "a.gbnf"
    schema.write_text('\ufeff{"type": "object"}', encoding="utf-8")
    grammar.write_text("root ::= x", encoding="utf-8")
    assert form() == FREE
    assert form("--json-answer").kind is FormKind.JSON
    assert form("--schema", str(schema)) == SCHEMA
    with pytest.raises(FormNotUsable, match="line 1, column 10"):
        form("--grammar", str(grammar))
    with pytest.raises(FileMissing):
        form("--schema", str(tmp_path / "none.json"))
    schema.write_bytes(b"\xff\xfe")
    with pytest.raises(FileNotReadable, match="UTF-8"):
        form("--schema", str(schema))
    schema.write_text("x" * 10_000_000, encoding="utf-8")
    with pytest.raises(FormNotUsable, match="65,536"):
        form("--schema", str(schema))
    with pytest.raises(SystemExit):
        form("--json-answer", "--schema", str(schema))
