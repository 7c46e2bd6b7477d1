"""The Models page: a folder of safetensors becomes a model, or an adapter."""

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.pages.models.convert_dialog import ConvertDialog
from desktop.pages.models.smaller_dialog import SmallerDialog
from tests.desktop.models.conftest import Page
from tests.desktop.models.test_models_page import drop
from tests.fakes.checkpoints import byte_level, checkpoint

pytest.importorskip("transformers", reason="checkpoints are made with transformers")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that can be converted, made once."""
    folder = tmp_path_factory.mktemp("whole") / "Owl-1B"
    checkpoint(folder, "Qwen2ForCausalLM", byte_level())
    return folder


def opened(page: Page, folder: Path) -> ConvertDialog:
    page.view.convert_requested.emit(folder)
    page.wait(lambda: not page.jobs.busy)
    return page.view.findChild(ConvertDialog)


def test_a_folder_is_chosen_converted_and_listed(page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    actions = [action for menu in page.view.findChildren(QMenu) for action in menu.actions()]
    next(action for action in actions if action.text() == "Convert a folder…").trigger()
    page.wait(lambda: not page.jobs.busy)
    dialog = page.view.findChild(ConvertDialog)
    assert dialog.choice.currentText() == "As its weights are"
    assert dialog.advice.text() == "Nothing is lost. The form to begin with."
    dialog.choice.setCurrentText("F16")
    assert dialog.advice.text().startswith("As good as BF16")
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["Owl-1B-F16"]
    assert page.notices.shown[-1] == "Owl-1B-F16 is here."
    assert not page.view.progress.isVisible()


def test_a_smaller_form_is_asked_for_when_the_model_is_here(page: Page, folder: Path) -> None:
    dialog = opened(page, folder)
    dialog.smaller.setChecked(True)
    dialog.go.click()
    page.wait(lambda: page.view.findChild(SmallerDialog) is not None)
    smaller = page.view.findChild(SmallerDialog)
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["Owl-1B"]
    smaller.reject()


def test_a_folder_without_a_model_is_refused_before_anything_is_asked(page: Page, tmp_path: Path) -> None:
    assert opened(page, tmp_path) is None
    assert "there is no file of safetensors in it" in page.notices.shown[-1]


def test_what_is_refused_later_leaves_the_page_as_it_was(page: Page, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    (tmp_path / "config.json").write_text('{"architectures": ["MambaForCausalLM"]}')
    opened(page, tmp_path).go.click()
    page.wait(lambda: not page.jobs.busy)
    assert "MambaForCausalLM" in page.notices.shown[-1]
    assert not page.view.progress.isVisible()
    assert page.names == []


def test_an_adapter_asks_for_its_model(page: Page, tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nothing")
    dialog = opened(page, tmp_path)
    assert not dialog.go.isEnabled()
    assert "Add that first" in dialog.advice.text()
    assert dialog.smaller.isHidden()
    dialog.reject()
    page.add(page.file("echo.gguf"))
    opened(page, tmp_path)
    again = page.view.findChildren(ConvertDialog)[-1]
    assert again.choice.currentText() == "echo"
    assert again.base_id == page.listed[0].id
    assert again.go.isEnabled()
    again.reject()


def test_a_folder_or_its_weights_dropped_on_the_page_ask_how_it_is_to_be_converted(page: Page, folder: Path) -> None:
    for dropped in (folder, folder / "model.safetensors"):
        assert drop(page, QUrl.fromLocalFile(str(dropped)))
        page.wait(lambda: not page.jobs.busy)
        dialog = page.view.findChildren(ConvertDialog)[-1]
        assert dialog.isVisible()
        dialog.reject()
    assert not drop(page, QUrl.fromLocalFile(str(folder)), QUrl.fromLocalFile(str(folder.parent)))
