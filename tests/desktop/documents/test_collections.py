"""Collections on the page: one choice for the list, the search and the questions; menus that fill them."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from desktop.pages.documents.collection_dialog import CollectionDialog
from engine.types import Reach
from tests.desktop.documents.conftest import Page


@pytest.fixture
def ready(page: Page, folder: Path) -> Page:
    """A page with a folder of three documents that can be read."""
    page.add(folder)
    return page


def trigger(menu: QMenu, *words: str) -> None:
    """Choose an entry, through the menus that lead to it."""
    menu.aboutToShow.emit()
    action = next(one for one in menu.actions() if one.text() == words[0])
    if words[1:]:
        trigger(action.menu(), *words[1:])
    else:
        action.trigger()


def name(page: Page, words: str) -> CollectionDialog:
    """Answer the dialog that asks for a name."""
    dialog = next(
        one for one in QApplication.topLevelWidgets() if isinstance(one, CollectionDialog) and one.isVisible()
    )
    dialog.name.setText(words)
    dialog.keep.click()
    return dialog


def undo(page: Page) -> None:
    """Press the button of the last notice."""
    buttons = page.notices._shown[-1].findChildren(QPushButton)
    next(button for button in buttons if button.text() == "Undo").click()


def documents(page: Page, *stems: str) -> tuple:
    return tuple(one for one in page.engine.documents.all() if one.path.stem in stems)


def listed(page: Page) -> set[str]:
    return {one.path.stem for one in page.view.documents.model.documents}


def entries(menu: QMenu) -> list[str]:
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions() if action.text()]


def test_a_new_collection_is_made_from_a_menu_and_limits_list_search_and_questions(ready: Page) -> None:
    panel, choice = ready.view.documents, ready.view.collections
    trigger(panel.menu_for(documents(ready, "メモ", "heating")), "Add to collection", "New collection…")
    name(ready, "Home & heating")
    assert ready.notices.shown[-1] == "Added to “Home & heating”."
    assert entries(choice.menu()) == ["All documents", "Home && heating · 2", "New collection…"]
    trigger(choice.menu(), "Home && heating · 2")
    assert choice.text() == "Home && heating"
    assert listed(ready) == {"メモ", "heating"}
    assert ready.view.tabs.tabText(ready.view.DOCUMENTS) == "Documents (2)"
    ready.search("the")
    assert {hit.passage.path.stem for hit in ready.hits} == {"heating"}
    trigger(choice.menu(), "All documents")
    ready.wait(lambda: {hit.passage.path.stem for hit in ready.hits} >= {"heating", "Tenancy agreement"})


def test_a_question_is_asked_of_the_chosen_collection(ready: Page) -> None:
    trigger(ready.view.documents.menu_for(documents(ready, "heating")), "Add to collection", "New collection…")
    name(ready, "Boiler")
    trigger(ready.view.collections.menu(), "Boiler · 1")
    question = "When is the deposit returned, and when is the boiler serviced?"
    ready.view.ask_requested.emit(question, None, True, Reach.PASSAGES, None)
    ready.wait(lambda: not ready.jobs.busy)
    shown = [quote.source.path.stem for quote in ready.view.answer._quotes]
    assert shown
    assert set(shown) == {"heating"}


def test_documents_and_folders_go_in_and_out_each_with_undo(ready: Page, folder: Path) -> None:
    collections, panel = ready.engine.documents.collections, ready.view.documents
    collections.make("Home")
    ready.jobs.changed.emit("documents")
    ready.wait(lambda: entries(ready.view.collections.menu())[1] == "Home · 0")
    trigger(panel.folders.buttons[0].menu(), "Add to collection", "Home")
    assert len(collections.find("home").documents) == 4
    (memo,) = documents(ready, "メモ")
    assert "Take out of collection" not in entries(panel.menu_for((memo,)))  # it is in it with its folder
    trigger(panel.folders.buttons[0].menu(), "Take out of collection", "Home")
    assert collections.find("home").documents == set()
    trigger(panel.menu_for((memo,)), "Add to collection", "Home")
    trigger(panel.menu_for((memo,)), "Take out of collection", "Home")
    assert collections.find("home").documents == set()
    undo(ready)
    assert collections.find("home").documents == {memo.id}


def test_a_deleted_collection_leaves_its_documents_and_comes_back(ready: Page) -> None:
    collections, choice = ready.engine.documents.collections, ready.view.collections
    trigger(ready.view.documents.menu_for(documents(ready, "heating")), "Add to collection", "New collection…")
    name(ready, "Boiler")
    trigger(choice.menu(), "Boiler · 1")
    trigger(choice.menu(), "Delete “Boiler”")
    assert (choice.text(), collections.all()) == ("Collections", ())
    assert len(listed(ready)) == 4
    undo(ready)
    assert len(collections.find("Boiler").documents) == 1


def test_a_name_that_cannot_be_is_told_where_it_is_written(ready: Page) -> None:
    ready.engine.documents.collections.make("Home")
    trigger(ready.view.collections.menu(), "New collection…")
    dialog = name(ready, "ＨＯＭＥ")
    assert "there is one of that name" in dialog.problem.text()
    assert dialog.isVisible()
    dialog.name.setText(" ")
    assert (dialog.problem.isVisible(), dialog.keep.isEnabled()) == (False, False)
    name(ready, "Away")
    assert not dialog.isVisible()
    trigger(ready.view.collections.menu(), "Away · 0")
    trigger(ready.view.collections.menu(), "Rename “Away”…")
    name(ready, "Far away")
    assert ready.view.collections.text() == "Far away"


def test_a_collection_that_is_none_is_told_in_a_line_while_one_types(ready: Page) -> None:
    shown = ready.notices.shown
    ready.search("rent in:Hom")
    assert ready.notices.shown == shown
    assert "There is no collection “Hom”." in ready.view.results.summary.text()


def test_an_empty_collection_says_so_and_leads_back_to_all(ready: Page) -> None:
    ready.engine.documents.collections.make("Home & away")
    ready.jobs.changed.emit("documents")
    ready.wait(lambda: entries(ready.view.collections.menu())[1] == "Home && away · 0")
    panel = ready.view.documents
    assert panel.rows.currentWidget() is panel.list
    trigger(ready.view.collections.menu(), "Home && away · 0")
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "“Home & away” is empty"
    assert "Add to collection" in panel.empty.text.text()
    assert not panel.clear_filter.isVisible()
    panel.show_all.setFocus()
    ready.qtbot.keyClick(panel.show_all, Qt.Key.Key_Space)
    assert panel.rows.currentWidget() is panel.list
    assert ready.view.collections.text() == "Collections"


def test_a_filter_that_fits_nothing_says_so_and_is_cleared(ready: Page) -> None:
    panel = ready.view.documents
    panel.filter.setText("nowhere")
    assert panel.empty.title.text() == "Nothing fits “nowhere”"
    assert not panel.show_all.isVisible()
    panel.clear_filter.click()
    assert panel.rows.currentWidget() is panel.list
    assert len(listed(ready)) == 4
