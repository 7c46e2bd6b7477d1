"""The switch "Think first": there for models that know it, and kept with the chat."""

from pathlib import Path

import pytest

from desktop.jobs import Jobs
from engine.engine import Cancel, finish
from engine.types import Model
from tests.desktop.chat.conftest import ChatPage
from tests.fakes import tiny_gguf

SWITCHED = tiny_gguf.CHATML.replace(
    "<|im_start|>assistant\n", "<|im_start|>assistant\n{{ '<think>' if enable_thinking }}"
)


@pytest.fixture
def thinker(page: ChatPage, jobs: Jobs, tmp_path: Path) -> Model:
    """One more model, which can be asked to think first; it is chosen."""
    path = tiny_gguf.write(tmp_path / "thinker.gguf", template=SWITCHED)
    model = finish(page.engine.models.add(path, Cancel()))
    jobs.changed.emit("models")
    page.view.picker.choose(model.id)
    return model


def test_the_switch_is_there_for_models_that_know_it(page: ChatPage, model: Model, thinker: Model) -> None:
    assert page.view.think.isVisible()
    page.view.picker.choose(model.id)
    assert not page.view.think.isVisible()


def test_the_switch_holds_for_its_chat_and_from_its_first_message_on(page: ChatPage, thinker: Model) -> None:
    page.view.think.click()
    assert page.say("!mood").body.text == "thinking"
    first = page.engine.chats.all()[0]
    assert first.thinking is True
    page.view.new_requested.emit()
    assert not page.view.think.isChecked()
    assert page.say("!mood").body.text == "at once"
    assert page.engine.chats.all()[0].thinking is None
    page.view.chat_chosen.emit(first.id)
    assert page.view.think.isChecked()
    page.view.think.click()
    assert page.engine.chats.get(first.id).thinking is False
    assert page.say("!mood").body.text == "at once"


def test_a_chat_that_says_nothing_follows_the_settings(page: ChatPage, jobs: Jobs, thinker: Model) -> None:
    page.engine.change_settings(thinking=True)
    jobs.changed.emit("settings")
    assert page.view.think.isChecked()
    assert page.say("!mood").body.text == "thinking"
    page.view.think.click()
    assert page.say("!mood").body.text == "at once"
