"""Adding documents: buttons, drag and drop, progress, what fails, what vanishes."""

import shutil
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton

from engine.types import DocumentState
from tests.desktop.documents.conftest import Page, make_pdf


def _names(page: Page) -> list[str]:
    return [document.path.name for document in page.view.documents.model.documents]


def _held(*urls: QUrl) -> QMimeData:
    data = QMimeData()
    data.setUrls(list(urls))
    return data


def _drop(page: Page, data: QMimeData) -> None:
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page.view, QDragEnterEvent(QPoint(40, 40), copy, data, left, none))
    QApplication.sendEvent(page.view, QDropEvent(QPointF(40, 40), copy, data, left, none))


def test_an_empty_page_offers_three_ways_to_begin(page: Page) -> None:
    words = [button.text() for button in page.view.empty.findChildren(QPushButton)]
    assert page.view.empty.isVisible()
    assert words == ["Add folder…", "Add files…", "Try with our sample documents"]


def test_a_folder_that_was_added_is_listed_with_what_failed_first(page: Page, folder: Path) -> None:
    page.add(folder)
    assert _names(page) == ["scan.pdf", "heating.html", "Tenancy agreement.pdf", "メモ.txt"]
    assert page.view.documents.isVisible()
    assert str(folder.name) in page.view.documents.folders.words
    assert page.notices.shown == ("3 documents were read. 1 could not be read.",)


def test_a_file_that_could_not_be_read_says_why_and_can_be_tried_again(page: Page, folder: Path) -> None:
    page.add(folder)
    panel = page.view.documents
    failed = panel.model.documents[0]
    assert failed.state is DocumentState.FAILED
    spoken = panel.model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.startswith("scan.pdf, scan.pdf could not be read as")
    assert str(folder) not in spoken
    assert panel.trouble.isVisible()
    make_pdf(failed.path, "The scan is legible now.")
    panel.retry_all.click()
    page.wait_until_added()
    assert {document.state for document in panel.model.documents} == {DocumentState.READ}
    assert not panel.trouble.isVisible()


def test_files_and_folders_dropped_anywhere_on_the_page_are_added(page: Page, folder: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.md"
    single.write_text("# One\nA single note.")
    _drop(page, _held(QUrl.fromLocalFile(str(folder)), QUrl.fromLocalFile(str(single))))
    page.wait_until_added()
    assert "single.md" in _names(page)
    assert "heating.html" in _names(page)


def test_while_files_are_held_over_the_page_it_says_where_they_will_go(page: Page, folder: Path) -> None:
    data = _held(QUrl.fromLocalFile(str(folder)))
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(40, 40), Qt.DropAction.CopyAction, data, left, none)
    QApplication.sendEvent(page.view, enter)
    assert enter.isAccepted()
    assert page.view._drop_target.isVisible()
    assert page.view._drop_target.size() == page.view.size()
    QApplication.sendEvent(page.view, QDragLeaveEvent())
    assert not page.view._drop_target.isVisible()


def test_a_share_or_a_web_address_dropped_on_the_page_is_not_touched(page: Page) -> None:
    _drop(page, _held(QUrl("file://evil.example/share/x.pdf"), QUrl("https://evil.example/x.pdf")))
    assert not page.jobs.busy
    assert page.view.documents.model.documents == ()


def test_samples_are_one_click_away_and_searchable(page: Page) -> None:
    page.view.samples_requested.emit()
    page.wait_until_added()
    assert len(_names(page)) >= 5
    page.search("model")
    assert page.hits


def test_progress_shows_while_files_are_read_and_stop_keeps_what_was_read(page: Page, tmp_path: Path) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(60):
        (many / f"note {number:02}.txt").write_text(f"Note number {number} about the garden.")
    page.view.add_requested.emit([many])
    page.wait(lambda: "of 60 files" in page.view.adding.detail.text())
    assert page.view.adding.isVisible()
    page.view.adding.stop.click()
    page.wait_until_added()
    page.search("garden")
    kept = len(page.view.documents.model.documents)
    assert kept < 60
    assert bool(page.hits) == bool(kept)


def test_what_is_dropped_while_files_are_read_is_added_afterwards(page: Page, folder: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.txt"
    late.write_text("Dropped a little later.")
    page.view.add_requested.emit([folder])
    page.view.add_requested.emit([late])
    page.wait(lambda: "late.txt" in _names(page) and "メモ.txt" in _names(page))
    page.wait_until_added()


def test_a_folder_that_vanishes_leaves_the_window_alive_and_its_text_searchable(page: Page, folder: Path) -> None:
    page.add(folder)
    shutil.rmtree(folder)
    page.view.look_again_requested.emit()
    page.wait_until_added()
    assert page.window.isVisible()
    page.add(folder / "never there.pdf")
    assert page.window.isVisible()
    page.search("deposit")


def test_looking_for_changes_reads_what_is_new_and_what_is_different(page: Page, folder: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.txt"
    single.write_text("Before.")
    page.add(folder, single)
    (folder / "new.md").write_text("A new note about the chimney.")
    single.write_text("Now about the cellar.")
    page.qtbot.keyClick(page.view, Qt.Key.Key_F5)
    page.wait_until_added()
    assert "new.md" in _names(page)
    page.search("cellar")
    assert page.hits[0].passage.path == single


def test_passages_become_findable_by_meaning_in_the_background(page: Page, folder: Path) -> None:
    page.add(folder)
    counts = page.engine.documents.counts()
    assert counts.embedded == counts.passages > 0
    assert not page.view.meaning.isVisible()
