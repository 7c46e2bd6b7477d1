"""How fast a model will be: learned from the answers of others, and measured by its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.ledger import Ledger
from engine.loading import LoadOptions
from engine.models import Models, prospects
from engine.operation import Cancel, finish
from engine.places import Places
from engine.runtime import fit as memory_fit
from engine.runtime.paces import Speeds
from engine.runtime.peaks import Peaks
from engine.store import Store
from engine.types import Model, Paces, Speed
from tests.fakes.tiny_gguf import write

MIB = 1 << 20


@pytest.fixture(autouse=True)
def small_models_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here all models are."""
    monkeypatch.setattr(prospects, "LEAST_BYTES", 1)


@pytest.fixture
def models(store: Store, places: Places) -> Iterator[Models]:
    """A library that knows what was measured."""
    return Models(store.models, Ledger(store.connections), places, peaks=Peaks(store.models))


def add(models: Models, path: Path) -> Model:
    return finish(models.add(path, Cancel()))


@pytest.fixture
def model(models: Models, tmp_path: Path) -> Model:
    return add(models, write(tmp_path / "one.gguf"))


@pytest.fixture
def speeds(store: Store) -> Speeds:
    return Speeds(store.models)


def ran(tokens_per_s: float, *, tokens: int = 64, read: int = 256, guessed: int = 0) -> Speed:
    return Speed(
        tokens=tokens, tokens_per_s=tokens_per_s, prompt_tokens=read, reading_tokens_per_s=10 * tokens_per_s,
        guessed=guessed,
    )  # fmt: skip


def test_before_anything_ran_the_speed_is_guessed_once_the_computer_was_looked_at(models: Models, model: Model) -> None:
    before = models.prospects.of(model, LoadOptions())
    assert (before.expected, before.like, before.speed_error) == (Paces(), "", None)
    per_s = finish(models.prospects.look_at_computer(Cancel()))
    assert models.prospects.knows_pace
    found = models.prospects.of(model, LoadOptions())
    assert found.expected.writing == per_s / model.facts.active_bytes
    assert found.like == ""


def test_speed_is_reckoned_from_the_answers_of_another_model_by_what_a_token_goes_through(
    models: Models, model: Model, speeds: Speeds, tmp_path: Path
) -> None:
    large = add(models, write(tmp_path / "large.gguf", architecture="cohere2"))
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    found = models.prospects.of(large, LoadOptions())
    assert found.like == "one"
    assert found.expected.writing == pytest.approx(100.0 * model.facts.active_bytes / large.facts.active_bytes)
    assert found.expected.reading < 1000.0
    assert found.measured == Paces()


def test_after_an_answer_the_measured_speed_stands_beside_the_reckoned_one_with_its_error(
    models: Models, model: Model, speeds: Speeds, tmp_path: Path
) -> None:
    twin = add(models, write(tmp_path / "twin.gguf", seed=1))
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    speeds.keep(twin, LoadOptions(), ran(80.0), on_card=False)
    found = models.prospects.of(twin, LoadOptions())
    assert (found.measured.writing, found.measured.reading) == (80.0, 800.0)
    assert found.speed_error == pytest.approx(0.25)


def test_a_model_that_ran_otherwise_loaded_tells_of_itself(models: Models, model: Model, speeds: Speeds) -> None:
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    found = models.prospects.of(model, LoadOptions(context_tokens=512))
    assert (found.like, found.expected.writing, found.measured) == ("one", 100.0, Paces())
    assert models.prospects.of(model, LoadOptions()).like == ""


def test_an_answer_of_a_few_tokens_or_with_guesses_teaches_no_speed(model: Model, speeds: Speeds) -> None:
    for speed in (ran(100.0, tokens=4, read=8), ran(100.0, guessed=3, read=8)):
        speeds.keep(model, LoadOptions(), speed, on_card=False)
    assert speeds.of(model, LoadOptions()) == Paces()
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    speeds.keep(model, LoadOptions(), ran(50.0, tokens=4), on_card=False)
    assert speeds.of(model, LoadOptions()) == Paces(writing=100.0, reading=900.0)


def test_of_models_so_small_that_their_weights_hardly_count_no_speed_is_told_or_learned(
    models: Models, model: Model, speeds: Speeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = add(models, write(tmp_path / "large.gguf", architecture="cohere2"))
    monkeypatch.setattr(prospects, "LEAST_BYTES", large.facts.active_bytes)
    for ran_here in (model, large):
        speeds.keep(ran_here, LoadOptions(), ran(100.0), on_card=False)
    assert models.prospects.of(model, LoadOptions(context_tokens=512)).expected == Paces()
    assert models.prospects.of(large, LoadOptions()).like == ""


def test_a_slower_answer_counts_in_part_and_a_faster_one_at_once(model: Model, speeds: Speeds) -> None:
    known = []
    for per_s in (100.0, 50.0, 120.0):
        speeds.keep(model, LoadOptions(), ran(per_s), on_card=False)
        known.append(speeds.of(model, LoadOptions()).writing)
    assert known == [100.0, 90.0, 120.0]


def test_what_ran_with_a_graphics_card_tells_nothing_of_what_runs_without(
    models: Models, model: Model, speeds: Speeds, tmp_path: Path
) -> None:
    other = add(models, write(tmp_path / "other.gguf", seed=1))
    speeds.keep(model, LoadOptions(), ran(1000.0), on_card=True)
    assert models.prospects.of(other, LoadOptions()).expected.writing == 1000.0
    assert models.prospects.of(other, LoadOptions(gpu_layers=0)).expected == Paces()


def test_speeds_go_with_their_model_and_come_back_with_it(models: Models, model: Model, speeds: Speeds) -> None:
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    removed = models.remove(model.id)
    assert speeds.everything(LoadOptions()) == ()
    models.bring_back(removed)
    assert speeds.of(model, LoadOptions()).writing == 100.0


def test_the_measured_peak_stands_beside_the_reckoning_with_its_error(
    models: Models, model: Model, store: Store
) -> None:
    reckoned = models.prospects.of(model, LoadOptions())
    assert reckoned.memory_error is None
    Peaks(store.models).keep(model, LoadOptions(), 2 * reckoned.fit.reckoned_bytes)
    found = models.prospects.of(model, LoadOptions())
    assert found.fit.measured
    assert found.fit.reckoned_bytes == reckoned.fit.need_bytes
    assert found.memory_error == pytest.approx(-0.5)


def test_a_way_to_load_it_that_does_not_fit_is_told_with_what_would(
    models: Models, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide, narrow = (models.fit(model.facts, LoadOptions(context_tokens=tokens)) for tokens in (2048, 512))
    between = (wide.need_bytes + narrow.need_bytes) // 2
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: between)
    found = models.prospects.of(model, LoadOptions(context_tokens=2048))
    assert not found.fit.fits
    assert 512 <= found.ways.context_tokens < 2048
    assert models.prospects.of(model, LoadOptions(context_tokens=512)).fit.fits


def test_the_pace_of_models_that_are_not_here_is_what_was_measured_on_this_computer(
    models: Models, model: Model, speeds: Speeds
) -> None:
    assert models.prospects.written(LoadOptions()) == []
    speeds.keep(model, LoadOptions(), ran(100.0), on_card=False)
    assert models.prospects.written(LoadOptions()) == [(model.facts.active_bytes, 100.0)]
