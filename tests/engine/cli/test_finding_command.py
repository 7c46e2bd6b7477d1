"""`hanare models search|files|recommended`: models that are not here yet, in a terminal."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Engine, Places
from engine.errors import HubUnreachable, TextNotAccepted
from engine.runtime import fit as memory_fit
from tests.fakes.hub import FakeHub
from tests.fakes.hub_api import Card

REPOSITORY = "someone/Tea-1B-GGUF"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    """One repository of GGUF files, one of safetensors that can be converted, one of others."""
    with FakeHub() as running:
        running.cards[REPOSITORY] = Card(downloads=12345, likes=1, licence="mit", gated="auto")
        running.put(REPOSITORY, "tea-Q4_K_M.gguf", b"x" * 2000)
        running.cards["someone/Tea-1B"] = Card(kind="safetensors", architecture="gemma3_text")
        running.cards["someone/Tea-odd"] = Card(kind="safetensors", architecture="mamba")
        yield running


@pytest.fixture
def engine(hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """One that knows that hub."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


def models(engine: Engine, *words: str) -> tuple[str, Any]:
    """What a command says to a person, and what to a program."""
    given = parser().parse_args(["models", *words])
    out = io.StringIO()
    assert given.run(engine, given, Screen(wants_json="--json" in words, out=out, err=io.StringIO())) == 0
    said = out.getvalue()
    return said, json.loads(said) if "--json" in words else None


def test_a_search_prints_a_line_for_each_model(engine: Engine) -> None:
    said, _ = models(engine, "search", "Tea", "1B")
    assert said.startswith("The hub has no such model.")  # both words, as they stand in no name
    said, _ = models(engine, "search", "tea")
    assert f"{REPOSITORY}  (1.0 billion, llama, mit, asks you to accept its terms, 12,345 downloads, 1 like" in said
    _, document = models(engine, "search", "tea", "--json")
    assert [model["repository"] for model in document["models"]] == [REPOSITORY]


def test_safetensors_are_searched_by_kind_and_what_cannot_be_converted_is_counted(engine: Engine) -> None:
    said, _ = models(engine, "search", "tea", "--kind", "safetensors", "--sort", "newest")
    assert "someone/Tea-1B  (" in said
    assert "Tea-odd" not in said
    assert "1 other cannot be converted here." in said


def test_a_repository_prints_its_card_and_its_files(engine: Engine) -> None:
    said, _ = models(engine, "files", REPOSITORY)
    assert "Licence:          mit" in said
    assert "tea-Q4_K_M.gguf  (Q4_K_M, 2.0 kB, fits: about" in said
    assert f"hanare models get {REPOSITORY} FILE" in said
    _, document = models(engine, "files", REPOSITORY, "--json")
    assert document["offers"][0]["outlook"]["verdict"] == "fits"


def test_what_suits_this_computer_is_printed_with_the_command_that_fetches_it(engine: Engine, hub: FakeHub) -> None:
    said, _ = models(engine, "recommended")
    assert "[best for " in said
    assert "hanare models get " in said
    assert "are estimates" in said
    _, document = models(engine, "recommended", "--json")
    assert document["models"][0]["best_for"]
    assert document["measured"] is False
    assert hub.requests == []


def test_the_hub_is_asked_for_sizes_only_where_that_is_said(engine: Engine, hub: FakeHub) -> None:
    hub.put("Qwen/Qwen3-8B-GGUF", "Qwen3-8B-Q4_K_M.gguf", b"x" * 7000)
    said, _ = models(engine, "recommended", "--refresh")
    assert said.startswith("The hub told of 1 model.")
    assert "Q4_K_M, 7.0 kB, apache-2.0" in said


def test_a_computer_without_room_is_told_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 0)
    monkeypatch.setattr("engine.models.outlook.most_bytes", lambda: 0)
    said, _ = models(engine, "recommended")
    assert said.startswith("None of the models of the list fits")
    assert "Too big for this computer: " in said
    assert "Qwen3 8B" in said


def test_what_goes_wrong_is_an_error_of_its_kind(engine: Engine, hub: FakeHub) -> None:
    with pytest.raises(TextNotAccepted):
        models(engine, "search", " ")
    hub.troubled = 9
    with pytest.raises(HubUnreachable):
        models(engine, "search", "tea")


def test_nothing_from_the_hub_steers_the_terminal(engine: Engine, hub: FakeHub) -> None:
    hub.cards[REPOSITORY] = Card(licence="m\x1b[2Jit\u202e", base_model="<b>\x07")
    for words in (("search", "tea"), ("files", REPOSITORY)):
        said, _ = models(engine, *words)
        assert not {"\x1b", "\x07", "\u202e"} & set(said)
