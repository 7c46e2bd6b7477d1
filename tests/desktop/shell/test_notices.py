"""What Hanare says when something went wrong, or has been done."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMainWindow, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from desktop.dialogs.start_failed import StartFailed
from desktop.error_text import error_text
from desktop.notices import MOST_AT_ONCE, Notice, Notices
from desktop.theme import RESOURCES, theme
from desktop.words import choose
from engine.errors import KINDS, Cancelled, DiskFull, EngineError, KeyMissing, NotEnoughMemory

FACTS = {"seconds": 3.0, "need_gib": 5.3, "free_gib": 2.25, "tokens": 9000, "context_tokens": 4096, "times": 3,
         "found": 9, "known": 3, "wait_s": 8.0, "need_mb": 812.0, "free_mb": 95.0,
         "need_bytes": 812_000_000}  # fmt: skip


def an_error(kind: type[EngineError]) -> EngineError:
    """An error of this kind with every fact its sentence names."""

    class Facts(dict[str, object]):
        def __missing__(self, name: str) -> object:
            return FACTS.get(name, f"the {name}")

    asked: set[str] = set()

    class Asking(Facts):
        def __getitem__(self, name: str) -> object:
            asked.add(name)
            return self.__missing__(name)

    kind.sentence.format_map(Asking())
    return kind(**{name: Facts()[name] for name in asked})


@pytest.fixture
def room(qtbot: QtBot) -> QMainWindow:
    """A window to speak up in."""
    theme().choose("light")
    made = QMainWindow()
    made.resize(900, 700)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.mark.parametrize("code", KINDS)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_error_is_told_with_a_title_what_happened_and_what_to_do(language: str, code: str) -> None:
    choose(language, RESOURCES / "translations")
    error = an_error(KINDS[code])
    words = error_text(error)
    assert words.title
    assert words.sentence.endswith((".", "。"))
    assert words.advice.endswith((".", "。"))
    assert "{" not in words.title + words.sentence + words.advice
    if language == "en":
        assert words.sentence == str(error)


def test_an_error_stays_until_it_is_closed(room: QMainWindow, qtbot: QtBot) -> None:
    notices = Notices(room)
    notices.error(NotEnoughMemory(model="big", need_gib=5.3, free_gib=2.25, context_tokens=4096))
    assert len(notices.shown) == 1
    assert "big needs about 5.3 GiB" in notices.shown[0]
    notice = room.findChild(Notice)
    close = notice.findChild(QToolButton)
    assert close.accessibleName() == "Close"
    close.click()
    assert notices.shown == ()


def test_stopping_is_never_shown_as_an_error(room: QMainWindow) -> None:
    notices = Notices(room)
    notices.error(Cancelled())
    assert notices.shown == ()


def test_the_same_trouble_twice_is_one_notice(room: QMainWindow) -> None:
    notices = Notices(room)
    notices.error(DiskFull(where="/here"))
    notices.error(DiskFull(where="/here"))
    assert len(notices.shown) == 1


def test_no_more_notices_are_shown_than_can_be_read(room: QMainWindow) -> None:
    notices = Notices(room)
    for number in range(MOST_AT_ONCE + 2):
        notices.toast(f"Number {number}")
    assert notices.shown == ("Number 2", "Number 3", "Number 4")


def test_undo_does_its_work_once_and_the_notice_goes(room: QMainWindow) -> None:
    undone: list[bool] = []
    notices = Notices(room)
    notices.toast("Chat deleted.", "Undo", lambda: undone.append(True))
    room.findChild(Notice).findChild(QPushButton).click()
    assert undone == [True]
    assert notices.shown == ()


def test_a_notice_does_not_go_while_the_keyboard_is_on_it(room: QMainWindow) -> None:
    notices = Notices(room)
    notices.toast("Chat deleted.", "Undo", lambda: None)
    notice = room.findChild(Notice)
    room.activateWindow()
    notice.findChild(QPushButton).setFocus()
    notice._leave.timeout.emit()
    assert notices.shown == ("Chat deleted.",)
    notice.findChild(QPushButton).clearFocus()
    notice.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)  # offscreen the mouse rests where it is
    notice._leave.timeout.emit()
    assert notices.shown == ()


def test_a_notice_stays_within_the_window(room: QMainWindow) -> None:
    notices = Notices(room)
    notices.error(
        NotEnoughMemory(model="a model with a very long name " * 6, need_gib=5.3, free_gib=2.25, context_tokens=4096)
    )
    room.resize(880, 600)
    notice = room.findChild(Notice)
    assert room.rect().contains(notice.geometry())
    labels = notice.findChildren(QLabel)
    assert all(label.height() >= label.heightForWidth(label.width()) for label in labels if label.wordWrap())


def test_a_text_with_markup_is_shown_as_it_is(room: QMainWindow) -> None:
    notices = Notices(room)
    notices.toast("<img src='//evil.example/x.png'>")
    label = next(label for label in room.findChild(Notice).findChildren(QLabel) if label.text())
    assert label.textFormat() == Qt.TextFormat.PlainText


def test_a_mistake_of_ours_is_told_by_kind_and_place_without_its_text() -> None:
    try:
        raise ValueError("the person's secret")
    except ValueError as error:
        words = error_text(error)
    assert "ValueError, test_notices.py line" in words.sentence
    assert "secret" not in words.title + words.sentence + words.advice


@pytest.mark.parametrize(("pressed", "answer"), [("yes", True), ("no", False)])
def test_a_question_is_answered_by_its_buttons(room: QMainWindow, pressed: str, answer: bool) -> None:
    QTimer.singleShot(0, lambda: getattr(QApplication.activeModalWidget(), pressed).click())
    assert Notices(room).ask("Delete?", "It goes.", "Delete", "Keep", danger=True) is answer


def test_a_dangerous_question_is_not_agreed_to_by_the_enter_key(room: QMainWindow) -> None:
    seen: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        seen.extend(button.text() for button in dialog.findChildren(QPushButton) if button.isDefault())
        dialog.reject()

    QTimer.singleShot(0, look)
    assert not Notices(room).ask("Delete?", "It goes.", "Delete", "Keep", danger=True)
    assert seen == ["Keep"]


def test_a_start_that_failed_says_what_is_untouched_and_where_it_lies(qtbot: QtBot) -> None:
    dialog = StartFailed(KeyMissing(store="hanare.db", why="the keychain is locked"), Path("/data/hanare"))
    qtbot.addWidget(dialog)
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "The key is missing" in said
    assert "untouched and still encrypted" in said
    assert "the keychain is locked" in said
    assert str(Path("/data/hanare")) in said
