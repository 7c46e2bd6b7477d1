"""Answers that draw on the person's documents: sources under them, citations that lead to the place."""

from pathlib import Path

from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.prose import Prose
from engine.engine import Cancel, finish
from engine.types import Source
from tests.desktop.chat.conftest import ChatPage

WAIT_MS = 60_000  # a busy machine; nothing is measured


def with_a_note(page: ChatPage, jobs: Jobs, tmp_path: Path) -> None:
    note = tmp_path / "tea & more.txt"
    note.write_text("Sencha is steeped for one minute at seventy degrees.", encoding="utf-8")
    finish(page.engine.documents.add([note], Cancel()))
    jobs.changed.emit("documents")


def test_documents_can_be_used_only_when_there_are_some(page: ChatPage, jobs: Jobs, tmp_path: Path) -> None:
    assert not page.view.documents.isEnabled()
    assert "Documents page" in page.view.documents.toolTip()
    with_a_note(page, jobs, tmp_path)
    assert page.view.documents.isEnabled()


def test_a_citation_leads_to_its_source(page: ChatPage, jobs: Jobs, tmp_path: Path) -> None:
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    answer = page.say("How long is Sencha steeped?")
    assert [button.text() for button in answer.sources.buttons] == ["1  tea && more.txt"]
    prose = next(piece for piece in answer.body.pieces if isinstance(piece, Prose) and "[1]" in piece.toPlainText())
    prose.anchorClicked.emit(QUrl("source:1"))
    card = answer.sources.card
    assert card is not None
    assert "steeped for one minute" in card.passage.text()
    wished: list[Source] = []
    page.view.source_requested.connect(wished.append)
    card.open_button.click()
    assert [source.path.name for source in wished] == ["tea & more.txt"]
    assert wished[0].text in "Sencha is steeped for one minute at seventy degrees."


def test_a_citation_after_an_emoji_is_marked_where_it_stands(qtbot: QtBot) -> None:
    view = MarkdownView()
    qtbot.addWidget(view)
    view.show_text("A 🏡🏡🏡 of one's own [1].", [1])
    (prose,) = view.pieces
    block = prose.document().begin()
    (link,) = (span for span in block.textFormats() if span.format.isAnchor())
    assert (
        block.text().encode("utf-16-le")[2 * link.start : 2 * (link.start + link.length)].decode("utf-16-le") == "[1]"
    )


def test_a_question_that_nothing_matches_says_so(page: ChatPage, jobs: Jobs, tmp_path: Path) -> None:
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    answer = page.say("zzzz")
    assert answer.sources.sources == ()
    assert "Nothing in your documents matches" in answer.note.label.text()


def test_its_sentences_are_marked_and_are_again_when_the_chat_is_opened(
    page: ChatPage, jobs: Jobs, tmp_path: Path, qtbot: QtBot
) -> None:
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    answer = page.say("How long is Sencha steeped? Sencha is steeped for one minute. It takes ninety days.")
    qtbot.waitUntil(lambda: not answer.support.isHidden(), timeout=WAIT_MS)
    assert "supported by the passages" in answer.support.text()
    assert "ninety" in answer.support.accessibleDescription()
    shown = "".join(piece.toPlainText() for piece in answer.body.pieces if isinstance(piece, Prose))
    assert "\u202f✓" in shown
    chat_id = answer.message.chat_id
    page.view.new_requested.emit()
    page.view.chat_chosen.emit(chat_id)
    again = page.view.answer(answer.message.id)
    assert again is not None
    qtbot.waitUntil(lambda: not again.support.isHidden(), timeout=WAIT_MS)
    wished: list[Source] = []
    page.view.source_requested.connect(wished.append)
    again.body.mark_chosen.emit(next(at for at, one in enumerate(again._checked) if one.source))
    assert wished[0].path.name == "tea & more.txt"


def test_what_a_follow_up_was_searched_for_is_shown_and_the_question_stays(
    page: ChatPage, jobs: Jobs, tmp_path: Path
) -> None:
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    assert page.say("How long is Sencha steeped?").searched.isHidden()
    answer = page.say("How hot is it?")
    assert answer.searched.text().startswith("Searched for: How hot is it? ")
    assert "sencha" in answer.searched.text()
    assert answer.searched.isVisible()
    chat_id = page.engine.chats.all()[0].id
    assert page.engine.chats.messages(chat_id)[2].text == "How hot is it?"
