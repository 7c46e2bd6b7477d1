"""Answers that draw on the person's documents: sources under them, citations that lead to the place."""

from pathlib import Path

from PySide6.QtCore import QUrl

from desktop.jobs import Jobs
from desktop.widgets.prose import Prose
from engine.engine import Cancel, finish
from engine.types import Source
from tests.desktop.chat.conftest import ChatPage


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


def test_a_question_that_nothing_matches_says_so(page: ChatPage, jobs: Jobs, tmp_path: Path) -> None:
    with_a_note(page, jobs, tmp_path)
    page.view.documents.setChecked(True)
    answer = page.say("zzzz")
    assert answer.sources.sources == ()
    assert "Nothing in your documents matches" in answer.note.label.text()
