"""The viewer: the page's picture with the passage highlighted, or its text; nothing in it loads."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

from desktop.dialogs.viewer import Viewer
from desktop.widgets.page_picture import HIGHLIGHTER
from desktop.widgets.page_text import PageText
from engine.engine import Cancel, finish
from engine.types import Document, Hit
from tests.desktop.documents.conftest import Page


def _hit(page: Page, words: str) -> Hit:
    return finish(page.engine.documents.search(words, Cancel(), by="words"))[0]


def _open(page: Page, what: Hit | Document) -> Viewer:
    page.view.source_requested.emit(what)
    return page.viewers[-1]


def _document(page: Page, name: str) -> Document:
    return next(one for one in page.engine.documents.all() if one.path.name == name)


@pytest.fixture
def filled(page: Page, folder: Path) -> Page:
    page.add(folder)
    return page


def test_a_pdf_opens_at_the_page_of_the_passage_with_boxes_over_it(filled: Page) -> None:
    window = _open(filled, _hit(filled, "deposit")).window
    filled.wait(lambda: bool(window.picture.boxes))
    assert window.stack.currentWidget() is window.picture
    assert (window.number.text(), window.of.text()) == ("3", "of 3")
    shown = window.picture.viewport().grab().toImage()
    assert _has_colour(shown, HIGHLIGHTER.rgb())


def test_the_picture_is_asked_for_at_the_pixels_of_the_screen(filled: Page) -> None:
    window = _open(filled, _hit(filled, "deposit")).window
    view = window.picture
    filled.wait(lambda: abs(view._pixmap.width() - view.wanted_width) <= 2)
    view.zoom_to(2.0)
    filled.wait(lambda: abs(view._pixmap.width() - view.wanted_width) <= 2)
    assert view.wanted_width == round(2 * 794 * view.devicePixelRatioF())
    window.fit.click()
    filled.wait(lambda: view.fits_width and abs(view._pixmap.width() - view.wanted_width) <= 2)


def test_pages_are_turned_by_button_key_and_number(filled: Page) -> None:
    window = _open(filled, _document(filled, "Tenancy agreement.pdf")).window
    filled.wait(lambda: not window.picture._pixmap.isNull())
    assert window.number.text() == "1"
    assert not window.previous.isEnabled()
    window.next.click()
    assert window.number.text() == "2"
    filled.qtbot.keyClick(window.picture, Qt.Key.Key_Right)
    assert window.number.text() == "3"
    assert not window.next.isEnabled()
    window.number.setText("99")
    window.number.editingFinished.emit()
    assert window.number.text() == "3"
    window.number.setText("1")
    window.number.editingFinished.emit()
    assert "between the landlord" in window.text.toPlainText()


def test_keys_zoom_and_close(filled: Page) -> None:
    viewer = _open(filled, _hit(filled, "deposit"))
    window = viewer.window
    filled.wait(lambda: bool(window.picture.boxes))
    before = window.picture.zoom
    filled.qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert window.picture.zoom > before
    filled.qtbot.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert window.picture.zoom == pytest.approx(before)
    filled.qtbot.keyClick(window, Qt.Key.Key_Escape)
    filled.wait(lambda: viewer not in filled.viewers)


def test_the_words_of_a_pdf_can_be_read_as_text_too(filled: Page) -> None:
    window = _open(filled, _hit(filled, "deposit")).window
    window.as_text.click()
    assert window.stack.currentWidget() is window.text
    assert window.text.highlighted.startswith("The deposit is 1,200 euro.")


def test_empty_lines_within_a_passage_are_not_coloured(qapp: object) -> None:
    text = PageText()
    text.show_text("One.\n\nTwo and more.\nThree.", 0, 9)
    assert text.highlighted == "One.\n\nTwo"
    assert [marked.cursor.selectedText() for marked in text.extraSelections()] == ["One.", "Two"]


def test_a_text_shows_its_passage_highlighted_and_in_sight(filled: Page, tmp_path: Path) -> None:
    long = tmp_path / "long.txt"
    lines = [f"Line {number} about nothing much." for number in range(400)]
    lines[300] = "🏠 The spare key hangs behind the boiler. 🏠"
    long.write_text("\n".join(lines), encoding="utf-8")
    filled.add(long)
    hit = _hit(filled, '"spare key"')
    window = _open(filled, hit).window
    assert window.stack.currentWidget() is window.text
    assert window.text.highlighted == hit.passage.text
    assert window.text.viewport().rect().contains(window.text.cursorRect())
    assert not window.fit.isVisible()


def test_what_a_web_page_asks_for_is_never_loaded(filled: Page) -> None:
    window = _open(filled, _hit(filled, "boiler")).window
    assert isinstance(window.text, PageText)  # plain text: there is nothing that could load
    assert "evil.example" not in window.text.document().toHtml()


def test_a_moved_file_is_explained_and_its_text_is_still_there(filled: Page, folder: Path) -> None:
    hit = _hit(filled, "deposit")
    (folder / "Tenancy agreement.pdf").unlink()
    window = _open(filled, hit).window
    assert "Tenancy agreement.pdf is no longer where it was" in window.banner.label.text()
    assert window.stack.currentWidget() is window.text
    assert "The deposit is 1,200 euro." in window.text.toPlainText()
    assert not window.own_program.isEnabled()


def test_a_file_replaced_by_something_else_falls_back_to_the_kept_text(filled: Page, folder: Path) -> None:
    hit = _hit(filled, "deposit")
    (folder / "Tenancy agreement.pdf").write_bytes(b"no PDF any more")
    window = _open(filled, hit).window
    filled.wait(lambda: window.banner.isVisible())
    assert window.stack.currentWidget() is window.text
    assert "The deposit is 1,200 euro." in window.text.toPlainText()


def test_a_killed_drawing_process_is_replaced(filled: Page) -> None:
    first = _open(filled, _hit(filled, "deposit")).window
    filled.wait(lambda: bool(first.picture.boxes))
    (process,) = filled.engine.documents._drawer._idle
    process.end()
    second = _open(filled, _hit(filled, "deposit")).window
    filled.wait(lambda: bool(second.picture.boxes) or second.banner.isVisible())
    third = _open(filled, _hit(filled, "deposit")).window
    filled.wait(lambda: bool(third.picture.boxes))


def test_only_files_of_this_computer_are_handed_to_other_programs(filled: Page, opened_urls: list[str]) -> None:
    viewer = _open(filled, _hit(filled, "deposit"))
    viewer.window.own_program.click()
    viewer.window.folder.click()
    assert [url.rsplit("/", 1)[-1] for url in opened_urls] == ["Tenancy agreement.pdf", "papers"]
    filled.view.own_program_requested.emit(Path("//evil.example/share/x.pdf"))
    filled.view.folder_requested.emit(Path("//evil.example/share/x.pdf"))
    assert len(opened_urls) == 2
    assert "x.pdf" in filled.notices.shown[-1]


def _has_colour(image: QImage, rgb: int) -> bool:
    small = image.scaled(QSize(image.width(), image.height()))
    return any(small.pixel(x, y) == rgb for y in range(0, small.height(), 2) for x in range(0, small.width(), 2))


def test_a_text_in_several_parts_is_turned_and_says_where_one_is(filled: Page, tmp_path: Path) -> None:
    long = tmp_path / "long.md"
    parts = [f"# 第 {number} 部\n\n" + f"Line about word{number}. " * 700 + "\n\n" for number in range(1, 7)]
    long.write_text("".join(parts), encoding="utf-8")
    filled.add(long)
    window = _open(filled, _hit(filled, "word6")).window
    assert window.place.words == "第 6 部"
    assert not window.picture.isVisible()
    assert not window.previous.isHidden()
    window.previous.click()
    assert window.place.words != "第 6 部"
    assert "word3" in window.text.toPlainText()
