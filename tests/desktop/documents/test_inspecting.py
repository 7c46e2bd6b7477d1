"""Why these results, why this answer: from the buttons to what the window tells."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop.pages.documents.found_table import GIVEN, NAME
from desktop.pages.documents.inspection_dialog import InspectionDialog
from engine.engine import Cancel, Operation, finish
from engine.events import Progressed
from engine.types import Inspected
from tests.desktop.documents.conftest import Page
from tests.fakes.tiny_gguf import write


@pytest.fixture
def ready(page: Page, folder: Path, tmp_path: Path) -> Page:
    """Documents, and a model that writes back what it is told."""
    page.add(folder)
    finish(page.engine.models.add(write(tmp_path / "tiny.gguf"), Cancel()))
    page.jobs.changed.emit("models")
    return page


def opened(page: Page) -> InspectionDialog:
    """The dialog on show, with its search made."""
    (dialog,) = page.window.findChildren(InspectionDialog)
    page.wait(lambda: not page.jobs.busy)
    return dialog


def cells(dialog: InspectionDialog, column: int) -> list[str]:
    table = dialog.table
    return [table.data(table.index(row, column)) for row in range(table.rowCount())]


def answer(page: Page, question: str) -> None:
    page.view.field.clear()
    page.type(question)
    page.qtbot.keyClick(page.view.field, Qt.Key.Key_Return)
    page.wait(lambda: page.view.answer.stop.isHidden() and not page.jobs.busy)


def test_the_results_tell_how_each_was_found(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit returned")
    assert page.view.results.why.isVisible()
    page.qtbot.keyClick(page.view.results.why, Qt.Key.Key_Space)
    dialog = opened(page)
    assert dialog.windowTitle() == "Why these results"
    assert dialog.asked.words == "deposit returned"
    assert [one.hit for one in dialog.table.lines] == list(page.hits)
    assert cells(dialog, NAME)[0] == "Tenancy agreement.pdf, page 3"
    assert cells(dialog, 2)[0].startswith("1st · ")
    assert dialog.found.isColumnHidden(GIVEN)
    assert dialog.tabs.count() == 2


def test_there_is_nothing_to_explain_before_a_search(page: Page, folder: Path) -> None:
    page.add(folder)
    assert page.view.results.why.isHidden()
    page.search("deposit")
    page.search("type:nonsense")
    assert page.view.results.why.isHidden()


def test_a_result_is_opened_from_the_table(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit returned")
    page.view.results.why.click()
    dialog = opened(page)
    dialog.found.activated.emit(dialog.table.index(0, 0))
    assert page.viewers[0].window.windowTitle() == "Tenancy agreement.pdf"
    page.wait(lambda: not page.jobs.busy)


def test_a_file_that_is_missing_says_why(page: Page, folder: Path, tmp_path: Path) -> None:
    page.add(folder)
    page.search("deposit type:pdf")
    page.view.results.why.click()
    dialog = opened(page)
    dialog.tabs.setCurrentIndex(1)
    for words, told in (
        ("heating", "It was not looked through: type:pdf leaves it out."),
        ("Tenancy", "It is found: 1st in the list."),
        ("scan.pdf", "It could not be read:"),
        (str(tmp_path / "nowhere.txt"), "There is no such file."),
    ):
        dialog.file.setText(words)
        page.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
        page.wait(lambda told=told: dialog.verdict.text().startswith(told))
        assert dialog.name.words in (*(path.name for path in folder.iterdir()), "nowhere.txt")
    assert dialog.isVisible()  # Enter closes nothing
    dialog.file.setText("Tenancy")
    page.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
    page.wait(lambda: "That holds: deposit" in dialog.particulars.text())


def test_an_answer_in_quotes_tells_what_was_found_and_offers_no_shares(page: Page, folder: Path) -> None:
    page.add(folder)
    answer(page, "When is the deposit returned?")
    page.view.answer.why.click()
    dialog = opened(page)
    assert dialog.windowTitle() == "Why this answer"
    assert dialog.tabs.count() == 2
    assert dialog.found.isColumnHidden(GIVEN)


def test_what_a_written_answer_leans_on_is_measured_when_it_is_wanted(ready: Page) -> None:
    answer(ready, "What does it say of the deposit [1]")
    ready.view.answer.why.click()
    dialog = opened(ready)
    sources = ready.view.answer.shown.sources
    assert dialog.shares.isHidden()
    assert f"{len(sources) + 2} readings" in dialog.about.text()
    assert "read by the model" in cells(dialog, GIVEN)
    assert not dialog.found.isColumnHidden(GIVEN)
    ready.qtbot.keyClick(dialog.measure, Qt.Key.Key_Space)
    ready.wait(lambda: dialog.shares.isVisible())
    assert len(dialog.shares.words) == len(sources)
    assert "bits per token" in dialog.shares.words[0]
    assert dialog.progress.isHidden()


def test_the_measuring_can_be_stopped_and_begun_again(ready: Page) -> None:
    answer(ready, "!think of the deposit")
    ready.view.answer.why.click()
    dialog = opened(ready)
    dialog.measure.click()
    ready.wait(lambda: dialog.progress.bar.value() > 0)
    assert dialog.measure.isHidden()
    dialog.progress.stop.click()
    ready.wait(lambda: dialog.measure.isVisible())
    assert dialog.trouble.text() == "Stopped."
    dialog.measure.click()
    assert dialog.trouble.isHidden()
    ready.wait(lambda: dialog.shares.isVisible())


def test_closing_the_window_ends_the_measuring(ready: Page) -> None:
    answer(ready, "!think of the deposit")
    ready.view.answer.why.click()
    dialog = opened(ready)
    dialog.measure.click()
    ready.wait(lambda: dialog.progress.bar.value() > 0)
    dialog.close()
    ready.wait(lambda: not ready.jobs.busy)


def test_a_new_question_takes_the_button_away(ready: Page) -> None:
    answer(ready, "What does it say of the deposit")
    assert ready.view.answer.why.isVisible()
    ready.view.answer.show_question("Another")
    assert ready.view.answer.why.isHidden()


def test_the_dialog_is_worked_by_the_keyboard(ready: Page) -> None:
    answer(ready, "What does it say of the deposit")
    ready.view.answer.why.click()
    dialog = opened(ready)
    dialog.activateWindow()
    dialog.tabs.setFocus()
    ready.qtbot.keyClick(dialog.tabs, Qt.Key.Key_Right)
    assert dialog.stack.currentIndex() == 1
    reached = set()
    for _ in range(8):
        ready.qtbot.keyClick(QApplication.focusWidget() or dialog, Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget())
    assert dialog.found in reached
    ready.qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    ready.wait(lambda: not ready.window.findChildren(InspectionDialog))


def test_looking_for_a_file_can_be_stopped(page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page.add(folder)
    page.search("deposit")
    page.view.results.why.click()
    dialog = opened(page)
    dialog.tabs.setCurrentIndex(1)

    def endless(text: str, cancel: Cancel, **_: object) -> Operation[Inspected]:
        while True:
            yield Progressed(done=3, total=9, unit="passages")
            cancel.wait(0.01)
            cancel.check()

    with monkeypatch.context() as looking:
        looking.setattr(page.engine.documents, "inspect", endless)
        dialog.file.setText("heating")
        page.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
        page.wait(lambda: dialog.looking.isVisible() and "3 of 9 passages" in dialog.looking.detail.text())
        page.qtbot.keyClick(dialog.looking.stop, Qt.Key.Key_Space)
        page.wait(lambda: dialog.looking.isHidden())
    assert dialog.verdict.text() == "Stopped."
    page.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
    page.wait(lambda: "heating" in dialog.name.words)
    assert dialog.looking.isHidden()


def test_a_name_is_looked_for_among_the_documents_and_in_the_folders(page: Page, folder: Path) -> None:
    for name in ("rent 2023.md", "rent 2024.md"):
        (folder / name).write_text("The rent is due.", encoding="utf-8")
    page.add(folder)
    (folder / "late.xyz").write_bytes(b"?")
    page.search("deposit")
    page.view.results.why.click()
    dialog = opened(page)
    dialog.tabs.setCurrentIndex(1)

    def wanted(words: str) -> None:
        dialog.file.setText(words)
        page.qtbot.keyClick(dialog.file, Qt.Key.Key_Return)
        page.wait(lambda: dialog.looking.isHidden() and not page.jobs.busy)

    wanted("late")
    assert dialog.name.words == "late.xyz"
    assert dialog.verdict.text() == "It is not among your documents: files of its kind are not read."
    wanted("nowhere.txt")
    assert dialog.verdict.text() == (
        "No file of that name is among your documents or in the folders that Hanare keeps in step. Choose the file."
    )
    assert dialog.name.words == ""
    wanted("RENT 20")
    assert dialog.verdict.text() == "Several files have that name. Choose the one that you mean."
    assert [name.rsplit("/")[-1] for name in dialog.fitting_names.stringList()] == ["rent 2023.md", "rent 2024.md"]
    assert dialog.fitting.hasFocus()
    page.qtbot.keyClick(dialog.fitting, Qt.Key.Key_Down)
    page.qtbot.keyClick(dialog.fitting, Qt.Key.Key_Return)
    page.wait(lambda: dialog.name.words == "rent 2024.md")
    assert dialog.fitting.isVisible()
    wanted("rent 2023")
    assert dialog.name.words == "rent 2023.md"
    assert dialog.fitting.isHidden()
