"""How far a question reaches, on the documents page: the choice, the cost before, how far it is, what was read."""

from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.pages.documents.reach_panel import coverage_words
from engine.engine import Cancel, finish
from engine.types import Answer, Coverage, Reach, Unread
from tests.desktop.documents.conftest import Page
from tests.fakes.tiny_gguf import write

FILLER = "The harbour was quiet that morning and nobody spoke of the ships. " * 8


@pytest.fixture
def ready(page: Page, tmp_path: Path) -> Page:
    """Six documents with a mark in each, one that cannot be read, and a model with a small context."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(6):
        (folder / f"paper {number}.txt").write_text(f"mark{number} {FILLER}", encoding="utf-8")
    (folder / "scan.pdf").write_bytes(b"PK\x03\x04 this is no PDF at all")
    page.engine.change_settings(context_tokens=512, answer_tokens=128, system_prompt="")
    page.add(folder)
    finish(page.engine.models.add(write(tmp_path / "tiny.gguf"), Cancel()))
    page.jobs.changed.emit("models")
    return page


def _answering_yes(page: Page, asked: list[str], press: str = "yes") -> None:
    """Press a button of the question that is about to come up."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(20, look)
            return
        asked.extend(label.text() for label in dialog.findChildren(type(page.view.answer.question)))
        getattr(dialog, press).click()

    QTimer.singleShot(0, look)


def _choose(page: Page, reach: Reach) -> None:
    page.view.reach.setCurrentIndex(page.view.reach.findData(reach))


def test_all_documents_are_read_after_the_cost_was_told_and_what_was_read_is_said(ready: Page) -> None:
    _choose(ready, Reach.ALL)
    asked: list[str] = []
    _answering_yes(ready, asked)
    ready.ask("!note marks")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert asked[0] == "Have all documents read?"
    assert asked[1].startswith("7 documents, about ")
    assert "stop at any time" in asked[1]
    assert [f"mark{number}" in panel.text.text for number in range(6)] == [True] * 6
    assert panel.reach.words.text().startswith("Read 6 of 7 files: 6 passages in ")
    assert "Not read: scan.pdf " in panel.reach.words.text()
    assert panel.reach.bar.isHidden()
    assert {card.source.path.name for card in panel.cards} == {f"paper {number}.txt" for number in range(6)}


def test_who_does_not_want_to_wait_has_nothing_read(ready: Page) -> None:
    _choose(ready, Reach.ALL)
    _answering_yes(ready, [], press="no")
    ready.ask("!note marks")
    ready.wait_for_answer()
    assert ready.view.answer.text.text == ""
    assert ready.view.answer.status.text() == "Stopped."


def test_stop_keeps_the_notes_there_are(ready: Page) -> None:
    _choose(ready, Reach.ALL)
    _answering_yes(ready, [])
    ready.ask("!note marks !slow")
    panel = ready.view.answer
    ready.wait(lambda: panel.reach.bar.isVisible() and "of 7 files" in panel.reach.words.text())
    panel.stop.click()
    ready.wait_for_answer()
    assert panel.status.text() == "Stopped."
    assert panel.reach.words.text().startswith("Read 0 of 7 files")
    assert "tick" in panel.text.text or not panel.text.text


def test_the_document_chosen_in_the_list_is_the_one_that_is_meant(ready: Page) -> None:
    view = ready.view
    assert view.reach.itemText(1) == "One whole document"
    row = [document.path.name for document in view.documents.model.documents].index("paper 4.txt")
    view.documents.list.setCurrentIndex(view.documents.model.index(row, 0))
    assert view.reach.itemText(1) == "All of paper 4.txt"
    _choose(ready, Reach.DOCUMENT)
    ready.ask("!note marks")
    ready.wait_for_answer()
    assert [card.source.path.name for card in view.answer.cards] == ["paper 4.txt"]
    assert view.answer.reach.words.text().startswith("From the whole document: ")


def test_a_result_that_is_chosen_is_meant_too_until_its_document_is_gone(ready: Page) -> None:
    ready.search("mark3")
    ready.view.results.list.enter_from_above()
    assert ready.view.reach.itemText(1) == "All of paper 3.txt"
    document = next(one for one in ready.engine.documents.all() if one.path.name == "paper 3.txt")
    ready.view.remove_requested.emit((document,))
    assert ready.view.reach.itemText(1) == "One whole document"


def test_with_no_document_chosen_it_says_what_to_do(ready: Page) -> None:
    _choose(ready, Reach.DOCUMENT)
    ready.ask("What of the harbour?")
    ready.wait_for_answer()
    assert "choose one" in ready.view.answer.note.label.text()


def test_without_a_model_or_for_quotes_not_everything_can_be_read(ready: Page) -> None:
    view = ready.view
    item = view.reach.model().item(2)
    assert item.isEnabled()
    _choose(ready, Reach.ALL)
    view.quotes.setChecked(True)
    assert not item.isEnabled()
    assert view.reach.reach is Reach.PASSAGES
    view.quotes.setChecked(False)
    assert item.isEnabled()
    view.model.setCurrentIndex(0)
    view.model.activated.emit(0)
    assert not item.isEnabled()


def test_a_question_to_everything_that_was_asked_of_the_best_passages_is_offered_to_all(ready: Page) -> None:
    ready.ask("List all marks !note")
    ready.wait_for_answer()
    hint = ready.view.answer.reach.all
    assert hint.isVisible()
    _answering_yes(ready, [])
    hint.click()
    ready.wait_for_answer()
    assert ready.view.reach.reach is Reach.ALL
    assert ready.view.answer.reach.words.text().startswith("Read 6 of 7 files")
    assert not hint.isVisible()
    _choose(ready, Reach.PASSAGES)
    ready.ask("What of the harbour?")
    ready.wait_for_answer()
    assert not hint.isVisible()


def test_many_files_that_were_not_read_are_counted_not_listed() -> None:
    unread = tuple(Unread(path=Path(f"/{number}.pdf"), why="It is broken.") for number in range(30))
    lines = coverage_words(Coverage(documents=40, read=10, unread=unread, cut=2, left_out=1)).split("\n")
    assert len(lines) == 12
    assert lines[1] == "Not read: 0.pdf (It is broken.)"
    assert lines[9] == "And 22 more that were not read, or not all of them."


def test_an_answer_that_names_no_passage_says_so(page: Page) -> None:
    panel = page.view.answer
    panel.show_answer(Answer(question="Why?", text="Because.", model="m", coverage=Coverage(documents=1, read=1)))
    assert panel.status.text().startswith("The answer names no passage")
    panel.show_answer(Answer(question="Why?", model="m", coverage=Coverage(documents=1, read=1)))
    assert panel.status.text() == "Nothing in your documents answers this question."
