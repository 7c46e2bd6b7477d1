"""The documents' trash: undo in the notice, a list to look into, back at once, or gone for good when asked."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from engine.types import Document
from tests.desktop.documents.conftest import Page

TENANCY = "Tenancy agreement.pdf"


def names(page: Page) -> list[str]:
    return [document.path.name for document in page.view.documents.model.documents]


def document(page: Page, name: str) -> Document:
    return next(one for one in page.engine.documents.all() if one.path.name == name)


def choose(page: Page, name: str) -> None:
    panel = page.view.documents
    panel.list.setCurrentIndex(panel.model.index(names(page).index(name), 0))


def remove(page: Page, name: str) -> None:
    """By the keyboard."""
    choose(page, name)
    page.view.documents.list.setFocus()
    page.qtbot.keyClick(page.view.documents.list, Qt.Key.Key_Delete)


def test_the_key_that_removes_works_in_the_list_alone(page: Page, folder: Path) -> None:
    page.add(folder)
    choose(page, TENANCY)
    page.window.activateWindow()
    page.view.documents.look_again.setFocus()
    page.qtbot.keyClick(page.view.documents.look_again, Qt.Key.Key_Delete)
    assert TENANCY in names(page)


def test_removing_a_document_takes_it_out_of_list_search_and_counts_and_can_be_undone(page: Page, folder: Path) -> None:
    page.add(folder)
    page.search("deposit")
    assert page.hits
    page.view.show_tab(page.view.DOCUMENTS)
    remove(page, TENANCY)
    page.wait(lambda: not page.hits and not page.jobs.busy)
    assert TENANCY not in names(page)
    assert page.view.header.subtitle.text() == "3 documents · 2 passages"
    assert (folder / TENANCY).exists()
    assert page.notices.shown[-1] == f"{TENANCY} was moved to the trash. The file is untouched."
    (folder / TENANCY).unlink()  # undo does not need it
    next(button for button in page.window.findChildren(QPushButton) if button.text() == "Undo").click()
    assert TENANCY in names(page)
    page.wait(lambda: bool(page.hits) and not page.jobs.busy)


def test_the_trash_shows_what_was_removed_and_gives_it_back(page: Page, folder: Path) -> None:
    page.add(folder)
    panel = page.view.documents
    assert not panel.trash_button.isVisible()
    for name in (TENANCY, "scan.pdf"):
        remove(page, name)
    assert panel.trash_button.text() == "Trash (2)"
    panel.trash_button.click()
    assert sorted(names(page)) == [TENANCY, "scan.pdf"]
    assert panel.about_trash.isVisible()
    assert not panel.trouble.isVisible()
    choose(page, TENANCY)
    panel.list.setFocus()
    page.qtbot.keyClick(panel.list, Qt.Key.Key_Delete)  # there nothing happens by a key
    assert [action.text() for action in panel.menu_for(panel.chosen).actions()] == ["Restore", "Erase for good…"]
    assert not panel.open.isVisible()
    assert not panel.remove.isVisible()
    panel.restore.click()
    assert names(page) == ["scan.pdf"]
    panel.trash_button.click()
    assert sorted(names(page)) == [TENANCY, "heating.html", "メモ.txt"]


def test_what_was_all_removed_is_still_within_reach(page: Page, folder: Path) -> None:
    page.add(folder)
    page.view.remove_requested.emit(page.engine.documents.all())
    assert names(page) == []
    assert page.view.documents.trash_button.isVisible()
    assert page.notices.shown[-1] == "4 documents were moved to the trash. The files are untouched."
    page.view.restore_requested.emit(page.engine.documents.trash())
    assert len(names(page)) == 4
    assert not page.view.documents.trash_button.isVisible()


def test_erasing_asks_first_and_an_emptied_trash_leads_back_to_the_documents(
    page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.add(folder)
    for name in (TENANCY, "heating.html"):
        remove(page, name)
    panel, asked, answers = page.view.documents, [], [False, True, True]

    def ask(title: str, text: str, yes: str, no: str, *, danger: bool = False) -> bool:
        asked.append(text)
        return answers.pop(0)

    monkeypatch.setattr(page.notices, "ask", ask)
    panel.trash_button.click()
    choose(page, TENANCY)
    panel.erase.click()
    assert len(page.engine.documents.trash()) == 2
    choose(page, TENANCY)
    panel.erase.click()
    page.wait(lambda: names(page) == ["heating.html"])
    panel.empty_trash.click()
    page.wait(lambda: not panel.in_trash)
    assert page.engine.documents.trash() == ()
    assert sorted(names(page)) == ["scan.pdf", "メモ.txt"]
    assert all("Backups keep the document" in text for text in asked)


def test_adding_again_brings_it_back_from_the_trash_and_looking_for_changes_does_not(page: Page, folder: Path) -> None:
    page.add(folder)
    remove(page, TENANCY)
    page.view.look_again_requested.emit()
    page.wait_until_added()
    assert TENANCY not in names(page)
    page.add(folder / TENANCY)
    assert TENANCY in names(page)
    assert page.notices.shown[-1] == "1 document is back from the trash."


def test_what_cannot_be_removed_stays_and_says_why(page: Page, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.errors import DiskFull

    page.add(folder)

    def full(_: object) -> None:
        raise DiskFull(where="/data")

    monkeypatch.setattr(page.engine.documents, "remove", full)
    remove(page, TENANCY)
    assert TENANCY in names(page)
    assert "disk" in page.notices.shown[-1].lower()
