"""How fast a model was is learned from its answers, like the memory that it took."""

from collections.abc import Callable

import pytest

from engine.engine import Engine
from engine.runtime import fit as memory_fit
from engine.runtime import paces
from engine.runtime.paces import Speeds
from engine.types import Model, Paces, Wanted
from tests.fakes.asking import ask

AddModel = Callable[..., Model]


def test_an_answer_teaches_how_fast_its_model_is_unless_it_was_loaded_in_spite_of_its_need(
    engine: Engine, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paces, "LEAST_WRITTEN", 1)
    model, speeds = add_model(), Speeds(engine._store.models)
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 1)
    engine.runtime.load_anyway(model.id)
    ask(engine.runtime, model, "one two three", wanted=Wanted())
    assert speeds.everything(engine.models.options(model)) == ()
    engine.runtime.unload(model.id)
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 1 << 40)
    written = ask(engine.runtime, model, "one two three", wanted=Wanted())
    found = engine.models.prospects.of(model, engine.models.options(model)).measured
    assert found == Paces(writing=written.speed.tokens_per_s)
    assert found.writing > 0
