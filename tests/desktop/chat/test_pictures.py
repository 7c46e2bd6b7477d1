"""Pictures at the composer and in the transcript."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from desktop.pages.chat.message_card import UserCard
from desktop.widgets.picture_data import holds_pictures, picture_bytes, picture_paths
from desktop.widgets.picture_window import PictureWindow
from engine.engine import Cancel, Engine, finish
from engine.types import Model
from tests.desktop.chat.conftest import ChatPage
from tests.fakes import pictures, tiny_gguf, tiny_projector


@pytest.fixture
def seeing(engine: Engine, tmp_path: Path, page: ChatPage) -> Model:
    """A model that sees, chosen."""
    folder = tmp_path / "seeing"
    folder.mkdir()
    tiny_projector.write(folder / "mmproj-owl.gguf")
    model = finish(engine.models.add(tiny_gguf.write(folder / "owl.gguf"), Cancel()))
    page.view.came_into_view.emit()
    page.view.picker.choose(model.id)
    return model


@pytest.fixture
def plum(tmp_path: Path) -> Path:
    path = tmp_path / "plum.png"
    path.write_bytes(pictures.file())
    return path


def pasted(raw: bytes) -> QMimeData:
    data = QMimeData()
    data.setData("image/png", raw)
    return data


def attach(page: ChatPage, path: Path) -> None:
    before = len(page.view.composer.pictures)
    page.view.composer.pictures_dropped.emit([path])
    page.until(lambda: len(page.view.composer.pictures) == before + 1)


def test_a_picture_is_attached_sent_and_shown(page: ChatPage, seeing: Model, plum: Path) -> None:
    attach(page, plum)
    (tile,) = page.view.composer.picture_row.tiles
    assert tile.accessibleName() == "Picture: plum.png"
    page.say("What is this?")
    assert not page.view.composer.pictures
    card = page.cards[-2]
    assert isinstance(card, UserCard)
    assert [each.picture.name for each in card.pictures.tiles] == ["plum.png"]
    assert page.kept[0].pictures[0].name == "plum.png"
    card.pictures.tiles[0].click()
    page.until(lambda: bool(page.view.findChildren(PictureWindow)))
    (window,) = page.view.findChildren(PictureWindow)
    assert window.windowTitle() == "plum.png"
    window.close()


def test_a_picture_alone_can_be_sent(page: ChatPage, seeing: Model, plum: Path) -> None:
    assert not page.view.composer.button.isEnabled()
    attach(page, plum)
    assert page.view.composer.button.isEnabled()
    page.press(Qt.Key.Key_Return)
    page.until(lambda: bool(page.cards) and not page.busy)
    card = page.cards[0]
    assert isinstance(card, UserCard)
    assert card.bubble.isHidden()


def test_a_pasted_picture_is_attached_and_pasted_text_stays_text(page: ChatPage, seeing: Model) -> None:
    page.view.composer.box.insertFromMimeData(pasted(pictures.file()))
    page.until(lambda: len(page.view.composer.pictures) == 1)
    assert page.view.composer.pictures[0].name == ""
    words = QMimeData()
    words.setText("only words")
    page.view.composer.box.insertFromMimeData(words)
    assert page.view.composer.text == "only words"


def test_what_is_on_the_clipboard_is_not_decoded_here() -> None:
    raw = b"\x89PNG not really"
    assert holds_pictures(pasted(raw))
    assert picture_bytes(pasted(raw)) == raw
    image = QMimeData()
    image.setImageData(QImage(3, 2, QImage.Format.Format_RGB32))
    assert picture_bytes(image)[:4] == b"\x89PNG"
    table = pasted(raw)
    table.setText("a\tb")  # a spreadsheet puts a picture of its cells beside them
    assert not holds_pictures(table)


def test_only_picture_files_of_this_computer_are_taken_from_a_drop(plum: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("x")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(plum)), QUrl.fromLocalFile(str(other)), QUrl("https://example.com/a.png")])
    assert picture_paths(data) == [plum]


def held(page: ChatPage, path: Path) -> bool:
    """A file is held over the page; whether the page would take it."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(40, 40), copy, data, left, none)
    enter.ignore()
    QApplication.sendEvent(page.view, enter)
    return enter.isAccepted()


def let_go(page: ChatPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(page.view, QDropEvent(QPointF(40, 40), copy, data, left, none))


def test_a_picture_dropped_anywhere_on_the_page_is_attached_and_the_page_says_so_before(
    page: ChatPage, seeing: Model, plum: Path, tmp_path: Path
) -> None:
    assert not held(page, tmp_path / "notes.txt")
    assert not page.view._drop_target.isVisible()
    assert held(page, plum)
    assert page.view._drop_target.isVisible()
    assert page.view._drop_target.size() == page.view.size()
    QApplication.sendEvent(page.view, QDragLeaveEvent())
    assert not page.view._drop_target.isVisible()
    assert held(page, plum)
    let_go(page, plum)
    assert not page.view._drop_target.isVisible()
    page.until(lambda: len(page.view.composer.pictures) == 1)
    assert page.notices.shown == ()


def test_a_picture_is_pasted_wherever_the_keyboard_is_on_the_page(page: ChatPage, seeing: Model) -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setMimeData(pasted(pictures.file()))
    page.view.picker.button.setFocus()
    page.qtbot.keyClick(page.view.picker.button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    page.until(lambda: len(page.view.composer.pictures) == 1)
    clipboard.clear()


def test_a_picture_for_a_model_that_does_not_see_is_attached_and_told_what_to_do(page: ChatPage, plum: Path) -> None:
    attach(page, plum)
    attach(page, plum)
    assert len(page.notices.shown) == 1
    assert "sees no pictures. Choose another model above, or its projector on the Models page." in page.notices.shown[0]


def test_an_attached_picture_is_taken_away_by_its_button_or_with_delete(
    page: ChatPage, seeing: Model, plum: Path
) -> None:
    attach(page, plum)
    attach(page, plum)
    page.press(Qt.Key.Key_Delete, page.view.composer.picture_row.tiles[0])
    assert len(page.view.composer.pictures) == 1
    page.view.composer.picture_row.removed.emit(page.view.composer.pictures[0])
    assert not page.view.composer.pictures
    assert page.view.composer.picture_row.isHidden()


def test_a_model_that_does_not_see_refuses_and_text_and_picture_stay(page: ChatPage, plum: Path) -> None:
    attach(page, plum)
    page.type("What is this?")
    page.press(Qt.Key.Key_Return)
    page.until(lambda: not page.view.transcript.problem.isHidden())
    assert page.view.composer.text == "What is this?"
    assert len(page.view.composer.pictures) == 1


def test_what_is_no_picture_is_refused_in_a_notice_and_the_text_stays(
    page: ChatPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Exception] = []
    monkeypatch.setattr(page.notices, "error", told.append)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    page.type("Half a thought")
    page.view.composer.pictures_dropped.emit([bad])
    page.until(lambda: bool(told))
    assert "none that Hanare knows" in str(told[0])
    assert page.view.composer.text == "Half a thought"


def test_unsent_pictures_stay_with_their_chat(page: ChatPage, seeing: Model, plum: Path) -> None:
    page.say("hello")
    attach(page, plum)
    page.view.new_requested.emit()
    assert not page.view.composer.pictures
    page.view.chat_chosen.emit(page.engine.chats.all()[0].id)
    assert len(page.view.composer.pictures) == 1
