"""Where the guide answers questions to documents they are quoted, unless there is a model that writes."""

from pathlib import Path

import pytest

from desktop.pages.documents.answerer import AnswererChoice
from engine.engine import Cancel, finish
from engine.types import Reach
from tests.desktop.documents.conftest import Page
from tests.fakes.tiny_gguf import write


@pytest.fixture
def page(guide: Path, page: Page) -> Page:
    """The page with the guide alone."""
    return page


def test_the_guide_is_asked_where_no_other_model_is_and_only_quotes(page: Page, folder: Path) -> None:
    page.add(folder)
    view, asked = page.view, []
    view.ask_requested.connect(lambda *wish: asked.append(wish))
    assert view.model.currentText() == "Built-in guide"
    assert view.guide.isVisible()
    assert "quotes the sentences that fit best" in view.guide.words.text()
    assert not view.quotes.isVisible()
    page.ask("When is the deposit returned?")
    page.wait_for_answer()
    ((_, model_id, verbatim, reach, _),) = asked
    assert (model_id, verbatim, reach) == (page.engine.models.find("built-in").id, True, Reach.PASSAGES)
    assert view.answer.cards
    assert view.answer.sources_title.text() == "Word for word from your documents; no model was used"
    assert view.answer.figures.isHidden()
    assert page.engine.runtime.loaded() == ()


def test_below_the_field_one_click_leads_to_a_bigger_model(page: Page, folder: Path) -> None:
    page.add(folder)
    asked: list[str] = []
    page.view.bigger_requested.connect(lambda: asked.append("bigger"))
    page.view.guide.bigger.click()
    assert asked == ["bigger"]


def test_a_model_that_writes_goes_before_the_guide(page: Page, folder: Path, tmp_path: Path) -> None:
    page.add(folder)
    finish(page.engine.models.add(write(tmp_path / "tiny.gguf"), Cancel()))
    page.jobs.changed.emit("models")
    assert page.view.model.currentText().startswith("tiny")
    assert not page.view.guide.isVisible()
    assert page.view.quotes.isVisible()


def test_quotes_without_any_model_can_still_be_chosen(page: Page) -> None:
    choice: AnswererChoice = page.view.model
    choice.setCurrentIndex(choice.findData(None))
    choice.activated.emit(choice.currentIndex())
    page.jobs.changed.emit("models")
    assert choice.currentText() == "No model: quotes"
    assert page.view.guide.isHidden()


def test_an_earlier_stage_of_the_guide_is_not_offered(page: Page, guide: Path) -> None:
    write(guide.with_name(f"{guide.stem}-after-01.gguf"))
    finish(page.engine.models.stages.add(Cancel()))
    page.jobs.changed.emit("models")
    choice: AnswererChoice = page.view.model
    assert [choice.itemText(row) for row in range(choice.count())] == ["No model: quotes", "Built-in guide"]
    assert choice.currentText() == "Built-in guide"
