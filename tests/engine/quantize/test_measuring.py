"""What a smaller model lost is measured with a text, kept in figures, and told of the family of a model."""

import math
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.engine import Engine, finish
from engine.errors import (
    Cancelled,
    FileMissing,
    ModelsNotComparable,
    NoRoomToMeasure,
    NotFound,
    NothingToMeasureAgainst,
    TextNotAccepted,
)
from engine.events import Event, ModelLoading, Progressed
from engine.operation import Cancel, Hold, heard
from engine.quantizations import Recipe
from engine.quantize import measuring
from engine.types import Cost, CostText, Model, TextOf
from engine.worker.quantizer import cost
from engine.worker.quantizer.kept_file import KeptFile
from engine.worker.quantizer.likelihoods import Kept, compared, kept, perplexity, room
from engine.worker.testmodels.making import Shape, write


def small_one(engine: Engine, whole: Model, quantization: str = "Q4_0") -> Model:
    return finish(engine.quantizing.quantize(whole.id, Recipe(quantization=quantization), Cancel()))


def measured(engine: Engine, model: Model, text: Path, **more: int) -> Cost:
    wish = CostText(text=TextOf.FILE, path=text, chunks=3)
    return finish(engine.measuring.measure(model.id, Cancel(), text=wish, **more))


def figures(found: Cost) -> list[float]:
    """Those that do not depend on the hour."""
    sides = [found.small.perplexity, found.large.perplexity]
    return [*sides, found.divergence, found.divergence_99, found.same, found.words]


def test_a_smaller_model_is_measured_against_the_one_it_was_made_from(
    engine: Engine, whole: Model, text_file: Path
) -> None:
    small = small_one(engine, whole)
    found = measured(engine, small, text_file)
    assert (found.model_id, found.against_id) == (small.id, whole.id)
    assert (found.small.name, found.large.name) == (small.name, whole.name)
    assert (found.small.size_bytes, found.large.size_bytes) == (small.facts.size_bytes, whole.facts.size_bytes)
    assert (found.chunks, found.words) == (3, 3 * 255)
    assert found.text == "the text of words.txt"
    assert 0 < found.divergence < found.divergence_99
    assert 0.5 < found.same < 1
    assert found.share == small.facts.size_bytes / whole.facts.size_bytes
    for side in (found.small, found.large):
        assert 1 < side.perplexity < math.inf
        assert min(side.reading_per_s, side.writing_per_s, side.memory_bytes) > 0
    assert found.measured_at
    assert found.llama_cpp


