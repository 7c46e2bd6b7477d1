"""No model is loaded that would freeze the computer, and what would fit instead is told."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.errors import MemoryRanShort, NotEnoughMemory
from engine.events import Event, ModelLoading, TextAdded
from engine.loading import LoadOptions
from engine.models.ways_down import ways_down
from engine.operation import Cancel
from engine.runtime import Runtime, container
from engine.runtime import fit as fit_module
from engine.runtime.container import Limit
from engine.runtime.fit import fit, fitting_tokens, kept_bytes
from engine.runtime.pressure import Pressure
from engine.types import MessageState, Model, ModelFacts, ModelOrigin, Role, Turn, Wanted, WaysDown, Written
from tests.fakes.asking import heard_out
from tests.fakes.tiny_gguf import tiny_model

FAKE = "tests.fakes.model_worker"
GIB = 1 << 30
SEVEN_BILLION = ModelFacts(
    architecture="llama", name="Seven", parameters=7_240_000_000, quantization="Q8_0", context_tokens=32768, layers=32,
    embedding=4096, vocabulary=32000, size_bytes=7_700_000_000, tensor_bytes=7_695_000_000,
    key_numbers=32768, value_numbers=32768, key_width=128, value_width=128, heads=32, feed_forward=14336,
)  # fmt: skip


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets what a model may take."""

    def be(free_bytes: int) -> None:
        monkeypatch.setattr(fit_module, "free_bytes", lambda: free_bytes)

    return be


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    runtime = Runtime(tmp_path / "private", module=FAKE)
    yield runtime
    runtime.close()


def ask(runtime: Runtime, model: Model, text: str = "one", heard: Callable[[Event], None] = lambda _: None) -> Written:
    operation = runtime.generate(model, [Turn(role=Role.USER, text=text)], Wanted(), Cancel())
    return heard_out(operation, heard)


def holding(tokens: int) -> LoadOptions:
    """As usual, but for the context."""
    return LoadOptions(context_tokens=tokens)


def known(id: int, **facts: object) -> Model:
    """A model of the library, without its file."""
    return Model(
        id=id, name=f"model {id}", path=Path(f"/{id}.gguf"), origin=ModelOrigin.DISK, added_at="",
        facts=replace(SEVEN_BILLION, **facts),
    )  # fmt: skip


