"""The Models page: with which file a model sees pictures."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from desktop.pages.models.download import DownloadWish
from desktop.pages.models.projector_dialog import ProjectorDialog
from engine.types import HubFile
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
    assert "more where a picture is shown" in page.view.details.memory.parts.text()
    assert card.found.isHidden()
    card.none.click()
    assert page.listed[0].projector is None
    assert card.told.text() == "It sees no pictures."
    assert "where a picture is shown" not in page.view.details.memory.parts.text()
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


def offered(page: Page) -> ProjectorDialog:
    """A model with two projectors is asked for; the question about them."""
    page.hub.put("someone/owl", "owl.gguf", tiny_gguf.write(page.folder / "far.gguf").read_bytes())
    for name, layers in (("mmproj-F32.gguf", 3), ("mmproj-F16.gguf", 2)):
        made = tiny_projector.write(page.folder / "made.gguf", layers=layers)
        page.hub.put("someone/owl", name, made.read_bytes())
    page.view.download_requested.emit(DownloadWish("someone/owl", "owl.gguf"))
    page.wait(lambda: page.view.findChild(ProjectorDialog) is not None)
    return page.view.findChild(ProjectorDialog)


def test_the_projector_of_a_repository_is_offered_with_its_size_and_fetched_with_the_model(page: Page) -> None:
    dialog = offered(page)
    assert dialog.wanted.isChecked()
    assert dialog.which.itemText(0).startswith("mmproj-F16.gguf (")
    assert dialog.which.itemText(0).endswith(" KB)")
    assert dialog.which.count() == 2
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    model = next(model for model in page.listed if model.name == "owl")
    assert model.projector is not None
    assert model.projector.read_bytes() == page.hub.files["someone/owl/mmproj-F16.gguf"].content
    assert not page.view.progress.isVisible()
    page.view.show_models(page.listed, model.id)
    assert page.view.details.pictures.told.text().startswith("It sees pictures with mmproj-F16.")


def test_another_projector_or_none_can_be_fetched(page: Page) -> None:
    dialog = offered(page)
    dialog.which.setCurrentIndex(1)
    assert dialog.projector == HubFile("mmproj-F32.gguf", len(page.hub.files["someone/owl/mmproj-F32.gguf"].content))
    assert dialog.go.text() == "Download both"
    dialog.wanted.setChecked(False)
    assert not dialog.which.isEnabled()
    assert dialog.go.text() == "Download the model alone"
    dialog.go.click()
    page.wait(lambda: page.names == ["owl"] and not page.jobs.busy)
    assert page.listed[0].projector is None


def test_who_cancels_at_the_question_fetches_nothing(page: Page) -> None:
    dialog = offered(page)
    assert dialog.nothing.text() == "Download nothing"
    dialog.nothing.click()
    page.wait(lambda: not page.jobs.busy and not page.view.progress.isVisible())
    assert page.names == []
    assert not page.hub.bodies()
