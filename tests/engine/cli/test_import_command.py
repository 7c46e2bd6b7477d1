"""`hanare models import`: models of other programs in the terminal."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine, Places
from engine.errors import NotFound
from engine.models import other_programs as programs
from tests.fakes.gguf_bytes import model_bytes


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One beside Jan, which has three models, one of them damaged."""
    folder = tmp_path / "jan"
    folder.mkdir()
    for name in ("Owl", "Wren"):
        (folder / f"{name}.gguf").write_bytes(model_bytes({"llama.embedding_length": 64}))
    (folder / "broken.gguf").write_bytes(b"GGUF")
    monkeypatch.setattr(programs, "places", lambda *_: (programs.Place(programs.JAN, folder),))
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


def said(engine: Engine, *words: str, wants_json: bool = False) -> str:
    given, out = parser().parse_args(["models", "import", *words]), io.StringIO()
    screen = Screen(wants_json=wants_json, out=out)
    assert given.run(engine, given, screen) == 0
    return out.getvalue()


def test_without_a_wish_it_only_shows_what_is_there(engine: Engine) -> None:
    shown = said(engine)
    assert "Jan\n" in shown
    assert "broken  cannot be used: " in shown
    assert "Owl  (" in shown
    assert engine.models.all() == ()
    found = json.loads(said(engine, wants_json=True))["found"]
    assert [(one["name"], one["known"], bool(one["why"])) for one in found] == [
        ("broken", 0, True), ("Owl", 0, False), ("Wren", 0, False),
    ]  # fmt: skip


def test_those_named_are_taken_and_then_all_others_that_can_be(engine: Engine) -> None:
    assert said(engine, "--take", "Wren").startswith("Added:   1  Wren")
    assert said(engine, "--all").startswith("Added:   2  Owl")
    assert "in the library as number 1" in said(engine)
    assert said(engine).endswith("Nothing there is new.\n")
    with pytest.raises(NotFound):
        said(engine, "--take", "Heron")


def test_a_folder_is_looked_into(engine: Engine, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert said(engine, str(empty)) == "There are no GGUF files.\n"
    assert "Owl" in said(engine, str(tmp_path))
