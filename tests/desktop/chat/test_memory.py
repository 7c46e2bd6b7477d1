"""A model that does not fit, or that keeps dying: what the page says, and the buttons that help."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.loading import LoadOptions
from engine.runtime import fit as memory_fit
from engine.types import MessageState, Model
from tests.desktop.chat.conftest import ChatPage


def answer_with(button: str) -> None:
    """Press `yes` or `no` on the question that is about to be asked."""
    QTimer.singleShot(0, lambda: getattr(QApplication.activeModalWidget(), button).click())


@pytest.fixture
def tight(page: ChatPage, model: Model, monkeypatch: pytest.MonkeyPatch) -> ChatPage:
    """A page on a computer with memory for half of the context."""
    free = page.engine.models.fit(model.facts, LoadOptions(context_tokens=1024)).need_bytes
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: free)
    return page


def test_a_model_that_does_not_fit_is_refused_with_what_would_fit(tight: ChatPage) -> None:
    answer = tight.say("one two")
    assert answer.message.state is MessageState.FAILED
    assert "Not enough memory for this model" in answer.note.label.text()
    assert "With a context length of 1,024 tokens (Settings) it would fit." in answer.note.label.text()
    assert not answer.note.anyway.isHidden()
    assert answer.note.again.isHidden()


def test_load_anyway_asks_once_more_and_then_answers(tight: ChatPage) -> None:
    tight.say("one two")
    answer_with("no")
    tight.answer.note.anyway.click()
    assert not tight.busy
    answer_with("yes")
    tight.answer.note.anyway.click()
    tight.until(lambda: not tight.busy)
    assert tight.answer.body.text == "one two"
    assert tight.answer.note.isHidden()


def test_an_answer_whose_model_died_can_be_tried_again_on_the_spot(page: ChatPage) -> None:
    answer = page.say("!die")
    assert not answer.note.again.isHidden()
    assert answer.note.again.isEnabled()
    answer.note.again.click()
    page.until(lambda: not page.busy)
    assert page.answer.message.versions == 2


def test_after_three_deaths_the_button_waits_with_the_process(page: ChatPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.runtime.MOST_DEATHS", 10)
    for _ in range(3):
        assert page.say("!die").body.text.strip() == "dying"
    answer = page.say("well")
    assert "keeps stopping" in answer.note.label.text()
    assert "3 times in a row" in answer.note.label.text()
    assert not answer.note.again.isHidden()
    page.until(answer.note.again.isEnabled)
    answer.note.again.click()
    page.until(lambda: not page.busy)
    assert page.answer.body.text == "well"
