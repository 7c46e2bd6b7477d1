"""`hanare models get|resume|pause|cancel|list`: the queue of downloads in a terminal."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine, Places
from engine.errors import HubNotFound, NotFound, TextNotAccepted
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.hub import FakeHub

REPOSITORY = "someone/model"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """Three models."""
    with FakeHub() as running:
        for name in "abc":
            running.put(REPOSITORY, f"deep/{name}.gguf", model_bytes({"general.name": name}))
        yield running


@pytest.fixture
def engine(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One that knows that hub."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


def models(engine: Engine, *words: str) -> tuple[str, Any, str]:
    """What a command says to a person, what to a program, and what it complains of."""
    given = parser().parse_args(["models", *words])
    out, err = io.StringIO(), io.StringIO()
    assert given.run(engine, given, Screen(wants_json="--json" in words, out=out, err=err)) == 0
    said = out.getvalue()
    return said, json.loads(said) if "--json" in words else None, err.getvalue()


def queue(engine: Engine) -> None:
    """Three downloads that nobody has fetched yet, as after a restart."""
    for name in "abc":
        engine.downloads.add(REPOSITORY, f"deep/{name}.gguf")
    engine.downloads.reload()


def test_one_is_fetched_and_what_waits_is_left_alone(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    assert "Fetched:" in models(engine, "get", REPOSITORY, "deep/b.gguf")[0]
    assert [model.name for model in engine.models.all()] == ["b"]
    assert [one.file for one in engine.downloads.all()] == ["deep/a.gguf", "deep/c.gguf"]


def test_the_list_shows_what_is_not_done(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    said, _, _ = models(engine, "list")
    assert f"1  {REPOSITORY}  deep/a.gguf  (0 bytes, stopped)" in said
    assert "hanare models resume" in said
    _, document, _ = models(engine, "list", "--json")
    assert [(one["id"], one["state"], one["error"]) for one in document["downloads"]] == [
        (1, "paused", None), (2, "paused", None), (3, "paused", None)
    ]  # fmt: skip
    assert hub.requests == []


def test_resume_goes_on_with_all_but_what_was_paused_and_with_that_by_its_name(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    assert models(engine, "pause", "2")[0].startswith("Paused:")
    _, document, _ = models(engine, "resume", "--json")
    assert sorted(model["name"] for model in document["models"]) == ["a", "c"]
    assert models(engine, "resume")[0] == "There is no download to go on with.\n"
    assert "Fetched:" in models(engine, "resume", "b.gguf")[0]
    assert engine.downloads.all() == ()


def test_one_is_given_up(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    _, document, _ = models(engine, "cancel", "deep/c.gguf", "--json")
    assert document["file"] == "deep/c.gguf"
    assert len(engine.downloads.all()) == 2
    with pytest.raises(NotFound):
        models(engine, "cancel", "3")
    assert hub.requests == []


def test_a_name_that_means_several_is_refused(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    engine.downloads.add("other/model", "a.gguf")
    with pytest.raises(TextNotAccepted, match="2 downloads could be meant"):
        models(engine, "pause", "a.gguf")


def test_what_fails_is_an_error_and_the_others_are_fetched(engine: Engine, hub: FakeHub) -> None:
    queue(engine)
    del hub.files[f"{REPOSITORY}/deep/b.gguf"]
    with pytest.raises(HubNotFound):
        models(engine, "resume")
    assert sorted(model.name for model in engine.models.all()) == ["a", "c"]


def test_a_server_without_ranges_is_told_of_once(engine: Engine, hub: FakeHub) -> None:
    hub.put(REPOSITORY, "large.gguf", model_bytes({"x": "y" * (3 << 20)}))
    hub.knows_ranges, hub.per_s = False, 4e6
    _, _, complained = models(engine, "get", REPOSITORY, "large.gguf")
    assert complained.count("sends this file only as a whole") == 1
