"""What becomes of an answer, also when things go wrong."""

import os
from pathlib import Path

import pytest

from engine.errors import (
    Cancelled,
    FileMissing,
    ModelDamaged,
    ModelKeepsFailing,
    ModelNotUsable,
    PromptTooLong,
    WorkerDied,
    WorkerSilent,
)
from engine.events import Event, ModelLoading, PromptRead, TextAdded
from engine.operation import Cancel
from engine.runtime import Runtime
from engine.types import MessageState, Model, Role, Turn, Wanted
from tests.fakes.asking import FAKE, ask, begun
from tests.fakes.tiny_gguf import tiny_model


def test_an_answer_arrives_piece_by_piece_and_then_whole(runtime: Runtime, model: Model) -> None:
    events: list[Event] = []
    written = ask(runtime, model, "one two three", heard=events.append)
    assert written.text == "one two three"
    assert written.state is MessageState.COMPLETE
    assert [event.text for event in events if isinstance(event, TextAdded)] == ["one ", "two ", "three"]
    assert any(isinstance(event, ModelLoading) for event in events)
    assert [event.done for event in events if isinstance(event, PromptRead)][-1] == 3
    assert written.speed.tokens == 3
    assert written.speed.peak_bytes > 0


def test_the_number_of_threads_changes_without_loading(runtime: Runtime, model: Model) -> None:
    assert ask(runtime, model, "one", wanted=Wanted(threads=2)).speed.threads == 2
    events: list[Event] = []
    assert ask(runtime, model, "two", heard=events.append, wanted=Wanted(threads=1)).speed.threads == 1
    assert not any(isinstance(event, ModelLoading) for event in events)


def test_an_answer_over_the_limit_is_cut(runtime: Runtime, model: Model) -> None:
    written = ask(runtime, model, "one two three four", wanted=Wanted(answer_tokens=2))
    assert written.state is MessageState.CUT
    assert written.text == "one two "


def test_stop_in_mid_answer_returns_what_there_is(runtime: Runtime, model: Model) -> None:
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, TextAdded):
            cancel.press()

    written = ask(runtime, model, "!slow", cancel, heard)
    assert written.state is MessageState.STOPPED
    assert written.text.startswith("tick ")
    assert runtime.loaded() == (model.id,)


def test_stop_before_any_text_is_a_cancellation(runtime: Runtime, model: Model) -> None:
    cancel = Cancel()

    def heard(event: Event) -> None:
        if isinstance(event, PromptRead):
            cancel.press()

    with pytest.raises(Cancelled):
        ask(runtime, model, "!think", cancel, heard)
    assert ask(runtime, model, "again").text == "again"


def test_an_abandoned_answer_stops_the_worker_and_frees_the_model(runtime: Runtime, model: Model) -> None:
    operation = runtime.generate(model, [Turn(role=Role.USER, text="!slow")], Wanted(), Cancel())
    assert any(isinstance(event, TextAdded) for event in operation)  # stops at the first piece
    operation.close()
    assert ask(runtime, model, "again").text == "again"


def test_a_worker_that_dies_in_mid_answer_is_explained_and_replaced(runtime: Runtime, model: Model) -> None:
    events: list[Event] = []
    with pytest.raises(WorkerDied) as caught:
        ask(runtime, model, "!die", heard=events.append)
    assert "stopped unexpectedly" in str(caught.value)
    assert TextAdded(text="dying ") in events
    assert runtime.loaded() == ()
    assert ask(runtime, model, "back again").text == "back again"


def test_a_worker_that_talks_nonsense_is_ended(runtime: Runtime, model: Model) -> None:
    with pytest.raises(WorkerDied, match="not a message"):
        ask(runtime, model, "!garble")
    assert ask(runtime, model, "back again").text == "back again"


def test_a_silent_worker_is_ended_and_replaced(tmp_path: Path, model: Model) -> None:
    runtime = Runtime(tmp_path / "private", module=FAKE, silent_s=0.5)
    try:
        with pytest.raises(WorkerSilent):
            ask(runtime, model, "!mute")
        assert runtime.loaded() == ()
        assert ask(runtime, model, "back again").text == "back again"
    finally:
        runtime.close()


def test_a_file_that_kills_its_worker_twice_is_left_alone(runtime: Runtime, tmp_path: Path) -> None:
    deadly = tiny_model(tmp_path / "deadly.gguf")
    for _ in range(2):
        with pytest.raises(WorkerDied):
            ask(runtime, deadly, "one")
    with pytest.raises(ModelKeepsFailing) as caught:
        ask(runtime, deadly, "one")
    assert caught.value.times == 2
    tiny_model(deadly.path, seed=1)  # another file in its place gets a fresh chance
    os.utime(deadly.path, ns=(1, 1))
    with pytest.raises(WorkerDied):
        ask(runtime, deadly, "one")


def test_an_answer_in_between_forgives_a_death(runtime: Runtime, model: Model) -> None:
    for _ in range(3):
        with pytest.raises(WorkerDied):
            ask(runtime, model, "!die")
        assert ask(runtime, model, "well").text == "well"


def test_a_refused_file_names_the_reason_and_counts_as_no_death(runtime: Runtime, tmp_path: Path) -> None:
    refused = tiny_model(tmp_path / "refused.gguf")
    for _ in range(3):
        with pytest.raises(ModelNotUsable, match="its name says so"):
            ask(runtime, refused, "one")
    assert runtime.loaded() == ()


def test_a_prompt_too_long_says_how_long(runtime: Runtime, model: Model) -> None:
    with pytest.raises(PromptTooLong) as caught:
        ask(runtime, model, "!long", wanted=Wanted(context_tokens=1024))
    assert (caught.value.tokens, caught.value.context_tokens) == (1025, 1024)
    assert ask(runtime, model, "short").text == "short"


def test_no_process_is_started_for_a_damaged_or_missing_file(runtime: Runtime, model: Model) -> None:
    raw = model.path.read_bytes()
    model.path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(ModelDamaged):
        ask(runtime, model, "one")
    model.path.unlink()
    with pytest.raises(FileMissing):
        ask(runtime, model, "one")
    assert runtime.loaded() == ()


def test_a_worker_that_dies_takes_all_its_answers_along_and_that_is_one_death(runtime: Runtime, model: Model) -> None:
    operations = [begun(runtime, model) for _ in range(3)]
    with pytest.raises(WorkerDied):
        ask(runtime, model, "!die")
    for operation in operations:
        with pytest.raises(WorkerDied):
            list(operation)
    assert runtime.loaded() == ()
    assert ask(runtime, model, "back again").text == "back again"  # two deaths would have been too many


def test_nothing_runs_after_close(runtime: Runtime, model: Model) -> None:
    ask(runtime, model, "one")
    runtime.close()
    assert runtime.loaded() == ()
    with pytest.raises(Cancelled):
        ask(runtime, model, "two")
    assert runtime.free_bytes() > 0
