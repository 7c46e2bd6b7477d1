"""The Models page: with which file a model sees pictures."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from tests.desktop.models.conftest import Page
from tests.fakes import tiny_gguf, tiny_projector


def seeing(page: Page) -> Path:
    """A model of the person's own with its projector beside it, on show; the projector."""
    (page.folder / "owl").mkdir()
    projector = tiny_projector.write(page.folder / "owl" / "mmproj-owl.gguf")
    page.add(tiny_gguf.write(page.folder / "owl" / "owl.gguf"))
    return projector


def test_a_projector_beside_an_opened_model_is_taken_and_told_and_can_be_untied(page: Page) -> None:
    card = page.view.details.pictures
    projector = seeing(page)
    assert "owl sees pictures with mmproj-owl.gguf, which was found with it." in page.notices.shown
    assert card.isVisibleTo(page.view)
    assert card.told.text().startswith("It sees pictures with mmproj-owl.gguf. Where a picture is shown, it needs ")
    assert "more where a picture is shown" in page.view.details._parts.text()
    assert card.found.isHidden()
    card.none.click()
    assert page.listed[0].projector is None
    assert card.told.text() == "It sees no pictures."
    assert "where a picture is shown" not in page.view.details._parts.text()
    assert card.none.isHidden()
    card.found.click()
    assert page.listed[0].projector == projector


def test_another_projector_is_chosen_and_one_that_does_not_fit_is_refused_with_the_reason(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = page.view.details.pictures
    projector = seeing(page)
    wide = tiny_projector.write(page.folder / "wide.gguf", embedding=96)
    other = tiny_projector.write(page.folder / "eyes.gguf")
    picked = iter([str(wide), str(page.listed[0].path), str(other), ""])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (next(picked), ""))
    for why in ("rows of 96 numbers", "it is no projector"):
        card.choose.click()
        assert why in page.notices.shown[-1]
        assert page.listed[0].projector == projector
    card.choose.click()
    assert page.listed[0].projector == other
    assert card.told.text().startswith("It sees pictures with eyes.gguf.")
    card.choose.click()  # and thought better of it
    assert page.listed[0].projector == other
