"""Comparing models: the same prompt to each, side by side."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import NotFound, TextNotAccepted
from engine.events import Event, PassagesFound, TextAdded, TrialEnded, TrialMoved
from engine.types import Comparison, MessageState, Model

AddModel = Callable[..., Model]
ONE_BY_ONE_AND_AT_ONCE = pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])


def run(
    engine: Engine, prompt: str, models: list[Model], on: Callable[[Event], None] = lambda _: None,
    cancel: Cancel | None = None, **how: bool,
) -> Comparison:  # fmt: skip
    """Run a comparison, showing each event."""
    work = engine.comparisons.run(prompt, [model.id for model in models], cancel or Cancel(), **how)
    while True:
        try:
            on(next(work))
        except StopIteration as end:
            comparison: Comparison = end.value
            return comparison


@ONE_BY_ONE_AND_AT_ONCE
def test_every_model_answers_the_same_prompt(engine: Engine, add_model: AddModel, at_once: bool) -> None:
    models, events = [add_model("plum"), add_model("pear")], list[Event]()

    found = run(engine, "one two three", models, events.append, at_once=at_once)

    assert [trial.model for trial in found.trials] == ["plum", "pear"]
    assert {trial.text for trial in found.trials} == {"one two three"}
    assert {trial.state for trial in found.trials} == {MessageState.COMPLETE}
    for number, trial in enumerate(found.trials):
        pieces = [event.event for event in events if isinstance(event, TrialMoved) and event.column == number]
        assert "".join(piece.text for piece in pieces if isinstance(piece, TextAdded)) == "one two three"
        (ended,) = [event for event in events if isinstance(event, TrialEnded) and event.column == number]
        assert ended.speed == trial.speed
        assert trial.speed is not None
        assert trial.speed.peak_bytes > 0


def test_one_by_one_a_column_ends_before_the_next_begins(engine: Engine, add_model: AddModel) -> None:
    columns: list[int] = []

    def note(event: Event) -> None:
        if isinstance(event, TrialMoved | TrialEnded):
            columns.append(event.column)

    run(engine, "one two", [add_model("plum"), add_model("pear")], note)
    assert columns == sorted(columns)


def test_at_once_both_columns_move_before_either_ends(engine: Engine, add_model: AddModel) -> None:
    cancel, moved, ended = Cancel(), set[int](), list[int]()

    def note(event: Event) -> None:
        if isinstance(event, TrialMoved) and isinstance(event.event, TextAdded):
            moved.add(event.column)
        if isinstance(event, TrialEnded):
            ended.append(event.column)
        if moved == {0, 1} and not cancel.pressed:
            assert ended == []
            cancel.press()

    run(engine, "!slow", [add_model("plum"), add_model("pear")], note, cancel, at_once=True)
    assert sorted(ended) == [0, 1]


@ONE_BY_ONE_AND_AT_ONCE
def test_a_column_that_fails_says_why_and_the_others_go_on(engine: Engine, add_model: AddModel, at_once: bool) -> None:
    models = [add_model("deadly"), add_model("pear"), add_model("refused")]

    found = run(engine, "one two", models, at_once=at_once)

    assert [trial.state for trial in found.trials] == [
        MessageState.FAILED, MessageState.COMPLETE, MessageState.FAILED,
    ]  # fmt: skip
    assert "stopped unexpectedly" in found.trials[0].note
    assert found.trials[1].text == "one two"
    assert "its name says so" in found.trials[2].note


@ONE_BY_ONE_AND_AT_ONCE
def test_a_model_that_dies_in_mid_answer_keeps_its_text(engine: Engine, add_model: AddModel, at_once: bool) -> None:
    found = run(engine, "!die", [add_model("plum"), add_model("pear")], at_once=at_once)
    assert [(trial.text, trial.state) for trial in found.trials] == [("dying ", MessageState.INTERRUPTED)] * 2


@ONE_BY_ONE_AND_AT_ONCE
def test_stop_ends_every_column_and_keeps_the_texts(engine: Engine, add_model: AddModel, at_once: bool) -> None:
    cancel, texts = Cancel(), ["", ""]

    def stop_soon(event: Event) -> None:
        if isinstance(event, TrialMoved) and isinstance(event.event, TextAdded):
            texts[event.column] += event.event.text
            if len(texts[0]) >= 15:
                cancel.press()

    found = run(engine, "!slow", [add_model("plum"), add_model("pear")], stop_soon, cancel, at_once=at_once)

    assert [trial.state for trial in found.trials] == [MessageState.STOPPED] * 2
    assert [trial.text for trial in found.trials] == texts


def test_a_comparison_that_nobody_follows_any_more_leaves_no_thread(engine: Engine, add_model: AddModel) -> None:
    work = engine.comparisons.run("!slow", [add_model("plum").id, add_model("pear").id], Cancel(), at_once=True)
    while not isinstance(next(work), TrialMoved):
        pass
    work.close()


def test_every_model_is_given_the_same_passages(engine: Engine, add_model: AddModel, tmp_path: Path) -> None:
    path = tmp_path / "plums.md"
    path.write_text("Plum jam wants ripe plums.")
    finish(engine.documents.add([path], Cancel()))
    events: list[Event] = []

    found = run(engine, "Which plums?", [add_model("plum"), add_model("pear")], events.append, with_documents=True)

    assert PassagesFound(sources=found.sources) in events
    assert found.sources[0].path == path
    assert all("Plum jam wants ripe plums." in trial.text for trial in found.trials)


def test_a_model_with_less_room_gets_fewer_passages_and_its_column_says_so(
    engine: Engine, add_model: AddModel, tmp_path: Path
) -> None:
    paths = [tmp_path / f"plums-{number}.md" for number in range(3)]
    for path in paths:
        path.write_text(f"Plum jam of {path.stem} wants ripe plums. " + "Stir it well. " * 8)
    finish(engine.documents.add(paths, Cancel()))

    found = run(engine, "Which plums?", [add_model("plum"), add_model("narrow")], with_documents=True)

    assert [trial.state for trial in found.trials] == [MessageState.COMPLETE] * 2
    assert len(found.sources) == 3
    assert found.trials[0].note == ""
    assert "left out" in found.trials[1].note


def test_a_comparison_of_nothing_is_refused(engine: Engine, add_model: AddModel) -> None:
    with pytest.raises(TextNotAccepted):
        run(engine, " ", [add_model("plum")])
    with pytest.raises(TextNotAccepted):
        run(engine, "hello", [])
    with pytest.raises(NotFound):
        finish(engine.comparisons.run("hello", [99], Cancel()))
