"""The Models page: models that other programs have on this computer are offered and used where they lie."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.pages.models.elsewhere_dialog import ElsewhereDialog
from engine.models import other_programs as programs
from tests.desktop.models.conftest import Page
from tests.fakes.gguf_bytes import model_bytes


@pytest.fixture(autouse=True)
def lm_studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the only other program."""
    folder = tmp_path / "others"
    monkeypatch.setattr(programs, "places", lambda *_: (programs.Place(programs.LM_STUDIO, folder),))
    return folder


def put(path: Path, content: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model_bytes({"llama.embedding_length": 64}) if content is None else content)
    return path


def opened(page: Page) -> ElsewhereDialog:
    page.view.elsewhere_requested.emit()
    dialog = page.view.findChild(ElsewhereDialog)
    page.wait(lambda: dialog.look.isEnabled())
    return dialog


def shown(dialog: ElsewhereDialog) -> list[tuple[str, str]]:
    return [(cells[0], cells[4]) for cells in map(dialog._found.cells, dialog._found.lines)]


def test_all_that_are_new_are_chosen_and_used_where_they_lie(page: Page, lm_studio: Path) -> None:
    owl = put(lm_studio / "org/owl/Owl-Q8_0.gguf")
    put(lm_studio / "org/wren/Wren.gguf")
    put(lm_studio / "org/wren/broken.gguf", b"GGUF")
    page.add(owl)
    dialog = opened(page)
    assert [name for name, _ in shown(dialog)] == ["broken", "Owl-Q8_0", "Wren"]
    assert shown(dialog) == [("broken", "Cannot be used"), ("Owl-Q8_0", "In your list already"), ("Wren", "")]
    assert dialog.go.text() == "Use this model"
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["Owl-Q8_0", "Wren"]
    assert page.listed[1].path == lm_studio / "org/wren/Wren.gguf"
    assert page.notices.shown[-1] == "Wren is here."


def test_where_nothing_is_found_a_folder_can_be_looked_into(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "disk/deep/Finch.gguf")
    put(tmp_path / "disk/Lark.gguf")
    dialog = opened(page)
    assert dialog.state.text().startswith("No models were found there.")
    assert not dialog.go.isEnabled()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "disk"))
    dialog.look.click()
    page.wait(lambda: dialog.look.isEnabled())
    assert [name for name, _ in shown(dialog)] == ["Finch", "Lark"]
    assert dialog.go.text() == "Use these 2"
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["Finch", "Lark"]


def test_a_folder_that_went_meanwhile_is_told_in_the_dialog(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = opened(page)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "gone"))
    dialog.look.click()
    page.wait(lambda: dialog.look.isEnabled())
    assert str(tmp_path / "gone") in dialog.state.text()
    dialog.reject()


def test_the_keyboard_alone_chooses_and_takes(page: Page, lm_studio: Path) -> None:
    for name in ("Owl", "Wren"):
        put(lm_studio / f"org/r/{name}.gguf")
    dialog = opened(page)
    assert dialog.table.hasFocus()
    page.qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert len(dialog.chosen) == 1
    assert dialog.state.text() == str(dialog.chosen[0].path)
    page.qtbot.keyClick(dialog, Qt.Key.Key_Return)
    page.wait(lambda: not page.jobs.busy)
    assert len(page.names) == 1


def test_a_file_that_vanished_is_marked_when_the_page_is_shown_again(page: Page) -> None:
    path = page.file()
    page.add(path)
    page.view.hide()
    path.unlink()
    page.view.show()
    assert [model.missing for model in page.listed] == [True]
