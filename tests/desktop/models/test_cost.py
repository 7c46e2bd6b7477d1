"""The Models page: what a smaller model cost is measured and shown, and the large file goes only after that."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QFileDialog

from desktop.notices import Notices
from desktop.pages.models.cost_dialog import CostDialog
from desktop.pages.models.cost_plot import CostPlot
from desktop.pages.models.cost_text import CostTextChoice
from engine.engine import Cancel, finish
from engine.quantizations import Recipe
from engine.types import CostText, Family, Model, TextOf
from engine.worker.testmodels.making import write
from tests.desktop.models.conftest import Page, press
from tests.engine.quantize.conftest import SHAPE, WORDS


@pytest.fixture
def large(page: Page) -> Model:
    """A model of the person's own in F16, with one in Q4_0 made of it, which is on show."""
    write(SHAPE, page.folder / "owl-F16.gguf")
    page.add(page.folder / "owl-F16.gguf")
    model = page.listed[0]
    made(page, model, "Q4_0")
    return model


def made(page: Page, model: Model, quantization: str) -> Model:
    """As "Make smaller…" does."""
    work = page.engine.quantizing.quantize(model.id, Recipe(quantization=quantization), Cancel())
    small = finish(work)
    page.presenter._show_added(small)
    page.jobs.changed.emit("models")
    return small


def opened(page: Page) -> CostDialog:
    """What the button of the model on show opens."""
    page.view.details.cost.click()
    return next(one for one in page.view.findChildren(CostDialog) if one.isVisible())


def measured(page: Page, chunks: int = 2) -> CostDialog:
    """The same, after the model on show was measured with a small part of the sample."""
    dialog = opened(page)
    dialog.text.wish = CostText(chunks=chunks)
    dialog.measure.click()
    page.wait(lambda: not page.jobs.busy)
    press(page, "What it cost…")
    return next(one for one in page.view.findChildren(CostDialog) if one.isVisible())


def family(page: Page) -> Family:
    return page.engine.measuring.family(page.listed[0].id)


def test_a_model_that_nothing_was_made_of_has_no_such_button(page: Page) -> None:
    page.add(page.file())
    assert page.view.details.cost.isHidden()


def test_before_a_measurement_nothing_is_said_and_nothing_can_be_deleted(page: Page, large: Model) -> None:
    dialog = opened(page)
    assert dialog.sentence.text().startswith("Not measured yet.")
    assert dialog.plot.isHidden()
    assert dialog.part.isHidden()
    assert dialog.measure.text() == "Measure"
    dialog.reject()


def test_a_measurement_ends_in_a_sentence_a_point_and_a_line_of_the_table(page: Page, large: Model) -> None:
    dialog = measured(page)
    assert page.notices.shown == ()  # the one that led here
    cost = family(page).variants[0].cost
    assert cost is not None
    said = f"At 0.29 of the size it chooses the same word {cost.same_in_100} times in 100."
    assert dialog.sentence.text() == said
    assert "Measured with the sample text, at 510 places." in dialog.measured.text()
    assert dialog.savings.text().startswith("It needs ")
    assert not dialog.plot.isHidden()
    assert list(dialog.plot.points()) == [cost.model_id]
    assert said in dialog.plot.accessibleDescription()
    assert dialog._variants.cells(dialog._variants.lines[0])[3] == f"{100 * cost.same:.1f}%"
    assert dialog.measure.text() == "Measure again"
    dialog.reject()


