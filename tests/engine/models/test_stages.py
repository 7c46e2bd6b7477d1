"""The guide as it was earlier in its training: a few models beside it, of which none answers unasked."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.chat.answer import wanted_from
from engine.cli.__main__ import parser
from engine.cli.choosing import chosen_model
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound
from engine.events import Changed
from engine.places import Places
from engine.settings import Settings
from engine.types import Model, ModelOrigin
from tests.fakes import tiny_gguf

NAMES = ["Built-in guide after 1 epoch", "Built-in guide after 3 epochs", "Built-in guide after 10 epochs"]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the guide lies in the program, and three of its stages beside it."""
    folder = tmp_path / "program"
    folder.mkdir()
    for end in ("", "-after-03", "-after-10", "-after-01", "-after-x"):
        tiny_gguf.write(folder / f"guide{end}.gguf", sampling={"temp": 0.0})
    monkeypatch.setattr("engine.places.GUIDE", folder / "guide.gguf")
    return folder


@pytest.fixture
def engine(places: Places, program: Path) -> Iterator[Engine]:
    """An engine whose model process writes back what it is told."""
    with Engine.open(places, model_process="tests.fakes.model_worker") as opened:
        yield opened


@pytest.fixture
def stages(engine: Engine) -> tuple[Model, ...]:
    """The stages, in the library."""
    return finish(engine.models.stages.add(Cancel()))


def test_they_come_when_they_are_wanted_the_earliest_first_and_are_used_where_they_lie(
    engine: Engine, program: Path
) -> None:
    assert [model.name for model in engine.models.all()] == ["Built-in guide"]
    events = list(engine.models.stages.add(Cancel()))
    assert events == [Changed(what="models")]
    _, *stages = engine.models.for_chat()
    assert [model.name for model in stages] == NAMES
    assert [model.path for model in stages] == [program / f"guide-after-{at}.gguf" for at in ("01", "03", "10")]
    assert {model.origin for model in stages} == {ModelOrigin.STAGE}
    assert list(engine.places.models.iterdir()) == []


def test_adding_them_again_changes_nothing(engine: Engine, stages: tuple[Model, ...], program: Path) -> None:
    before = engine.models.all()
    assert list(engine.models.stages.add(Cancel())) == []
    assert finish(engine.models.stages.add(Cancel())) == stages
    assert finish(engine.models.add(program / "guide-after-01.gguf", Cancel())) == stages[0]
    assert engine.models.all() == before
    assert before[1:] == stages


def test_one_that_is_opened_by_hand_is_no_model_of_ones_own(engine: Engine, program: Path) -> None:
    model = finish(engine.models.add(program / "guide-after-03.gguf", Cancel()))
    assert (model.name, model.is_own) == (NAMES[1], False)
    assert engine.models.get(model.id) == model


def test_none_of_them_answers_where_nobody_chose_it(engine: Engine, stages: tuple[Model, ...]) -> None:
    for stage in stages:
        assert (stage.built_in, stage.is_guide, stage.is_own) == (True, False, False)
    guide = engine.models.find("built-in")
    assert guide.is_guide
    chat = engine.chats.new()
    answer = finish(engine.chats.send(chat.id, "hello", Cancel(), stages[0].id))
    assert answer.model == NAMES[0]
    assert engine.chats.usual_model() == guide
    assert chosen_model(engine, None) == guide


def test_they_are_asked_as_the_guide_is(engine: Engine, stages: tuple[Model, ...]) -> None:
    guide = engine.models.find("built-in guide")
    assert wanted_from(Settings(), stages[0]) == wanted_from(Settings(), guide)
    comparison = finish(engine.comparisons.run("one two", [stages[0].id, guide.id], Cancel()))
    first, second = (trial.text for trial in comparison.trials)
    assert first == second != ""


def test_they_stay_where_the_program_has_moved_and_are_passed_over_where_they_are_not(
    engine: Engine, stages: tuple[Model, ...], program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.models.set_loading(stages[1].id, context_tokens=1024)
    moved = program.rename(program.with_name("elsewhere"))
    monkeypatch.setattr("engine.places.GUIDE", moved / "guide.gguf")
    (moved / "guide-after-01.gguf").unlink()
    _, three, ten = engine.models.all()
    assert (three.id, three.path, three.missing) == (stages[1].id, moved / "guide-after-03.gguf", False)
    assert three.loading == {"context_tokens": 1024}
    assert ten.id == stages[2].id
    with pytest.raises(NotFound):
        engine.models.get(stages[0].id)


def test_one_can_be_removed_and_brought_back_and_its_file_stays(
    engine: Engine, stages: tuple[Model, ...], program: Path
) -> None:
    removed = engine.models.remove(stages[0].id)
    assert [model.name for model in engine.models.all()] == ["Built-in guide", *NAMES[1:]]
    assert (program / "guide-after-01.gguf").exists()
    engine.models.bring_back(removed)
    assert engine.models.get(stages[0].id) == stages[0]


def test_in_the_terminal_they_are_added_and_shown(engine: Engine, program: Path) -> None:
    def run(*words: str) -> str:
        given, out = parser().parse_args(words), io.StringIO()
        assert given.run(engine, given, Screen(wants_json="--json" in words, out=out)) == 0
        return out.getvalue()

    shown = run("models", "stages")
    assert all(name in shown for name in NAMES)
    assert "hanare compare" in shown
    assert [model["name"] for model in json.loads(run("models", "stages", "--json"))["models"]] == NAMES
    for path in program.glob("guide-after-*"):
        path.unlink()
    assert "without earlier stages" in run("models", "stages")