def test_what_is_kept_grows_with_the_memory_and_leaves_a_small_laptop_a_model() -> None:
    assert [kept_bytes(gib * GIB) for gib in (4, 8, 16, 20)] == [GIB // 2, GIB, 2 * GIB, 2 * GIB]
    assert kept_bytes(64 * GIB) == int(6.4 * GIB)


def test_nothing_is_free_where_less_is_left_than_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = psutil.virtual_memory()._replace(total=8 * GIB, available=GIB // 2)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert fit_module.free_bytes() == 0


def test_the_limit_of_a_container_counts_and_so_does_the_computer_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = psutil.virtual_memory()._replace(total=64 * GIB, available=32 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    small = Limit(4 * GIB, GIB, Path("none"))
    monkeypatch.setattr(container, "limits", lambda: (small,))
    assert fit_module.free_bytes() == 4 * GIB - GIB - GIB // 2
    fuller = Limit(16 * GIB, 15 * GIB, Path("none"))  # the larger one around it has less left
    monkeypatch.setattr(container, "limits", lambda: (small, fuller))
    assert fit_module.free_bytes() == 0
    monkeypatch.setattr(container, "limits", lambda: (small,))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=7 * GIB))
    assert fit_module.free_bytes() == 7 * GIB - kept_bytes(64 * GIB)


@pytest.mark.parametrize("free_gib", [0, 1, 7.5, 7.9, 8.3, 9, 12, 40])
@pytest.mark.parametrize("wanted", [512, 4096, 32768])
def test_the_context_that_is_said_to_fit_does_and_the_next_longer_one_does_not(
    free: Callable[[int], None], free_gib: float, wanted: int
) -> None:
    free(int(free_gib * GIB))
    tokens = fit(SEVEN_BILLION, holding(wanted)).fitting_tokens
    assert tokens == fitting_tokens(SEVEN_BILLION, holding(wanted), int(free_gib * GIB))
    if tokens:
        assert 512 <= tokens <= wanted
        assert fit(SEVEN_BILLION, holding(tokens)).fits
    if tokens < wanted:
        assert not fit(SEVEN_BILLION, holding(max(512, tokens + 256))).fits


def test_a_refusal_has_the_figures_and_no_process_is_started(
    runtime: Runtime, tmp_path: Path, free: Callable[[int], None]
) -> None:
    model = tiny_model(tmp_path / "tiny.gguf")
    free(fit(model.facts, holding(1024)).need_bytes)
    before = psutil.Process().children()
    with pytest.raises(NotEnoughMemory) as caught:
        ask(runtime, model)
    assert (caught.value.model_id, caught.value.context_tokens, caught.value.fitting_tokens) == (1, 2048, 1024)
    assert caught.value.need_gib > caught.value.free_gib > 0
    assert psutil.Process().children() == before


def test_load_anyway_counts_for_one_load_of_one_model(
    runtime: Runtime, tmp_path: Path, free: Callable[[int], None]
) -> None:
    first, second = (tiny_model(tmp_path / f"{id}.gguf", id=id) for id in (1, 2))
    free(1)
    runtime.load_anyway(first.id)
    assert ask(runtime, first).text == "one"
    assert ask(runtime, first).text == "one"  # it is loaded
    with pytest.raises(NotEnoughMemory):
        ask(runtime, second)
    with pytest.raises(NotEnoughMemory):  # the second one's wish sent it away
        ask(runtime, first)


def test_the_ways_down_are_a_shorter_context_another_form_and_another_model(free: Callable[[int], None]) -> None:
    large = known(1)
    same_smaller = known(2, parameters=7_230_000_000, tensor_bytes=4_400_000_000)
    another = known(3, architecture="qwen2", tensor_bytes=5_000_000_000)
    too_large = known(4, tensor_bytes=7_690_000_000)
    free(int(7.8 * GIB))
    ways = ways_down(large, [large, another, same_smaller, too_large], LoadOptions())
    assert ways.context_tokens == fit(large.facts, holding(4096)).fitting_tokens > 512
    assert ways.model == same_smaller
    assert ways.quantization == "Q6_K"
    assert ways.quantized_bytes < 7.8 * GIB
    assert ways_down(large, [large, another], LoadOptions()).model == another
    assert ways_down(large, [large, replace(another, origin=ModelOrigin.TEST)], LoadOptions()).model is None


def test_a_smaller_cache_is_a_way_down_that_keeps_the_context(free: Callable[[int], None]) -> None:
    large = known(1, tensor_bytes=4 * GIB)
    free(fit(large.facts, LoadOptions(context_tokens=32768, key_cache="q8_0", value_cache="q8_0")).need_bytes)
    assert ways_down(large, [large], holding(32768)).cache == "q8_0"
    assert ways_down(replace(large, loading={"key_cache": "q8_0"}), [large], holding(32768)).cache == "q8_0"
    free(
        free_for := fit(large.facts, LoadOptions(context_tokens=32768, key_cache="q4_0", value_cache="q4_0")).need_bytes
    )
    assert ways_down(large, [large], holding(32768)).cache == "q4_0"
    free(free_for - 1)
    assert ways_down(large, [large], holding(32768)).cache == ""


def test_where_nothing_fits_there_is_no_way_down(free: Callable[[int], None]) -> None:
    free(GIB)
    ways = ways_down(known(1), [known(2, tensor_bytes=4_400_000_000)], LoadOptions())
    assert ways == WaysDown()


class Figures:
    """A file as the kernel has it, about a memory that is short for `share` of the time."""

    def __init__(self, path: Path) -> None:
        self.path, self.total_us = path, 0
        self.pass_by(0)

    def pass_by(self, stalled_us: int) -> None:
        self.total_us += stalled_us
        lines = [f"{kind} avg10=0.00 avg60=0.00 avg300=0.00 total={self.total_us}" for kind in ("some", "full")]
        self.path.write_text("\n".join(lines) + "\n", encoding="ascii")


def test_an_answer_is_ended_and_kept_when_memory_runs_short(tmp_path: Path) -> None:
    figures = Figures(tmp_path / "memory")
    pressure = Pressure((figures.path,), look_s=0.05, over_s=0.2)
    runtime = Runtime(tmp_path / "private", module=FAKE, pressure=pressure)
    model, pieces = tiny_model(tmp_path / "tiny.gguf"), []

    def heard(event: Event) -> None:
        if isinstance(event, TextAdded):
            pieces.append(event.text)
            figures.pass_by(10_000_000)

    try:
        with pytest.raises(MemoryRanShort):
            ask(runtime, model, "!slow", heard)
        assert pieces
        assert runtime.loaded() == ()
        for _ in range(3):  # and the model is not to blame
            assert ask(runtime, model).state is MessageState.COMPLETE
    finally:
        runtime.close()


def test_a_load_is_ended_when_memory_runs_short(tmp_path: Path) -> None:
    figures = Figures(tmp_path / "memory")
    pressure = Pressure((figures.path,), look_s=0.05, over_s=0.1)
    runtime = Runtime(tmp_path / "private", module=FAKE, pressure=pressure)

    def heard(event: Event) -> None:
        if isinstance(event, ModelLoading):
            figures.pass_by(100_000_000)

    try:
        with pytest.raises(MemoryRanShort):
            ask(runtime, tiny_model(tmp_path / "endless.gguf"), heard=heard)
    finally:
        runtime.close()


def test_a_memory_that_is_short_now_and_then_ends_nothing(tmp_path: Path) -> None:
    figures = Figures(tmp_path / "memory")
    ended: list[bool] = []
    with Pressure((figures.path,), look_s=0.01, over_s=30.0).watching(lambda: ended.append(True)) as watch:
        for _ in range(20):
            figures.pass_by(1_000_000)
    assert not ended
    assert not watch.ended_it


def test_a_system_without_the_figure_is_not_watched(tmp_path: Path) -> None:
    with Pressure((tmp_path / "none",)).watching(lambda: None) as watch:
        assert not watch.ended_it
