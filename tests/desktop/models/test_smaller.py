"""The Models page: a smaller model is made of one."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.pages.models.smaller_dialog import SmallerDialog
from desktop.widgets.progress_row import ProgressRow
from engine.quantizations import QUANTIZATIONS, RECOMMENDED
from engine.types import Importance, ModelOrigin, TextOf
from engine.worker.testmodels.making import write
from tests.desktop.models.conftest import Page
from tests.engine.quantize.conftest import SHAPE, WORDS


def opened(page: Page) -> SmallerDialog:
    """A model in F16 is on show; the dialog, once it has its sizes."""
    write(SHAPE, page.folder / "owl-F16.gguf")
    page.add(page.folder / "owl-F16.gguf")
    assert page.view.details.smaller.isEnabled()
    page.view.details.smaller.click()
    dialog = page.view.findChild(SmallerDialog)
    page.wait(lambda: dialog._forms.rowCount() > 0)
    return dialog


def names(dialog: SmallerDialog) -> list[str]:
    return [line.quantization for line in dialog._forms.lines]


def choose(dialog: SmallerDialog, quantization: str) -> None:
    dialog.table.setCurrentIndex(dialog._forms.index(names(dialog).index(quantization), 0))


def test_the_usual_form_is_chosen_and_every_one_can_be_seen_with_its_size_and_advice(page: Page) -> None:
    dialog = opened(page)
    assert names(dialog) == list(RECOMMENDED)
    assert dialog.recipe.quantization == "Q4_K_M"
    assert dialog.advice.text().startswith("The usual choice")
    assert dialog._forms.cells(dialog._forms.lines[0])[1].endswith("MB")
    dialog.every.click()
    assert names(dialog) == list(QUANTIZATIONS)
    assert dialog.recipe.quantization == "Q4_K_M"
    dialog.reject()


def test_a_model_is_made_listed_and_says_where_it_came_from(page: Page) -> None:
    dialog = opened(page)
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["owl-F16", "owl-Q4_K_M"]
    assert page.notices.shown[-1] == "owl-Q4_K_M is here."
    made = page.listed[1]
    assert made.origin is ModelOrigin.MADE
    assert page.view.details._origin.text() == "Made from owl-F16."
    assert not page.view.progress.isVisible()
    assert not page.view.findChildren(SmallerDialog) or dialog.isHidden()


def test_what_needs_a_matrix_cannot_be_made_before_one_is_chosen(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    text = page.folder / "words.txt"
    text.write_text((WORDS * 12 + "\n") * 24, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(text), ""))
    dialog = opened(page)
    dialog.every.click()
    choose(dialog, "Q2_K_S")
    assert not dialog.go.isEnabled()
    assert "Choose an importance matrix below first." in dialog.advice.text()
    combo = dialog.matrix.combo
    assert [combo.itemText(row) for row in range(combo.count())] == ["None", "A document…", "A file of a matrix…"]
    combo.setCurrentIndex(1)
    combo.activated.emit(1)
    assert dialog.importance == Importance(path=Path(text), text=TextOf.FILE)
    page.wait(lambda: not page.jobs.busy)
    assert dialog.go.isEnabled()
    dialog.go.click()
    page.wait(lambda: not page.jobs.busy)
    assert page.view.details._origin.text() == ("Made from owl-F16, with an importance matrix: the text of words.txt.")


def test_wishes_are_read_and_layers_left_out_are_warned_of(page: Page) -> None:
    dialog = opened(page)
    assert dialog.fields.isHidden()
    dialog.more.click()
    assert not dialog.fields.isHidden()
    before = {line.quantization: line.size_bytes for line in dialog._forms.lines}
    dialog.fields.pruned.setText("1, 2")
    dialog.fields.pruned.editingFinished.emit()
    assert not dialog.fields.warning.isHidden()
    page.wait(lambda: not page.jobs.busy)
    assert all(line.size_bytes < before[line.quantization] for line in dialog._forms.lines)
    dialog.fields.tensors.setText("attn_v")
    dialog.fields.tensors.editingFinished.emit()
    assert not dialog.go.isEnabled()
    assert "pattern=form" in dialog.problem.text()
    dialog.fields.tensors.setText("attn_v=q8_0")
    dialog.fields.tensors.editingFinished.emit()
    page.wait(lambda: dialog.go.isEnabled())
    assert dialog.recipe.tensors == (("attn_v", "q8_0"),)
    assert dialog.recipe.pruned == (1, 2)
    dialog.fields.pruned.setText("9")
    dialog.fields.pruned.editingFinished.emit()
    page.wait(lambda: "counted from 0" in dialog.problem.text())
    dialog.reject()


def test_unfolded_it_is_no_taller_than_the_screen_and_the_keyboard_reaches_what_is_scrolled_away(page: Page) -> None:
    dialog = opened(page)
    dialog.more.click()
    dialog.fields.pruned.setText("1")
    dialog.fields.pruned.editingFinished.emit()
    page.wait(lambda: not page.jobs.busy)
    screen = dialog.screen().availableGeometry().height()
    assert dialog.height() < min(screen, 768)
    assert dialog.fields.again.visibleRegion().isEmpty()
    dialog.fields.pruned.setFocus()
    page.qtbot.keyClick(dialog.fields.pruned, Qt.Key.Key_Tab)
    assert dialog.fields.again.hasFocus()
    assert not dialog.fields.again.visibleRegion().isEmpty()
    unfolded = dialog.height()
    dialog.more.click()
    page.wait(lambda: dialog.height() < unfolded)
    dialog.reject()


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    dialog = opened(page)
    page.wait(dialog.isActiveWindow)
    dialog.table.setFocus()
    page.qtbot.keyClick(dialog.table, Qt.Key.Key_Up)
    assert dialog.recipe.quantization == "Q5_K_M"
    page.qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    page.wait(lambda: not page.jobs.busy)
    assert page.names == ["owl-F16", "owl-Q5_K_M"]


def test_the_work_can_rest_and_go_on(page: Page) -> None:
    row = ProgressRow("a")
    heard: list[bool] = []
    row.pause_chosen.connect(heard.append)
    assert row.pause.isHidden()
    row.offer_pause()
    row.pause.click()
    assert (row.pause.text(), row.detail.text()) == ("Go on", "Paused")
    row.pause.click()
    assert heard == [True, False]


def test_an_adapter_is_not_offered_to_be_made_smaller(page: Page) -> None:
    from tests.fakes.tiny_lora import Lora

    page.add(Lora().write(page.folder / "lora.gguf"))
    assert page.view.details.smaller.isHidden()
