"""Everything on the chat page can be done without a mouse."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from tests.desktop.chat.conftest import ChatPage


def tab_until(page: ChatPage, wanted: QWidget, *, back: bool = False) -> None:
    """Press Tab until `wanted` has the focus."""
    key = Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab
    for _ in range(80):
        if wanted.hasFocus():
            return
        focused = QApplication.focusWidget()
        assert focused is not None
        page.press(key, focused)
    raise AssertionError(f"{wanted.accessibleName() or wanted} cannot be reached with Tab")


def test_a_whole_conversation_needs_no_mouse(page: ChatPage) -> None:
    page.window.activateWindow()
    page.view.came_on_show()
    assert page.view.composer.box.hasFocus()
    page.qtbot.keyClicks(page.view.composer.box, "hello there")
    page.press(Qt.Key.Key_Return)
    page.until(lambda: not page.busy)
    answer = page.answer
    tab_until(page, answer.buttons.change, back=True)
    page.press(Qt.Key.Key_Space, answer.buttons.change)
    page.until(lambda: not page.busy and page.answer.message.version == 2)
    tab_until(page, page.answer.buttons.before)
    page.press(Qt.Key.Key_Space, page.answer.buttons.before)
    assert page.answer.message.version == 1
    tab_until(page, page.view.panel.list)
    tab_until(page, page.view.picker.button)
    tab_until(page, page.view.composer.box)


def test_the_chat_on_show_is_renamed_while_one_writes_in_it(page: ChatPage) -> None:
    page.say("about tea")
    page.window.activateWindow()
    page.view.composer.box.setFocus()
    page.press(Qt.Key.Key_F2)
    assert page.view.panel.list.viewport().findChild(QLineEdit) is not None


def test_from_the_search_for_chats_down_leads_into_them(page: ChatPage) -> None:
    page.say("about tea")
    page.window.activateWindow()
    page.view.panel.search.setFocus()
    page.press(Qt.Key.Key_Down, page.view.panel.search)
    assert page.view.panel.list.hasFocus()


def test_an_action_that_is_hidden_shows_when_the_keyboard_comes_near(page: ChatPage) -> None:
    page.say("one")
    page.say("two")
    first = page.cards[0]
    page.window.activateWindow()
    assert first.buttons.change.isHidden()
    first.setFocus(Qt.FocusReason.TabFocusReason)
    assert not first.buttons.change.isHidden()
    page.view.composer.box.setFocus()
    assert first.buttons.change.isHidden()


def test_the_last_answer_is_copied_and_written_again_by_key(page: ChatPage) -> None:
    page.say("copy me")
    page.view._copy_last()
    assert QGuiApplication.clipboard().text() == "copy me"
    page.view._regenerate_last()
    page.until(lambda: not page.busy and page.answer.message.versions == 2)


def test_every_button_has_a_name_for_a_screen_reader(page: ChatPage) -> None:
    page.say("hello ```x```\n\n```\ncode\n```")
    nameless = [
        button
        for button in page.view.findChildren(QAbstractButton)
        if not (button.text() or button.accessibleName() or button.toolTip())
        and button.isVisibleTo(page.view)
        and button.objectName() not in ("qt_edit_menu",)
        and not button.parent().inherits("QLineEdit")
    ]
    assert nameless == []
