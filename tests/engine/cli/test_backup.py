"""The commands of backups: what they say and what they bring back."""

import io
import json

import pytest

from engine.cli.__main__ import main, parser
from engine.cli.printing import Screen
from engine.engine import Engine, Places
from engine.types import Role


def run(engine: Engine, *words: str) -> tuple[int, str]:
    """A command's exit status and what it wrote."""
    given, out = parser().parse_args(words), io.StringIO()
    status: int = given.run(engine, given, Screen(wants_json=getattr(given, "json", False), out=out))
    return status, out.getvalue()


def fill(engine: Engine) -> None:
    chat = engine.chats.new()
    engine._store.chats.add_message(chat.id, None, Role.USER, "Hello")


def test_before_any_backup_the_list_says_how_to_make_one(engine: Engine) -> None:
    assert "hanare backup make" in run(engine, "backup", "list")[1]


def test_a_restore_counts_what_there_was_and_what_there_is(engine: Engine) -> None:
    fill(engine)
    assert "1 chat, 1 message, 0 documents" in run(engine, "backup", "make")[1]
    fill(engine)
    status, out = run(engine, "backup", "restore", "newest")
    assert status == 0
    assert "Before: 2 chats, 2 messages, 0 documents." in out
    assert "Now:    1 chat, 1 message, 0 documents." in out
    assert len(engine.chats.all()) == 1
    listed = json.loads(run(engine, "backup", "list", "--json")[1])
    assert [each["kind"] for each in listed["backups"]] == ["restore", "asked"]


def test_a_command_makes_the_backup_of_the_day(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    with Engine.open(places) as engine:
        fill(engine)
    assert main(["models", "list", "--data", str(places.data)]) == 0
    with Engine.open(places) as engine:
        assert len(engine.backups.all()) == 1
    assert capsys.readouterr().err == ""


def test_a_backup_that_cannot_be_made_is_told_and_the_command_is_done(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    with Engine.open(places) as engine:
        fill(engine)
    places.backups.write_text("in the way")
    assert main(["models", "list", "--data", str(places.data)]) == 0
    assert "backup of today was not made" in capsys.readouterr().err