def test_one_after_the_other_comes_to_the_same_as_both_at_once(
    engine: Engine, whole: Model, text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_one(engine, whole)
    together = measured(engine, small, text_file)
    monkeypatch.setattr(measuring.Measuring, "_both_fit", lambda *_: False)
    apart = measured(engine, small, text_file)
    assert figures(apart) == pytest.approx(figures(together), rel=1e-6)
    assert not list(engine.places.private.glob("measuring-*"))


def test_the_same_weights_lose_nothing(engine: Engine, whole: Model, text_file: Path) -> None:
    found = measured(engine, small_one(engine, whole, "F16"), text_file)
    assert found.same == 1
    assert found.same_in_100 == 100
    assert found.divergence == pytest.approx(0, abs=1e-6)
    assert found.small.perplexity == pytest.approx(found.large.perplexity, rel=1e-9)


def test_what_was_measured_is_kept_without_the_text_and_once_for_a_text(
    engine: Engine, whole: Model, text_file: Path
) -> None:
    small = small_one(engine, whole)
    measured(engine, small, text_file)
    second = measured(engine, small, text_file)
    sample = finish(engine.measuring.measure(small.id, Cancel(), text=CostText(chunks=2)))
    assert sample.text == "the sample text"
    assert engine._store.costs.all() == (second, sample)
    assert engine.measuring.family(small.id).variants[0].cost == sample


def test_a_family_is_told_alike_from_each_of_its_models_and_outlives_the_large_one(
    engine: Engine, whole: Model, text_file: Path
) -> None:
    eight, four = small_one(engine, whole, "Q8_0"), small_one(engine, whole)
    of_eight = finish(engine.quantizing.quantize(eight.id, Recipe(quantization="Q4_0", again=True), Cancel()))
    found = measured(engine, four, text_file)
    family = engine.measuring.family(whole.id)
    assert family.large == engine.models.get(whole.id)
    assert [one.model.id for one in family.variants] == [eight.id, four.id, of_eight.id]
    assert [one.cost for one in family.variants] == [None, found, None]
    assert engine.measuring.family(of_eight.id) == engine.measuring.family(four.id) == family
    engine.models.remove(whole.id)
    left = engine.measuring.family(four.id)
    assert (left.large, left.name, left.size_bytes) == (None, whole.name, whole.facts.size_bytes)
    assert left.variants == family.variants
    with pytest.raises(NothingToMeasureAgainst):
        measured(engine, four, text_file)


def test_two_files_of_one_model_are_a_family_by_their_names_and_headers(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    made = small_one(engine, whole)
    theirs = tmp_path / "whole.Q4_0.gguf"
    theirs.write_bytes(made.path.read_bytes())
    engine.models.remove(made.id)
    small = finish(engine.models.add(theirs, Cancel()))
    found = measured(engine, small, text_file)
    assert found.against_id == whole.id
    assert engine.measuring.family(whole.id).variants[0].cost == found
    engine.models.remove(whole.id)
    assert engine.measuring.family(small.id).name == whole.name
    assert engine.measuring.family(small.id).variants[0].cost == found


def test_a_removed_model_comes_back_with_what_was_measured(engine: Engine, whole: Model, text_file: Path) -> None:
    to = text_file.with_name("whole-Q4_0.gguf")
    small = finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q4_0"), Cancel(), to=to))
    found = measured(engine, small, text_file)
    removed = engine.models.remove(small.id)
    assert engine.measuring.family(whole.id).variants == ()
    engine.models.bring_back(removed)
    assert engine.measuring.family(whole.id).variants[0].cost == found


def test_a_file_that_has_changed_is_not_told_what_the_former_one_lost(
    engine: Engine, whole: Model, text_file: Path
) -> None:
    to = text_file.with_name("whole-Q4_0.gguf")
    small = finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q4_0"), Cancel(), to=to))
    measured(engine, small, text_file)
    to.write_bytes(small_one(engine, whole, "Q8_0").path.read_bytes())
    costs = {one.model.id: one.cost for one in engine.measuring.family(whole.id).variants}
    assert costs[small.id] is None


OTHER = Shape(file="", name="Another", seed=9, embedding=256, layers=2, feed_forward=512, end=2.4)


def test_what_cannot_be_measured_is_refused_before_anything_is_loaded(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.gguf"
    write(OTHER, other)
    stranger = finish(engine.models.add(other, Cancel()))
    with pytest.raises(NothingToMeasureAgainst, match="whole-F16"):
        measured(engine, whole, text_file)
    with pytest.raises(ModelsNotComparable, match="the same file"):
        measured(engine, whole, text_file, against_id=whole.id)
    with pytest.raises(NotFound):
        measured(engine, whole, text_file, against_id=99)
    text_file.write_text("badi fego")
    with pytest.raises(TextNotAccepted, match="least that tells anything"):
        measured(engine, stranger, text_file, against_id=whole.id)
    other.unlink()
    with pytest.raises(FileMissing):
        measured(engine, stranger, text_file, against_id=whole.id)


def test_models_of_different_vocabularies_are_not_compared(engine: Engine, whole: Model, text_file: Path) -> None:
    from tests.fakes import tiny_gguf

    other = finish(engine.models.add(tiny_gguf.write(text_file.with_name("tiny.gguf")), Cancel()))
    with pytest.raises(ModelsNotComparable):
        measured(engine, other, text_file, against_id=whole.id)


def test_how_far_it_is_is_told_and_a_stop_leaves_nothing(
    engine: Engine, whole: Model, text_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring.Measuring, "_both_fit", lambda *_: False)
    small, cancel = small_one(engine, whole), Cancel()
    wish = CostText(text=TextOf.FILE, path=text_file, chunks=3)
    told = [0]

    def hear(event: Event) -> None:
        if isinstance(event, ModelLoading):
            assert event.model == small.name
        if isinstance(event, Progressed):
            assert (event.unit, event.total) == ("tokens", 2 * 3 * 512)
            told.append(event.done)
        if told[-1] == 4 * 512:
            cancel.press()

    with pytest.raises(Cancelled):
        finish(heard(engine.measuring.measure(small.id, cancel, text=wish), hear))
    assert told[:5] == [0, 512, 1024, 1536, 2048]
    assert engine.measuring.family(small.id).variants[0].cost is None
    assert not list(engine.places.private.glob("measuring-*"))


def test_the_work_rests_and_goes_on(engine: Engine, whole: Model, text_file: Path) -> None:
    small, hold = small_one(engine, whole), Hold()
    hold.press(resting=True)
    wish = CostText(text=TextOf.FILE, path=text_file, chunks=3)
    work = engine.measuring.measure(small.id, Cancel(), text=wish, hold=hold)
    told = []
    for event in work:
        told.append(event)
        if isinstance(event, ModelLoading) and event.fraction == 1:
            assert not any(isinstance(one, Progressed) for one in told)
            hold.press(resting=False)
    assert any(isinstance(one, Progressed) for one in told)


# --- what is kept of each place, and how it is compared ---------------------------------------


def logits(rows: int = 7, words: int = 300, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, (rows, words)).astype(np.float32)


def log_probabilities(values: np.ndarray) -> np.ndarray:
    values = values.astype(np.float64)
    return values - np.log(np.exp(values).sum(axis=1, keepdims=True))


def test_likelihoods_and_divergences_are_those_of_the_textbook() -> None:
    large, small, words = logits(), logits() + 0.3 * logits(seed=2), [3, 1, 4, 1, 5, 9, 2]
    place = room(*large.shape)
    judged, against = kept(large, words, place), compared(small, words, place)
    p, q = log_probabilities(large), log_probabilities(small)
    rows = range(len(words))
    assert judged.losses == pytest.approx(-p[rows, words], rel=1e-5)
    assert against.losses == pytest.approx(-q[rows, words], rel=1e-5)
    assert against.divergences == pytest.approx((np.exp(p) * (p - q)).sum(axis=1), abs=2e-4)
    assert against.same.tolist() == (p.argmax(axis=1) == q.argmax(axis=1)).tolist()
    assert perplexity(judged.losses) == pytest.approx(math.exp(-p[rows, words].mean()), rel=1e-5)


def test_a_model_that_knows_nothing_at_all_expects_every_word_alike() -> None:
    flat = np.zeros((2, 10), np.float32)
    place = room(2, 10)
    assert perplexity(kept(flat, [1, 2], place).losses) == pytest.approx(10)
    assert compared(flat, [1, 2], place).divergences == pytest.approx([0, 0], abs=1e-6)


def test_what_lies_on_the_disk_comes_back_as_it_was_and_nobody_can_read_it(tmp_path: Path) -> None:
    pieces = [room(3, 50) for _ in range(3)]
    for seed, piece in enumerate(pieces):
        kept(logits(3, 50, seed), [1, 2, 3], piece)

    def fill(number: int, into: Kept) -> None:
        for part, given in zip(into, pieces[number], strict=True):
            part[...] = given

    file = KeptFile(tmp_path / "expected", 3, 50)
    file.write(3, fill)
    raw = (tmp_path / "expected").read_bytes()
    assert pieces[0].steps.tobytes()[:40] not in raw
    back = [tuple(part.copy() for part in piece) for piece in file.pieces()]
    for piece, given in zip(back, pieces, strict=True):
        assert all((part == other).all() for part, other in zip(piece, given, strict=True))


def test_what_has_no_room_on_the_disk_is_not_begun(tmp_path: Path) -> None:
    free = psutil.disk_usage(str(tmp_path)).total
    with pytest.raises(NoRoomToMeasure, match="is kept while this is measured"):
        cost._check_room(tmp_path / "expected", 2 * free)
