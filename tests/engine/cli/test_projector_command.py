"""`hanare models get`: the projector that comes with a model."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine, Places
from engine.errors import TextNotAccepted
from tests.fakes import tiny_gguf, tiny_projector
from tests.fakes.hub import FakeHub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[FakeHub]:
    """A model with two projectors."""
    with FakeHub() as running:
        running.put("someone/owl", "owl.gguf", tiny_gguf.write(tmp_path / "owl.gguf").read_bytes())
        for name, layers in (("mmproj-F32.gguf", 3), ("mmproj-F16.gguf", 2)):
            made = tiny_projector.write(tmp_path / "made.gguf", layers=layers)
            running.put("someone/owl", name, made.read_bytes())
        yield running


@pytest.fixture
def engine(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One that knows that hub."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


def get(engine: Engine, *words: str) -> str:
    """What `models get` of the owl says."""
    given, out = parser().parse_args(["models", "get", "someone/owl", "owl.gguf", *words]), io.StringIO()
    assert given.run(engine, given, Screen(wants_json=False, out=out)) == 0
    return out.getvalue()


def test_the_projector_comes_with_the_model_and_is_named_with_those_left_there(engine: Engine) -> None:
    said = get(engine)
    assert "sees pictures" in said
    assert "Fetched with it, to see pictures: mmproj-F16.gguf (" in said
    assert "there are also mmproj-F32.gguf (" in said


def test_another_projector_is_fetched_by_its_name_and_none_on_wish(engine: Engine, hub: FakeHub) -> None:
    assert "sees pictures" not in get(engine, "--projector", "none")
    assert "Fetched with it, to see pictures: mmproj-F32.gguf (" in get(engine, "--projector", "mmproj-F32.gguf")
    with pytest.raises(TextNotAccepted, match="the repository has mmproj-F16.gguf, mmproj-F32.gguf"):
        get(engine, "--projector", "mmproj-Q9.gguf")