def test_a_file_of_the_persons_own_is_shown_and_never_deleted(
    page: Page, large: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    dialog = measured(page)
    page.view.show_file_requested.disconnect(page.presenter._show_file)
    page.view.show_file_requested.connect(shown.append)
    assert dialog.part.text() == "Show the large file in its folder"
    dialog.part.click()
    assert shown == [large.id]
    assert large.path.exists()
    dialog.reject()


def test_a_large_file_that_hanare_made_is_deleted_once_the_smaller_one_was_measured(
    page: Page, large: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = made(page, large, "BF16")
    page.engine.models.remove(large.id)
    large.path.unlink()
    small = finish(page.engine.quantizing.quantize(ours.id, Recipe(quantization="Q4_0"), Cancel()))
    with page.engine._store._vault.writing() as db:
        db.execute("UPDATE model SET made = NULL WHERE id = ?", (ours.id,))  # as if it had been fetched
    page.presenter._show_added(small)
    monkeypatch.setattr(Notices, "ask", lambda *_, **__: True)
    dialog = measured(page)
    assert dialog.part.text() == "Delete the large file…"
    dialog.part.click()
    assert not ours.path.exists()
    assert small.path.exists()
    page.presenter._show_added(small)
    again = opened(page)
    assert again.sentence.text().startswith("At ")
    assert again.part.isHidden()
    assert not again.measure.isEnabled()
    again.reject()


def test_all_variants_are_in_one_plot_and_the_table_and_the_points_choose(page: Page, large: Model) -> None:
    measured(page).reject()
    made(page, large, "Q8_0")
    dialog = measured(page)
    eight, four = (one.model.id for one in family(page).variants)
    points = dialog.plot.points()
    assert points[four].x() < points[eight].x()
    assert points[four].y() < points[eight].y()  # further from the large one
    assert dialog._chosen().model.id == eight
    dialog.table.setFocus()
    page.qtbot.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog._chosen().model.id == four
    page.qtbot.mouseClick(dialog.plot, Qt.MouseButton.LeftButton, pos=points[eight].toPoint())
    assert dialog._chosen().model.id == eight
    assert dialog.plot._at(QPointF(-50, -50)) is None
    assert not dialog.plot.hollow
    assert not dialog.plot.grab().isNull()
    dialog.reject()


def test_what_was_measured_with_another_text_is_hollow_and_said(page: Page, large: Model) -> None:
    measured(page).reject()
    eight = made(page, large, "Q8_0")
    path = page.folder / "words.txt"
    path.write_text((WORDS * 12 + "\n") * 24, encoding="utf-8")
    wish = CostText(text=TextOf.FILE, path=path, chunks=2)
    finish(page.engine.measuring.measure(eight.id, Cancel(), text=wish))
    dialog = opened(page)
    assert dialog.plot.hollow
    assert not dialog.hollow.isHidden()
    assert "the text of words.txt" in dialog.measured.text()
    dialog.reject()


def test_the_end_of_making_a_model_smaller_offers_to_look_at_the_cost(page: Page, large: Model) -> None:
    page.presenter._smaller._end(page.view.add_progress(""), family(page).variants[0].model)
    assert page.notices.shown[-1] == "owl-Q4_0 is here."
    press(page, "What it cost…")
    dialog = page.view.findChild(CostDialog)
    assert dialog._chosen().model.name == "owl-Q4_0"
    dialog.reject()


def test_a_failure_is_told_and_leaves_no_row(page: Page, large: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    dialog = opened(page)
    short = page.folder / "short.txt"
    short.write_text("badi fego", encoding="utf-8")
    dialog.text.wish = CostText(text=TextOf.FILE, path=short)
    dialog.measure.click()
    page.wait(lambda: not page.jobs.busy)
    assert "the least that tells anything" in page.notices.shown[-1]
    assert page.view.progress.isHidden()
    page.presenter._cost.show_cost(99)
    assert "99" in page.notices.shown[-1]


def test_a_document_can_be_chosen_and_thinking_better_of_it_keeps_what_was(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = CostTextChoice()
    page.qtbot.addWidget(choice)
    collections = [page.engine.documents.collections.make("Words")]
    choice.offer(collections, documents=True, chats=True)
    texts = [choice.itemText(row) for row in range(choice.count())]
    assert texts == [
        "The sample text (English and Japanese)", "All documents", "Collection Words", "Your chats", "A document…",
    ]  # fmt: skip
    choice._pick(2)
    choice.setCurrentIndex(4)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    choice._pick(4)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/a/words.txt", ""))
    choice._pick(4)
    assert choice.wish == CostText(text=TextOf.FILE, path=Path("/a/words.txt"))
    assert choice.currentText() == "words.txt"


def test_a_plot_of_nothing_is_empty(page: Page) -> None:
    plot = CostPlot()
    page.qtbot.addWidget(plot)
    plot.show_variants((), 0, None)
    assert plot.points() == {}
    assert not plot.grab().isNull()
