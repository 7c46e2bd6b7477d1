"""Adapters in the library: attached by the person, kept, and refused where they do not go with the model."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import AdapterNotForModel, NotFound, TextNotAccepted
from engine.types import Model
from tests.fakes.tiny_gguf import write
from tests.fakes.tiny_lora import Lora


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(Places(tmp_path / "data")) as engine:
        yield engine


@pytest.fixture
def model(engine: Engine, tmp_path: Path) -> Model:
    return added(engine, write(tmp_path / "tiny.gguf"))


@pytest.fixture
def adapter(engine: Engine, tmp_path: Path) -> Model:
    return added(engine, Lora().write(tmp_path / "lora.gguf"))


def added(engine: Engine, path: Path) -> Model:
    return finish(engine.models.add(path, Cancel()))


def attached(engine: Engine, model: Model, adapter: Model, strength: float = 1.0) -> Model:
    return finish(engine.models.adapters.attach(model.id, adapter.id, Cancel(), strength))


def test_an_adapter_is_in_the_library_but_not_among_those_to_chat_with(
    engine: Engine, model: Model, adapter: Model
) -> None:
    assert adapter.facts.use == "adapter"
    assert [each.id for each in engine.models.for_chat()] == [model.id]
    assert [each.id for each in engine.models.adapters.fitting(model.id)] == [adapter.id]


def test_what_is_attached_is_kept_with_its_strength(tmp_path: Path) -> None:
    with Engine.open(Places(tmp_path / "data")) as engine:
        model, lora = added(engine, write(tmp_path / "tiny.gguf")), added(engine, Lora().write(tmp_path / "lora.gguf"))
        attached(engine, model, lora, 0.5)
        assert engine.models.adapters.fitting(model.id) == ()
    with Engine.open(Places(tmp_path / "data")) as engine:
        (found,) = engine.models.get(model.id).adapters
        assert (found.id, found.name, found.path, found.strength) == (lora.id, "lora", lora.path, 0.5)
        assert engine.models.adapters.set_strength(model.id, lora.id, -1.5).adapters[0].strength == -1.5
        assert engine.models.all()[0].adapters[0].strength == -1.5
        assert engine.models.adapters.detach(model.id, lora.id).adapters == ()
        assert engine.models.get(lora.id).name == "lora"


def test_an_adapter_counts_in_the_memory_that_a_model_needs(engine: Engine, model: Model, adapter: Model) -> None:
    with_it = attached(engine, model, adapter)
    more = engine.models.fit(with_it.weighed).need_bytes
    assert more - engine.models.fit(model.weighed).need_bytes == adapter.facts.tensor_bytes > 0


@pytest.mark.parametrize("strength", [2.1, -2.1, float("nan"), float("inf")])
def test_a_strength_out_of_its_limits_is_refused(engine: Engine, model: Model, adapter: Model, strength: float) -> None:
    with pytest.raises(TextNotAccepted, match="-2 to 2 can be"):
        attached(engine, model, adapter, strength)
    attached(engine, model, adapter)
    with pytest.raises(TextNotAccepted, match="0 is off"):
        engine.models.adapters.set_strength(model.id, adapter.id, strength)
    assert engine.models.get(model.id).adapters[0].strength == 1.0


def test_a_model_that_is_brought_back_takes_what_is_still_there(
    engine: Engine, model: Model, adapter: Model, tmp_path: Path
) -> None:
    models = engine.models
    attached(engine, model, adapter, 0.5)
    removed = models.remove(adapter.id)
    others = [added(engine, Lora(seed).write(tmp_path / f"{seed}.gguf")) for seed in range(1, 5)]
    for other in others:
        attached(engine, model, other)
    models.bring_back(removed)
    assert [each.id for each in models.get(model.id).adapters] == [other.id for other in others]  # four at most
    assert models.get(adapter.id).name == adapter.name
    gone = models.remove(model.id)
    models.remove(others[0].id)
    models.bring_back(gone)
    assert [each.id for each in models.get(model.id).adapters] == [other.id for other in others[1:]]
    before = models.get(model.id)
    models.bring_back(models.remove(model.id))
    assert models.get(model.id) == before


def test_a_file_that_was_added_again_meanwhile_stays_as_it_is(engine: Engine, model: Model) -> None:
    removed = engine.models.remove(model.id)
    again = added(engine, model.path)
    engine.models.bring_back(removed)
    assert [each.id for each in engine.models.all()] == [again.id]


def test_an_adapter_for_another_model_and_a_model_for_an_adapter_are_refused(
    engine: Engine, model: Model, tmp_path: Path
) -> None:
    other = added(engine, Lora().write(tmp_path / "other.gguf", architecture="qwen2"))
    assert engine.models.adapters.fitting(model.id) == ()
    for wrong in (other, model):
        with pytest.raises(AdapterNotForModel):
            attached(engine, model, wrong)
    assert engine.models.get(model.id).adapters == ()


def test_a_model_takes_no_more_than_four_adapters(engine: Engine, model: Model, tmp_path: Path) -> None:
    loras = [added(engine, Lora(seed).write(tmp_path / f"{seed}.gguf")) for seed in range(5)]
    for lora in loras[:4]:
        attached(engine, model, lora)
    with pytest.raises(TextNotAccepted, match="a model takes 4 at most"):
        attached(engine, model, loras[4])
    assert attached(engine, model, loras[0], 0.5).adapters[0].strength == 0.5


def test_a_removed_adapter_is_off_every_model_and_one_whose_file_is_gone_says_so(
    engine: Engine, model: Model, adapter: Model
) -> None:
    attached(engine, model, adapter)
    adapter.path.rename(adapter.path.with_suffix(".away"))
    assert engine.models.get(model.id).adapters[0].missing
    engine.models.remove(adapter.id)
    assert engine.models.get(model.id).adapters == ()
    with pytest.raises(NotFound, match="adapter"):
        engine.models.adapters.detach(model.id, adapter.id)
