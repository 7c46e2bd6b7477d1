"""Asking the documents: quotes without a model, citations with one, and a plain no."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.engine import Cancel, finish
from engine.loading import LoadOptions
from engine.runtime import fit as memory_fit
from engine.types import Answer, MessageState, Quote, Source
from tests.desktop.documents.conftest import Page
from tests.fakes.tiny_gguf import write


@pytest.fixture
def ready(page: Page, folder: Path, tmp_path: Path) -> Page:
    """Documents and one model, which is chosen by itself because it is real."""
    page.add(folder)
    finish(page.engine.models.add(write(tmp_path / "tiny.gguf"), Cancel()))
    page.jobs.changed.emit("models")
    return page


def test_with_no_model_chosen_the_answer_is_quotes_each_with_file_and_page(page: Page, folder: Path) -> None:
    page.add(folder)
    assert page.view.model.currentText() == "No model: quotes"
    page.ask("When is the deposit returned?")
    page.wait_for_answer()
    assert page.view.answer.isVisible()
    quoted = [card.words.text() for card in page.view.answer.cards]
    first = page.view.answer.cards[0]
    assert any("returned within thirty days" in words for words in quoted)
    assert first.place.words == "Tenancy agreement.pdf, page 3"
    assert first.words.textFormat() == Qt.TextFormat.PlainText


def test_a_quote_is_word_for_word_what_stands_on_its_page(page: Page, folder: Path) -> None:
    page.add(folder)
    answer = finish(page.engine.chats.ask("When is the deposit returned?", Cancel(), None))
    for quote in answer.quotes:
        text = page.engine.documents.page(quote.source.document_id, quote.source.page).text
        assert text[quote.source.start : quote.source.end] == quote.text


def test_open_on_a_quote_leads_to_its_page_with_the_words_highlighted(page: Page, folder: Path) -> None:
    page.add(folder)
    page.ask("When is the deposit returned?")
    page.wait_for_answer()
    page.view.answer.cards[0].open.click()
    window = page.viewers[0].window
    page.wait(lambda: bool(window.picture.boxes))
    assert window.number.text() == "3"


def test_what_no_document_answers_is_said_plainly(page: Page, folder: Path) -> None:
    page.add(folder)
    page.ask('"zeppelin"')
    page.wait_for_answer()
    assert page.view.answer.cards == []
    assert page.view.answer.status.text() == "Nothing in your documents answers this question."


def test_a_real_model_is_chosen_unless_the_person_chose_quotes(ready: Page) -> None:
    assert ready.view.model.currentText().startswith("tiny")
    ready.view.model.setCurrentIndex(0)
    ready.view.model.activated.emit(0)
    ready.jobs.changed.emit("models")
    assert ready.view.model.currentText() == "No model: quotes"


def test_the_answer_streams_with_numbered_sources_and_its_citations_open_them(ready: Page) -> None:
    ready.ask("What does it say of the deposit [1]")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert "[1]" in panel.text.text
    assert panel.cards[0].source.number == 1
    assert panel.sources_title.text() == "Sources"
    assert "tiny" in panel.figures.text()
    panel.text.source_chosen.emit(1)
    assert len(ready.viewers) == 1
    assert ready.viewers[0].window.number.text() == str(panel.cards[0].source.page)


def test_stop_keeps_what_was_written(ready: Page) -> None:
    ready.ask("!slow deposit")
    ready.wait(lambda: "tick" in ready.view.answer.text.text)
    ready.view.answer.stop.click()
    ready.wait_for_answer()
    assert "tick" in ready.view.answer.text.text
    assert ready.view.answer.status.text() == "Stopped."


def test_a_model_that_dies_in_mid_answer_is_explained_and_the_page_lives(ready: Page) -> None:
    ready.ask("!die deposit")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert "model process stopped" in panel.note.label.text()
    assert panel.status.text() == "There is no answer."
    assert panel.note.again.isVisible()
    assert not panel.note.anyway.isVisible()
    panel.note.again.click()  # it dies again, which is told again
    assert panel.note.isHidden()
    ready.wait_for_answer()
    assert "model process stopped" in panel.note.label.text()
    ready.search("deposit")
    assert ready.hits


@pytest.fixture
def tight(ready: Page, monkeypatch: pytest.MonkeyPatch) -> Page:
    """A page on a computer with memory for half of the context."""
    (model,) = ready.engine.models.for_chat()
    free = ready.engine.models.fit(model.facts, LoadOptions(context_tokens=1024)).need_bytes
    monkeypatch.setattr(memory_fit, "free_bytes", lambda: free)
    return ready


def test_a_model_that_does_not_fit_is_refused_with_what_would_and_can_be_loaded_anyway(tight: Page) -> None:
    panel = tight.view.answer
    tight.ask("What does it say of the deposit [1]")
    tight.wait_for_answer()
    assert "Not enough memory for this model" in panel.note.label.text()
    assert "With a context length of 1,024 tokens (Settings) it would fit." in panel.note.label.text()
    assert panel.note.anyway.isVisible()
    assert not panel.note.again.isVisible()
    tight.view.field.clear()  # the question asked counts, not what is written meanwhile
    for answer, written in (("no", False), ("yes", True)):
        QTimer.singleShot(0, lambda pressed=answer: getattr(QApplication.activeModalWidget(), pressed).click())
        panel.note.anyway.click()
        tight.wait_for_answer()
        assert ("[1]" in panel.text.text) == written
        assert panel.note.isHidden() == written
    assert panel.question.text() == "What does it say of the deposit [1]"


def test_the_next_question_clears_away_what_went_wrong_with_the_last(tight: Page) -> None:
    tight.ask("What does it say of the deposit?")
    tight.wait_for_answer()
    assert tight.view.answer.note.isVisible()
    tight.view.model.setCurrentIndex(0)
    tight.ask("When is the deposit returned?")
    tight.wait_for_answer()
    assert not tight.view.answer.note.isVisible()
    assert tight.view.answer.cards


def test_an_answer_cut_by_its_limit_says_so(page: Page) -> None:
    source = Source(number=1, document_id=1, path=Path("/a.pdf"), page=1, start=0, end=4, text="Text", paged=True)
    page.view.answer.show_answer(
        Answer(question="Why?", text="Because [1]", sources=(source,), model="m", state=MessageState.CUT)
    )
    assert page.view.answer.status.text().startswith("The answer was cut")


def test_what_a_model_thinks_is_folded_away_above_the_answer(ready: Page) -> None:
    ready.ask("When is the deposit returned? !muse")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert panel.thoughts.text == "hm hm"
    assert panel.thoughts.prose.isHidden()
    panel.thoughts.fold.click()
    assert not panel.thoughts.prose.isHidden()
    assert "hm hm" not in panel.text.text
    ready.ask("When is the deposit returned?")
    ready.wait_for_answer()
    assert panel.thoughts.isHidden()


def test_a_model_may_be_held_to_quotes(ready: Page) -> None:
    view = ready.view
    assert view.quotes.isVisible()
    ready.qtbot.keyClick(view.quotes, Qt.Key.Key_Space)
    ready.ask("When is the deposit returned?")
    ready.wait_for_answer()
    panel = view.answer
    assert panel.text.isHidden()
    assert panel.figures.text()
    assert panel.cards
    for card in panel.cards:
        page = ready.engine.documents.page(card.source.document_id, card.source.page)
        assert page.text[card.source.start : card.source.end] == card.source.text
    chose = not panel.status.text().startswith("The model chose no sentence")  # noise may choose nothing
    assert panel.sources_title.text().endswith("chosen by tiny" if chose else "The nearest passages")


def test_without_a_model_there_is_nothing_to_hold_to_quotes(page: Page, folder: Path) -> None:
    page.add(folder)
    assert not page.view.quotes.isVisible()


def test_quotes_appear_as_they_are_chosen(ready: Page) -> None:
    source = Source(number=2, document_id=1, path=Path("a.txt"), page=1, start=0, end=11, text="It is true.")
    panel = ready.view.answer
    panel.show_question("Is it?")
    panel.add_quote(Quote(text="It is true.", source=source))
    assert [card.words.text() for card in panel.cards] == ["It is true."]
    assert panel.sources_title.text() == "Word for word from your documents"
    panel.show_answer(Answer(question="Is it?", verbatim=True, model="Tiny", sources=(source,), changed=1))
    assert panel.cards == []
    assert panel.status.text() == "A sentence was left out: its document is no longer as it was read."


def test_a_citation_of_no_passage_is_removed_and_that_is_said(ready: Page) -> None:
    ready.ask("What does it say of the deposit [77]")
    ready.wait_for_answer()
    panel = ready.view.answer
    assert "[77]" not in panel.text.text
    assert panel.note.isVisible()
    assert panel.note.label.text() == "One citation of a passage that does not exist was removed."
    ready.ask("What does it say of the deposit [1]")
    ready.wait_for_answer()
    assert panel.note.isHidden()
