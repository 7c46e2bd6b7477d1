"""Going on with an answer that was cut or stopped: from its very words, beside the version that ended there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import AnswerNotGoneOnWith, TextNotAccepted, WorkerDied
from engine.events import MessageKept, TextAdded
from engine.types import Message, MessageState, Model
from tests.fakes import tiny_gguf

AddModel = Callable[..., Model]


@pytest.fixture
def model(engine: Engine, add_model: AddModel) -> Model:
    engine.change_settings(answer_tokens=16)
    return add_model()


def cut(engine: Engine, model: Model, *, temporary: bool = False) -> Message:
    """An answer of twenty words that was cut after sixteen."""
    chat = engine.chats.new(temporary=temporary)
    words = " ".join(f"word{number}" for number in range(20))
    return finish(engine.chats.send(chat.id, words, Cancel(), model.id))


@pytest.mark.parametrize("temporary", [False, True])
def test_nothing_is_said_twice_and_the_old_end_is_kept(engine: Engine, model: Model, temporary: bool) -> None:
    old = cut(engine, model, temporary=temporary)
    assert old.state is MessageState.CUT
    events: list[object] = []
    work = engine.chats.go_on(old.id, Cancel(), model.id)
    try:
        while True:
            events.append(next(work))
    except StopIteration as end:
        grown = end.value
    assert grown.text == " ".join(f"word{number}" for number in range(20))
    assert grown.state is MessageState.COMPLETE
    assert "".join(event.text for event in events if isinstance(event, TextAdded)) == grown.text[len(old.text) :]
    (kept,) = [event.message for event in events if isinstance(event, MessageKept)]
    assert kept.text == old.text  # what there was is safe before a word more is written
    assert [version.text for version in engine.chats.versions(old.id)] == [old.text, grown.text]
    assert engine.chats.messages(grown.chat_id)[-1].id == grown.id


def test_a_stopped_answer_is_gone_on_with(engine: Engine, model: Model) -> None:
    chat, cancel = engine.chats.new(), Cancel()
    work = engine.chats.send(chat.id, "!slow", cancel, model.id)
    for event in work:
        if isinstance(event, TextAdded):
            cancel.press()
            break
    old = finish(work)
    assert old.state is MessageState.STOPPED
    grown = finish(engine.chats.go_on(old.id, Cancel(), model.id))
    assert grown.text.startswith(old.text)
    assert len(grown.text) > len(old.text)


def test_a_process_that_dies_over_it_takes_nothing_of_the_answer_along(engine: Engine, model: Model) -> None:
    chat = engine.chats.new()
    with pytest.raises(WorkerDied):
        finish(engine.chats.send(chat.id, "!die", Cancel(), model.id))
    old = engine.chats.messages(chat.id)[-1]
    assert (old.text, old.state) == ("dying ", MessageState.INTERRUPTED)
    with pytest.raises(WorkerDied):
        finish(engine.chats.go_on(old.id, Cancel(), model.id))
    assert engine.chats.messages(chat.id)[-1].text == "dying dying "


def test_only_an_answer_that_has_begun_is_gone_on_with(engine: Engine, model: Model) -> None:
    old = cut(engine, model)
    assert old.parent_id is not None
    with pytest.raises(TextNotAccepted, match="only an answer that has begun"):
        finish(engine.chats.go_on(old.parent_id, Cancel(), model.id))


def test_a_model_whose_template_has_no_place_for_a_beginning_says_so_and_nothing_is_changed(
    engine: Engine, model: Model, tmp_path: Path
) -> None:
    old = cut(engine, model)
    path = tiny_gguf.write(tmp_path / "headed.gguf", template=tiny_gguf.CHATML + "{# >>>all #}")
    headed = finish(engine.models.add(path, Cancel()))
    with pytest.raises(AnswerNotGoneOnWith, match="headed"):
        finish(engine.chats.go_on(old.id, Cancel(), headed.id))
    assert len(engine.chats.versions(old.id)) == 1
