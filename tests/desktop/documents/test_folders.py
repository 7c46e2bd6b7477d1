"""Folders on the page: kept in step by themselves, each with its state and its menu."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.pages.documents.rules_dialog import RulesDialog
from engine.runtime.battery import Battery
from tests.desktop.documents.conftest import Page


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with two texts."""
    made = tmp_path / "papers"
    (made / "drafts").mkdir(parents=True)
    (made / "plums.txt").write_text("Plums are boiled for an hour.")
    (made / "drafts" / "pears.txt").write_text("Pears keep in the cellar.")
    return made


def names(page: Page) -> list[str]:
    return sorted(document.path.name for document in page.view.documents.model.documents)


def choose(page: Page, words: str) -> None:
    """An entry of the first folder's menu."""
    menu = page.view.documents.folders.buttons[0].menu()
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_a_new_file_is_read_without_being_asked_for_and_without_a_word(page: Page, papers: Path) -> None:
    page.add(papers)
    shown = page.notices.shown
    assert page.view.documents.folders.words == "papers · in step"
    (papers / "quinces.txt").write_text("Quinces are another matter.")
    page.wait(lambda: "quinces.txt" in names(page))
    (papers / "quinces.txt").rename(papers / "apples.txt")
    page.wait(lambda: "apples.txt" in names(page))
    assert page.notices.shown == shown


def test_a_folder_that_is_away_or_paused_says_so(page: Page, papers: Path, tmp_path: Path) -> None:
    page.add(papers)
    papers.rename(tmp_path / "elsewhere")
    page.view.look_again_requested.emit()
    page.wait(lambda: page.view.documents.folders.words == "papers · not there now")
    assert len(names(page)) == 2
    (tmp_path / "elsewhere").rename(papers)
    choose(page, "Look again")
    page.wait(lambda: page.view.documents.folders.words == "papers · in step")
    choose(page, "Pause")
    assert page.view.documents.folders.words == "papers · paused"
    choose(page, "Keep in step again")
    page.wait(lambda: page.view.documents.folders.words == "papers · in step")


def test_a_removed_folder_comes_back_with_undo(page: Page, papers: Path) -> None:
    page.add(papers)
    choose(page, "List its documents")
    assert len(names(page)) == 2
    choose(page, "Remove")
    assert (names(page), page.view.documents.folders.buttons) == ([], [])
    assert page.notices.shown[-1].startswith("papers is no longer kept in step")
    page.engine.documents.folders.restore(1, [one.id for one in page.engine.documents.trash()])
    page.jobs.changed.emit("documents")
    page.wait(lambda: page.view.documents.folders.words == "papers · in step")


def test_rules_tell_what_they_leave_out_before_they_are_kept(page: Page, papers: Path) -> None:
    page.add(papers)
    choose(page, "Rules…")
    (dialog,) = (one for one in QApplication.topLevelWidgets() if isinstance(one, RulesDialog))
    page.wait(lambda: "leave out 0 of 2 files" in dialog.counted.text())
    dialog.rules.setPlainText("!\n")
    page.wait(lambda: not dialog.keep.isEnabled())
    assert "line 1" in dialog.counted.text()
    dialog.rules.setPlainText("drafts/\n")
    page.wait(lambda: "leave out 1 of 2 files" in dialog.counted.text())
    dialog.keep.click()
    page.wait(lambda: names(page) == ["plums.txt"] and not page.jobs.busy)


def test_on_battery_the_search_by_meaning_waits_for_power(
    page: Page, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Battery, "in_use", lambda _: True)
    page.view.add_requested.emit([papers])
    page.wait(lambda: "when there is power" in page.view.meaning.text())
    assert page.engine.documents.counts().embedded == 0
    page.engine.change_settings(quiet_on_battery=False)
    page.presenter._heed_power()
    page.wait(lambda: page.engine.documents.counts().embedded == 2 and not page.jobs.busy)
