"""The guide on the Models page: what it is, and nothing that would make no sense with it."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from desktop.pages.models.model_list import state_words
from desktop.theme import RESOURCES
from desktop.words import choose
from engine.engine import Cancel, finish
from tests.desktop.models.conftest import Page, press
from tests.fakes import tiny_gguf

MAKES_SENSE = {"Chat with it", "Get a bigger model", "Show in folder"}


@pytest.fixture
def page(guide: Path, page: Page) -> Page:
    """The page with the guide alone."""
    return page


def on_show(page: Page) -> set[str]:
    """The buttons of the first card that stand in its last row."""
    details = page.view.details
    buttons = details.chat.parentWidget().findChildren(QPushButton)
    return {button.text() for button in buttons if button.isVisible() and button is not details.stages}


def test_with_the_guide_alone_the_page_shows_models_to_get_and_leads_to_the_guide(page: Page) -> None:
    assert page.view.finder.isVisible()
    page.view.finder.back.click()
    assert page.names == ["Built-in guide"]
    assert page.view.list.isVisible()
    page.jobs.changed.emit("models")
    assert page.view.list.isVisible()


def test_the_card_of_the_guide_says_what_it_is_and_offers_only_what_makes_sense(page: Page) -> None:
    page.view.finder.back.click()
    details = page.view.details
    assert details._name.text() == "Built-in guide"
    assert "It knows this program" in details._guide.text()
    assert on_show(page) == MAKES_SENSE
    assert details.memory.isVisible()
    for card in (details.loading, details.adapters, details.pictures):
        assert card.isHidden()
    assert state_words(page.listed[0]) == ("Knows this program, quotes documents", "")


def test_any_other_model_is_shown_as_ever(page: Page) -> None:
    page.add(page.file())
    assert page.view.list.isVisible()  # what was added is shown
    details = page.view.details
    assert details._name.text() == "small"
    assert details._guide.isHidden()
    assert on_show(page) == {"Chat with it", "Make smaller…", "Show in folder", "Remove"}
    for card in (details.loading, details.adapters, details.pictures):
        assert not card.isHidden()


def test_a_bigger_model_is_looked_for_among_those_for_chats(page: Page) -> None:
    page.add(page.file())
    page.view.list.setCurrentIndex(page.view.list.model().index(page.names.index("Built-in guide"), 0))
    page.view.details.bigger.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.view.finder.isVisible()
    purposes = page.view.finder.recommended.purposes
    assert purposes.checkedButton().text() == "Chat"


def test_test_models_beside_the_guide_are_still_said_to_write_noise(page: Page) -> None:
    page.view.test_models_requested.emit()
    page.wait(lambda: not page.jobs.busy and len(page.listed) > 1)
    assert page.view.test_banner.isVisible()


def test_the_guide_has_its_name_in_japanese(page: Page) -> None:
    choose("ja", RESOURCES / "translations")
    page.view.finder.back.click()
    page.jobs.changed.emit("models")
    assert page.view.list.model().index(0, 0).data() == "内蔵ガイド"
    assert page.view.details._name.text() == "内蔵ガイド"


@pytest.fixture
def stages(guide: Path) -> list[Path]:
    """Two earlier stages lie beside the guide."""
    return [tiny_gguf.write(guide.with_name(f"{guide.stem}-after-{end}.gguf")) for end in ("03", "01")]


def test_the_stages_are_offered_where_they_came_with_the_guide(page: Page, stages: list[Path]) -> None:
    page.view.finder.back.click()
    page.jobs.changed.emit("models")
    assert on_show(page) == MAKES_SENSE
    assert page.view.details.stages.isVisible()
    for path in stages:
        path.unlink()
    page.jobs.changed.emit("models")
    assert not page.view.details.stages.isVisible()


def test_one_click_adds_the_stages_and_asks_for_the_earliest_beside_the_guide(page: Page, stages: list[Path]) -> None:
    wishes = []
    page.view.comparison_requested.connect(lambda *wish: wishes.append(wish))
    page.view.finder.back.click()
    page.jobs.changed.emit("models")
    for _ in range(2):
        page.view.details.stages.click()
        page.wait(lambda: not page.jobs.busy)
    assert page.names == ["Built-in guide", "Built-in guide after 1 epoch", "Built-in guide after 3 epochs"]
    guide, first, _ = page.listed
    assert wishes == 2 * [(first.id, guide.id, "What stays private?")]


def test_a_stage_says_what_it_is_and_can_be_removed(page: Page, stages: list[Path]) -> None:
    finish(page.engine.models.stages.add(Cancel()))
    page.view.finder.back.click()
    page.jobs.changed.emit("models")
    page.view.list.setCurrentIndex(page.view.list.model().index(1, 0))
    details = page.view.details
    assert details._name.text() == "Built-in guide after 1 epoch"
    assert "earlier in its training" in details._guide.text()
    assert on_show(page) == {"Chat with it", "Show in folder", "Remove"}
    assert not details.stages.isVisible()
    details.remove.click()
    assert page.names == ["Built-in guide", "Built-in guide after 3 epochs"]
    press(page, "Undo")
    assert "Built-in guide after 1 epoch" in page.names


def test_a_stage_has_its_name_in_japanese(page: Page, stages: list[Path]) -> None:
    finish(page.engine.models.stages.add(Cancel()))
    choose("ja", RESOURCES / "translations")
    page.jobs.changed.emit("models")
    names = [page.view.list.model().index(row, 0).data() for row in range(3)]
    assert names == ["内蔵ガイド", "内蔵ガイド（学習 1 周後）", "内蔵ガイド（学習 3 周後）"]
