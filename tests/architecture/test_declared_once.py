"""What is declared once is covered everywhere: errors, settings, messages, commands, translations."""

import argparse
import ast
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from desktop.error_text import ADVICE as WINDOW_ADVICE
from engine import wire
from engine.cli.__main__ import parser
from engine.cli.advice import ADVICE
from engine.errors import KINDS
from engine.settings import Settings, changed, described

ROOT = Path(__file__).resolve().parents[2]
GUIDE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs" / "guide").glob("*.md")))


def commands(program: argparse.ArgumentParser, name: str = "hanare") -> list[str]:
    """Every command of the program, with the commands below it: "hanare models add"."""
    below = [action for action in program._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        return [name]
    return [
        command for action in below for key, sub in action.choices.items() for command in commands(sub, f"{name} {key}")
    ]


@pytest.mark.parametrize("command", commands(parser()))
def test_the_guide_explains_every_command(command: str) -> None:
    assert f"`{command}" in GUIDE or f"{command} " in GUIDE


@pytest.mark.parametrize("name", described())
def test_the_guide_explains_every_setting(name: str) -> None:
    assert described()[name].title in GUIDE


@pytest.mark.parametrize("name", described())
def test_every_setting_is_titled_and_explained(name: str) -> None:
    about = described()[name]
    assert about.title[0].isupper()
    assert not about.title.endswith(".")
    assert about.help.endswith(".")


def test_the_default_of_every_setting_is_accepted() -> None:
    assert changed(Settings(), **{name: getattr(Settings(), name) for name in described()}) == Settings()


@pytest.mark.parametrize("code", KINDS)
def test_every_error_is_a_sentence_and_says_in_the_terminal_what_to_do(code: str) -> None:
    assert KINDS[code].sentence.endswith((".", "!"))
    assert ADVICE[KINDS[code]].endswith((".", "DIR", "FILE", "list", "newest"))


def test_every_error_and_no_other_has_a_text_in_the_window_and_in_the_terminal() -> None:
    assert set(ADVICE) == set(KINDS.values())
    assert set(WINDOW_ADVICE) == set(KINDS.values())


def an_example(declared: Any) -> Any:
    """A value of a message's field that is not its default, from the type it was declared with."""
    examples = {
        int: 7,
        float: 0.5,
        str: '語 \u2028 \U0001f3e1 "quoted"\n',
        bool: True,
        bytes: b"\x00\xff{}",
        tuple[dict[str, str], ...]: ({"role": "user", "content": "離れ"},),
        tuple[dict[str, Any], ...]: ({"type": "function", "function": {"name": "天気", "parameters": {}}},),
        tuple[str, ...]: ("one", "二"),
        tuple[int, ...]: (3, 5),
        tuple[float, ...]: (-1.5, 0.25),
        tuple[tuple[int, int], ...]: ((3, 5), (8, 13)),
        tuple[tuple[float, ...], ...]: ((0.25, 0.75), (1.0, 0.0)),
        tuple[tuple[int, str, int, str], ...]: ((0, "page", 3, "離れ"), (2, "section", 0, "")),
        tuple[tuple[str, tuple[tuple[int, str, int, str], ...], str], ...]: (("離れ", ((0, "page", 3, "a"),), "b"),),
        tuple[tuple[str, dict[str, Any]], ...]: (("one", {"path": "/a"}),),
        tuple[tuple[str, float], ...]: (("one", -1.5), ("二", 0.25)),
        tuple[tuple[str, int], ...]: (("one", 3), ("二", 5)),
        tuple[tuple[str, str], ...]: (("tcp4", "open"), ("二", "refused")),
        tuple[tuple[str, str, str], ...]: (("one.gguf", "a1", ""), ("二.gguf", "b2", "b.gguf")),
        tuple[tuple[float, float, float, float], ...]: ((0.0, 1.5, 2.0, 3.25),),
        tuple[str, int, str]: ("page", 3, "離れ"),
        tuple[tuple[str, float, int, int, int, int, int, int], ...]: (("離れ", 0.5, 1, 2, 3, 4, 0, 0),),
        dict[str, str]: {"one": "離れ", "二": ""},
        dict[str, Any]: {"path": "/a", "seconds": 1.5, "count": 3},
    }
    return examples[declared]


@pytest.mark.parametrize("kind", [*wire.REQUESTS.values(), *wire.REPORTS.values()], ids=lambda kind: kind.__name__)
def test_a_message_arrives_as_it_was_sent(kind: type[wire.Message]) -> None:
    sent = kind(**{field.name: an_example(field.type) for field in dataclasses.fields(kind)})
    line = wire.line(sent)
    assert line.count(b"\n") == 1
    assert wire.message(line, wire.REQUESTS | wire.REPORTS) == sent


def test_every_message_is_in_one_of_the_two_tables() -> None:
    kinds = {kind.__name__ for kind in wire.Message.__subclasses__()}
    assert kinds == set(wire.REQUESTS) | set(wire.REPORTS)


def said_on_screen() -> dict[str, str]:
    """Every sentence given to `tr` or `later` in the desktop, and the file that says it."""
    found = {}
    for path in sorted((ROOT / "desktop").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="tr" | "later"), args=[ast.Constant(value=str(sentence)), *_]):
                    found[sentence] = path.relative_to(ROOT).as_posix()
    return found


def translations(language: str) -> dict[str, str]:
    """All translated sentences of a language."""
    sentences: dict[str, str] = {}
    for path in sorted((ROOT / "resources" / "translations" / language).glob("*.json")):
        sentences |= json.loads(path.read_text(encoding="utf-8"))
    return sentences


def test_every_sentence_on_screen_is_translated() -> None:
    missing = {text: file for text, file in said_on_screen().items() if text not in translations("ja")}
    assert not missing


def test_translations_keep_the_facts_of_a_sentence() -> None:
    fields = re.compile(r"\{(\w+)")
    wrong = {
        english: japanese
        for english, japanese in translations("ja").items()
        if set(fields.findall(english)) != set(fields.findall(japanese))
    }
    assert not wrong
