"""The test models are real models that write noise and say so."""

from pathlib import Path

import pytest

from engine.errors import FileNotReadable
from engine.models import Models
from engine.operation import Cancel, finish
from engine.places import Places
from engine.runtime import Runtime
from engine.types import MessageState, ModelOrigin, Role, Turn, Wanted
from engine.worker.testmodels.making import SHAPES, write


def test_the_test_models_are_made_once_and_named_as_what_they_are(models: Models, places: Places) -> None:
    made = finish(models.make_test_models(Cancel()))
    assert [model.origin for model in made] == [ModelOrigin.TEST] * 2
    assert all("test model" in model.name and "writes noise" in model.name for model in made)
    assert all(model.facts.size_bytes < 3_000_000 for model in made)
    before = [path.stat().st_mtime_ns for path in sorted(places.models.iterdir())]
    assert finish(models.make_test_models(Cancel())) == made
    assert [path.stat().st_mtime_ns for path in sorted(places.models.iterdir())] == before
    assert len(models.all()) == 2


def test_removing_a_test_model_deletes_its_file(models: Models, places: Places) -> None:
    for model in finish(models.make_test_models(Cancel())):
        models.remove(model.id)
    assert list(places.models.iterdir()) == []


def test_the_same_seed_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(SHAPES[1], tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_added(models: Models, places: Places) -> None:
    (places.models / "hanare-test-small.gguf.part").mkdir()
    with pytest.raises(FileNotReadable):
        finish(models.make_test_models(Cancel()))
    assert models.all() == ()


@pytest.mark.parametrize("temperature", [0.0, 0.7, 2.0])
def test_a_test_model_writes_printable_words(models: Models, places: Places, temperature: float) -> None:
    runtime = Runtime(places.private)
    try:
        for model in finish(models.make_test_models(Cancel())):
            wanted = Wanted(answer_tokens=60, temperature=temperature, seed=3, threads=1)
            turns = [Turn(role=Role.USER, text="Hello — 漢字, Ünïcode\nand a second line?")]
            written = finish(runtime.generate(model, turns, wanted, Cancel()))
            assert written.state in (MessageState.COMPLETE, MessageState.CUT)
            assert written.template == "model"
            assert written.text.isprintable()
            assert set(written.text) <= set("abcdefghijklmnopqrstuvwxyz ,.")
    finally:
        runtime.close()


def test_answers_of_test_models_come_to_an_end_by_themselves(models: Models, places: Places) -> None:
    model = finish(models.make_test_models(Cancel()))[1]
    runtime = Runtime(places.private)
    try:
        wanted = Wanted(answer_tokens=1000, temperature=0.7, seed=5, threads=1)
        written = finish(runtime.generate(model, [Turn(role=Role.USER, text="Hello")], wanted, Cancel()))
    finally:
        runtime.close()
    assert written.state is MessageState.COMPLETE
