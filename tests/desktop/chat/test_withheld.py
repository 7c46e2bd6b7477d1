"""Answers in a chat that the documents do not support: what is shown in their place, and what on request."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.pages.chat.message_card import AnswerCard
from desktop.widgets.prose import Prose
from desktop.words import choose
from engine.types import Message, MessageState, Refusal, Role
from tests.desktop.chat.conftest import ChatPage
from tests.desktop.chat.test_documents_in_chat import WAIT_MS, with_a_note

ASKED, INVENTED = "How many minutes is Sencha steeped at seventy degrees?", "Penguins eat krill. Krill is small."


@pytest.fixture
def strict(page: ChatPage, jobs: Jobs, tmp_path: Path) -> ChatPage:
    """The page with documents in use, of which alone is to be answered."""
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    page.engine.change_settings(only_supported=True)
    return page


def shown(answer: AnswerCard) -> str:
    return "".join(piece.toPlainText() for piece in answer.body.pieces if isinstance(piece, Prose))


def test_what_is_withheld_is_told_with_what_was_found_and_shown_on_request(
    strict: ChatPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr("engine.chat.replying.cited", lambda *_: (INVENTED, ""))
    answer = strict.say(ASKED)
    assert answer.body.isHidden()
    assert answer.support.isHidden()
    assert answer.note.label.text().startswith("Not found in your documents.")
    assert "Not found in your documents." in answer.accessibleName()
    assert [source.path.name for source in answer.sources.sources] == ["tea & more.txt"]
    assert not answer.note.more.isVisible()
    qtbot.waitUntil(lambda: bool(answer._checked), timeout=WAIT_MS)
    answer.note.withheld.setFocus()
    strict.press(Qt.Key.Key_Space, answer.note.withheld)
    assert "Penguins eat krill." in shown(answer)
    assert "?" in shown(answer)
    assert answer.support.isVisible()
    assert not answer.note.withheld.isVisible()
    assert answer.note.label.text().startswith("Shown as it was written: the passages support no sentence")


def test_it_stays_so_when_the_chat_is_opened_again(strict: ChatPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.chat.replying.cited", lambda *_: (INVENTED, ""))
    before = strict.say(ASKED).message
    strict.engine.change_settings(only_supported=False)
    strict.view.new_requested.emit()
    strict.view.chat_chosen.emit(before.chat_id)
    answer = strict.view.answer(before.id)
    assert answer is not None
    assert answer.body.isHidden()
    assert answer.note.withheld.isVisible()


def test_no_text_is_on_show_while_it_is_written(strict: ChatPage) -> None:
    strict.type(f"{ASKED} !slow")
    strict.press(Qt.Key.Key_Return)
    strict.until(lambda: bool(strict.cards) and isinstance(strict.cards[-1], AnswerCard))
    answer = strict.answer
    strict.until(lambda: "shown once it has been checked" in answer.phase.text())
    assert answer.body.text == ""
    strict.press(Qt.Key.Key_Escape)
    strict.until(lambda: not strict.busy)
    answer = strict.answer
    assert answer.body.isHidden()
    assert answer.note.label.text().startswith("Not found in your documents.")
    assert "You stopped this answer." in answer.note.label.text()


def test_a_question_that_nothing_answers_has_no_figures_and_leaves_the_gauge(strict: ChatPage) -> None:
    strict.say(ASKED)
    gauge = strict.view.gauge.text()
    answer = strict.say("Zzzz yyyy xxxx wwww vvvv?")
    assert "No passage in them matches" in answer.note.label.text()
    assert answer.figures.text() == ""
    assert not answer.given.toggle.isVisible()
    assert not answer.note.withheld.isVisible()
    assert strict.view.gauge.text() == gauge


@pytest.mark.parametrize("refused", list(Refusal))
def test_every_reason_is_told_in_both_languages(qtbot: QtBot, refused: Refusal) -> None:
    message = Message(
        id=2, chat_id=1, parent_id=1, role=Role.ASSISTANT, text="", state=MessageState.COMPLETE, refused=refused
    )
    told = []
    for language in ("en", "ja"):
        choose(language, Path(__file__).parents[3] / "resources" / "translations")
        card = AnswerCard(message)
        qtbot.addWidget(card)
        told.append(card.note.label.text())
    assert all(told)
    assert told[0] != told[1]
