"""Which models are loaded, how, and what their answers share."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from engine.errors import (
    Cancelled,
)
from engine.events import Event, ModelLoading, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import MessageState, Model, Role, Turn, Wanted, Written
from tests.fakes.asking import ask, begun, heard_out
from tests.fakes.tiny_gguf import tiny_model


def test_a_loaded_model_is_not_loaded_again(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one")
    events: list[Event] = []
    ask(runtime, model, "two", heard=events.append)
    assert not any(isinstance(event, ModelLoading) for event in events)


def test_another_context_length_loads_the_model_again(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one", wanted=Wanted(context_tokens=512))
    events: list[Event] = []
    ask(runtime, model, "two", heard=events.append, wanted=Wanted(context_tokens=1024))
    assert any(isinstance(event, ModelLoading) for event in events)
    assert runtime.loaded() == (model.id,)


@pytest.mark.parametrize("option", [{"key_cache": "q8_0"}, {"value_cache": "q4_0"}, {"flash_attention": "off"}])
def test_a_model_is_loaded_again_to_be_loaded_otherwise(runtime: Runtime, model: Model, option: dict[str, str]) -> None:
    model = replace(model, facts=replace(model.facts, key_width=32, value_width=32))  # as the larger ones have
    ask(runtime, model, "one")
    events: list[Event] = []
    ask(runtime, model, "two", heard=events.append, wanted=Wanted(**option))
    assert any(isinstance(event, ModelLoading) for event in events)


def test_when_a_model_is_to_leave_changes_without_loading(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one")
    events: list[Event] = []
    ask(runtime, model, "two", heard=events.append, wanted=Wanted(unload_after_minutes=1))
    assert not any(isinstance(event, ModelLoading) for event in events)


def test_many_asks_of_one_model_at_once_load_it_once_and_each_gets_its_own_answer(
    runtime: Runtime, model: Model
) -> None:
    answers: list[Written] = []
    events: list[Event] = []
    threads = [
        threading.Thread(target=lambda i=i: answers.append(ask(runtime, model, f"number {i}", heard=events.append)))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written.text for written in answers) == [f"number {i}" for i in range(8)]
    assert sum(isinstance(event, ModelLoading) and event.fraction == 0 for event in events) == 1


def test_one_model_writes_several_answers_at_the_same_time(runtime: Runtime, model: Model) -> None:
    operations = [begun(runtime, model) for _ in range(3)]
    operations[0].close()
    for operation in operations[1:]:  # the others go on
        assert isinstance(next(operation), TextAdded)
        operation.close()
    assert ask(runtime, model, "again").text == "again"


def test_unloading_a_model_ends_all_its_answers_as_stopped(runtime: Runtime, model: Model) -> None:
    operations = [begun(runtime, model) for _ in range(2)]
    runtime.unload(model.id)
    for operation in operations:
        written = heard_out(operation)
        assert written.state is MessageState.STOPPED
        assert written.text.startswith("tick ")


def test_two_models_write_at_the_same_time(runtime: Runtime, tmp_path: Path) -> None:
    first, second = (tiny_model(tmp_path / f"{id}.gguf", id=id) for id in (1, 2))
    operations = [
        runtime.generate(model, [Turn(role=Role.USER, text="!slow")], Wanted(), Cancel()) for model in (first, second)
    ]
    for operation in operations:
        assert any(isinstance(event, TextAdded) for event in operation)
    for operation in operations:  # both are still in mid-answer
        assert isinstance(next(operation), TextAdded)
        operation.close()


def test_waiting_for_a_busy_model_can_be_stopped(runtime: Runtime, model: Model) -> None:
    operation = begun(runtime, model)
    cancel = Cancel()
    timer = threading.Timer(0.2, cancel.press)
    timer.start()
    with pytest.raises(Cancelled):
        ask(runtime, model, "me too", cancel, wanted=Wanted(context_tokens=1024))
    timer.join()
    assert not runtime._seats._wishes
    operation.close()


def test_an_unloaded_model_gives_its_process_back(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one")
    runtime.unload(model.id)
    assert runtime.loaded() == ()
    assert ask(runtime, model, "two").text == "two"


def test_a_model_that_is_unloaded_while_it_loads_leaves_no_process(runtime: Runtime, model: Model) -> None:
    operation = runtime.generate(model, [Turn(role=Role.USER, text="one")], Wanted(), Cancel())
    before = set(psutil.Process().children())
    assert isinstance(next(operation), ModelLoading)
    assert isinstance(next(operation), ModelLoading)
    (process,) = set(psutil.Process().children()) - before

    runtime.unload(model.id)
    with pytest.raises(Cancelled):
        list(operation)

    assert not process.is_running()


def test_a_file_that_has_changed_is_loaded_anew(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one")
    os.utime(model.path, ns=(1, 1))
    events: list[Event] = []

    ask(runtime, model, "two", heard=events.append)

    assert any(isinstance(event, ModelLoading) for event in events)


def test_unloading_a_model_in_mid_answer_is_not_held_against_its_file(runtime: Runtime, model: Model) -> None:
    for _ in range(3):

        def unload(event: Event) -> None:
            if isinstance(event, TextAdded):
                runtime.unload(model.id)

        written = ask(runtime, model, "!slow", heard=unload)
        assert written.state is MessageState.STOPPED
        assert written.text.startswith("tick")


def test_a_moved_file_is_loaded_from_its_new_place(runtime: Runtime, model: Model, tmp_path: Path) -> None:
    ask(runtime, model, "one")
    moved = replace(model, path=model.path.rename(tmp_path / "moved.gguf"))
    assert ask(runtime, moved, "two").text == "two"
