"""Who waits for a place, and who leaves: by memory, by turn and by time."""

import threading
from pathlib import Path

import pytest

from engine.errors import (
    Cancelled,
    NotEnoughMemory,
)
from engine.events import Event, ModelLoading, TextAdded
from engine.loading import LoadOptions
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.runtime import fit as fit_module
from engine.runtime.fit import fit
from engine.types import Model, Role, Turn, Wanted
from tests.fakes.asking import FAKE, ask, begun
from tests.fakes.tiny_gguf import tiny_model


class Room:
    """Memory as a test has it: so many models of the size of these fit."""

    def __init__(self, runtime: Runtime, model: Model) -> None:
        self.models, self._runtime, self._each = 0, runtime, fit(model.facts, LoadOptions()).need_bytes

    def free_bytes(self) -> int:
        return max(0, self.models * self._each - self._each * len(self._runtime.loaded()))


@pytest.fixture
def room(runtime: Runtime, model: Model, monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room(runtime, model)
    monkeypatch.setattr(fit_module, "free_bytes", made.free_bytes)
    return made


@pytest.fixture
def models(tmp_path: Path) -> list[Model]:
    return [tiny_model(tmp_path / f"{id}.gguf", id=id) for id in (1, 2, 3)]


class Asking(threading.Thread):
    """An ask on a thread of its own; what came of it is told to `ended` in order."""

    def __init__(self, runtime: Runtime, model: Model, text: str, ended: list[str], **wanted: int) -> None:
        super().__init__()
        self.runtime, self.model, self.text, self.ended, self.wanted = runtime, model, text, ended, Wanted(**wanted)
        self.waits_for = ""
        before = len(runtime._seats._wishes)
        self.start()
        while len(runtime._seats._wishes) == before and self.is_alive():
            threading.Event().wait(0.01)

    def run(self) -> None:
        ask(self.runtime, self.model, self.text, heard=self._heard, wanted=self.wanted)
        self.ended.append(self.text)

    def _heard(self, event: Event) -> None:
        if isinstance(event, ModelLoading) and event.waits_for:
            self.waits_for = event.waits_for


def test_the_least_recently_used_idle_model_leaves_for_one_that_has_no_room(
    runtime: Runtime, models: list[Model], room: Room
) -> None:
    room.models = 2
    for model in (models[0], models[1], models[0], models[2]):
        ask(runtime, model, "one")
    assert runtime.loaded() == (3, 1)


def test_where_there_is_memory_for_all_nobody_leaves(runtime: Runtime, models: list[Model], room: Room) -> None:
    room.models = 3
    for model in models:
        ask(runtime, model, "one")
    assert runtime.loaded() == (3, 2, 1)


def test_no_more_models_stay_than_may_however_much_memory_there_is(tmp_path: Path, models: list[Model]) -> None:
    runtime = Runtime(tmp_path / "private", module=FAKE, most_loaded=1)
    try:
        for model in models:
            ask(runtime, model, "one")
        assert runtime.loaded() == (3,)
    finally:
        runtime.close()


def test_what_would_not_fit_all_alone_is_refused_and_sends_nobody_away(
    runtime: Runtime, models: list[Model], room: Room
) -> None:
    room.models = 1
    ask(runtime, models[0], "one")
    large = tiny_model(models[1].path, id=2, architecture="cohere2")
    with pytest.raises(NotEnoughMemory) as caught:
        ask(runtime, large, "one")
    assert (caught.value.model_id, caught.value.context_tokens) == (2, 2048)
    assert caught.value.need_gib > caught.value.free_gib == 0.0
    assert runtime.loaded() == (1,)


def test_a_model_without_room_waits_for_the_one_at_work_and_says_so(
    runtime: Runtime, models: list[Model], room: Room
) -> None:
    room.models, seen = 1, []
    operation = begun(runtime, models[0])
    waiting = Asking(runtime, models[1], "second", seen)
    while not waiting.waits_for:
        assert isinstance(next(operation), TextAdded)  # the first goes on meanwhile
    assert waiting.waits_for == models[0].name
    operation.close()
    waiting.join()
    assert seen == ["second"]
    assert runtime.loaded() == (2,)


def test_who_waits_for_a_place_is_not_passed_by_those_who_go_on_asking_a_loaded_model(
    runtime: Runtime, models: list[Model], room: Room
) -> None:
    room.models, seen = 1, []
    operation = begun(runtime, models[0])
    waiting = Asking(runtime, models[1], "another model", seen)
    while not waiting.waits_for:
        assert isinstance(next(operation), TextAdded)
    again = Asking(runtime, models[0], "the same again", seen)
    assert isinstance(next(operation), TextAdded)
    assert not seen
    operation.close()
    for thread in (waiting, again):
        thread.join()
    assert seen == ["another model", "the same again"]


def test_three_models_with_room_for_two_all_get_their_turn(runtime: Runtime, models: list[Model], room: Room) -> None:
    room.models, seen = 2, []
    first, second = begun(runtime, models[0]), begun(runtime, models[1])
    third = Asking(runtime, models[2], "third", seen)
    while not third.waits_for:
        threading.Event().wait(0.01)
    assert third.waits_for == models[0].name  # used longest ago
    fourth = Asking(runtime, models[1], "fourth", seen)  # nobody waits for the second model: it goes on
    fourth.join()
    first.close()
    third.join()
    assert seen == ["fourth", "third"]
    second.close()


def test_whoever_needs_another_context_waits_for_the_answers_there_are_and_nobody_overtakes(
    runtime: Runtime, model: Model
) -> None:
    seen: list[str] = []
    operation = begun(runtime, model)
    threads = [Asking(runtime, model, "shorter", seen, context_tokens=1024), Asking(runtime, model, "same", seen)]
    assert isinstance(next(operation), TextAdded)
    assert not seen
    operation.close()
    for thread in threads:
        thread.join()
    assert seen == ["shorter", "same"]


def test_who_gives_up_waiting_holds_nobody_up(runtime: Runtime, models: list[Model], room: Room) -> None:
    room.models, cancel = 1, Cancel()
    operation = begun(runtime, models[0])

    def give_up(event: Event) -> None:
        assert isinstance(event, ModelLoading)
        assert event.waits_for
        cancel.press()

    with pytest.raises(Cancelled):
        ask(runtime, models[1], "no more", cancel, give_up)
    assert ask(runtime, models[0], "beside").text == "beside"
    operation.close()


def test_memory_promised_to_a_model_that_is_loading_is_not_promised_twice(
    runtime: Runtime, models: list[Model], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = tiny_model(tmp_path / "endless.gguf", id=4)
    each = fit(endless.facts, LoadOptions()).need_bytes
    monkeypatch.setattr(fit_module, "free_bytes", lambda: each)
    loading = runtime.generate(endless, [Turn(role=Role.USER, text="one")], Wanted(), Cancel())
    assert isinstance(next(loading), ModelLoading)
    waits: list[str] = []
    cancel = Cancel()

    def heard(event: Event) -> None:
        assert isinstance(event, ModelLoading)
        waits.append(event.waits_for)
        cancel.press()

    with pytest.raises(Cancelled):
        ask(runtime, models[0], "one", cancel, heard)
    assert waits == ["endless"]
    loading.close()


# --- who leaves by itself ---------------------------------------------------------------------


def test_a_model_without_use_leaves_after_its_minutes_and_one_at_work_does_not(
    tmp_path: Path, models: list[Model]
) -> None:
    clock = [0.0]
    runtime = Runtime(tmp_path / "private", module=FAKE, now=lambda: clock[0])
    try:
        ask(runtime, models[0], "one", wanted=Wanted(unload_after_minutes=15))
        ask(runtime, models[1], "one", wanted=Wanted(unload_after_minutes=0))
        operation = begun(runtime, models[2], unload_after_minutes=1)
        clock[0] = 15 * 60 - 1
        runtime.tend()
        assert set(runtime.loaded()) == {1, 2, 3}
        clock[0] = 15 * 60
        runtime.tend()
        assert set(runtime.loaded()) == {2, 3}
        operation.close()
        clock[0] += 59
        runtime.tend()
        assert set(runtime.loaded()) == {2, 3}
        clock[0] += 1
        runtime.tend()
        assert runtime.loaded() == (2,)  # 0: it stays
        assert ask(runtime, models[0], "again").text == "again"
    finally:
        runtime.close()


def test_when_memory_runs_short_for_the_rest_the_idle_model_used_longest_ago_leaves(
    runtime: Runtime, models: list[Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    for model in models[:2]:
        ask(runtime, model, "one")
    operation = begun(runtime, models[2])
    monkeypatch.setattr(fit_module, "free_bytes", lambda: 0)
    for _ in range(3):
        runtime.tend()
    assert runtime.loaded() == (3,)
    operation.close()


def test_what_is_told_of_a_loaded_model_is_how_it_is_loaded_and_whether_it_is_at_work(
    tmp_path: Path, model: Model
) -> None:
    clock = [100.0]
    runtime = Runtime(tmp_path / "private", module=FAKE, now=lambda: clock[0])
    try:
        operation = begun(runtime, model, context_tokens=512)
        (resident,) = runtime.residents()
        assert (resident.model_id, resident.answers, resident.idle_s) == (model.id, 1, 0.0)
        assert resident.options == LoadOptions(context_tokens=512)
        assert resident.need_bytes == fit(model.facts, LoadOptions(context_tokens=512)).need_bytes
        operation.close()
        clock[0] = 103.0
        (resident,) = runtime.residents()
        assert (resident.answers, resident.idle_s) == (0, 3.0)
    finally:
        runtime.close()
