"""What a model has really taken is remembered, and counts the next time."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.loading import LoadOptions
from engine.runtime import fit as memory_fit
from engine.runtime.fit import fit
from engine.runtime.gguf import read_facts
from engine.runtime.peaks import Peaks
from engine.store import Store
from engine.types import Model, ModelOrigin, Wanted
from tests.fakes.asking import ask
from tests.fakes.gguf_bytes import model_bytes

MIB = 1 << 20
AddModel = Callable[..., Model]


@pytest.fixture
def model(store: Store, tmp_path: Path) -> Model:
    path = tmp_path / "one.gguf"
    path.write_bytes(model_bytes({"llama.context_length": 2048}))
    return store.models.add(path=path, name="one", origin=ModelOrigin.DISK, facts=read_facts(path), mtime_ns=1)


def test_the_greatest_peak_counts_and_only_for_a_model_loaded_in_the_same_way(store: Store, model: Model) -> None:
    peaks = Peaks(store.models)
    for peak_bytes in (200 * MIB, 300 * MIB, 250 * MIB):
        peaks.keep(model, LoadOptions(), peak_bytes)
    assert peaks.of(model, LoadOptions()) == 300 * MIB
    assert peaks.of(model, LoadOptions(unload_after_minutes=1)) == 300 * MIB
    assert peaks.of(model, LoadOptions(context_tokens=2048)) == 300 * MIB  # it knows no more
    assert peaks.of(model, LoadOptions(context_tokens=1024)) == 0


def test_what_was_measured_of_another_file_is_forgotten(store: Store, model: Model) -> None:
    peaks = Peaks(store.models)
    peaks.keep(model, LoadOptions(), 300 * MIB)
    model.path.write_bytes(model_bytes({"llama.context_length": 2048, "general.name": "Another"}))
    assert peaks.of(model, LoadOptions()) == 0
    peaks.keep(model, LoadOptions(), 100 * MIB)
    assert peaks.of(model, LoadOptions()) == 100 * MIB


def test_a_measured_need_is_never_below_what_cannot_be_thrown_out(model: Model) -> None:
    facts = replace(model.facts, tensor_bytes=1000 * MIB)
    reckoned = fit(facts, LoadOptions())
    assert not reckoned.measured
    assert fit(facts, LoadOptions(), measured_bytes=500 * MIB).need_bytes == 500 * MIB
    least = fit(facts, LoadOptions(), measured_bytes=1)
    assert least.measured
    assert least.need_bytes == reckoned.context_bytes + reckoned.working_bytes


def test_an_answer_teaches_what_its_model_took_unless_it_was_loaded_in_spite_of_its_need(
    engine: Engine, add_model: AddModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = add_model()
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: 1)
    engine.runtime.load_anyway(model.id)
    ask(engine.runtime, model, "one", wanted=Wanted())
    assert not engine.models.need(model).measured
    engine.runtime.unload(model.id)
    monkeypatch.undo()
    ask(engine.runtime, model, "one", wanted=Wanted())
    found = engine.models.need(model)
    assert found.measured
    assert found.need_bytes == max(64 * MIB, found.context_bytes + found.working_bytes)  # as the process says
