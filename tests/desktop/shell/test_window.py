"""The window: pages on demand, keys, what it remembers, the status bar, what a screen reader hears."""

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.dialogs.shortcuts import ShortcutsDialog
from desktop.jobs import Jobs
from desktop.notices import Notice
from desktop.remember import Remembered
from desktop.widgets.status_bar import KEY_PLACES, StatusBar
from desktop.widgets.wall_words import badge_words
from desktop.window import PAGES, Window
from engine.engine import Cancel, Engine, Operation
from engine.events import Progressed
from tests.fakes import tiny_gguf


def test_only_the_page_on_show_has_been_built(window: Window) -> None:
    assert [name for name in PAGES if window.built(name)] == ["chat"]
    window.show_page("models")
    assert [name for name in PAGES if window.built(name)] == ["chat", "models"]


@pytest.mark.parametrize("number", range(1, len(PAGES) + 1))
def test_control_and_a_digit_open_a_page(window: Window, number: int) -> None:
    press(window, f"Ctrl+{number}")
    assert window.page == list(PAGES)[number - 1]


def test_control_comma_opens_the_settings(window: Window) -> None:
    press(window, "Ctrl+,")
    assert window.page == "settings"


def test_control_k_puts_the_keyboard_into_the_search_for_documents(window: Window) -> None:
    press(window, "Ctrl+K")
    assert window.page == "documents"


def test_control_n_goes_to_a_new_chat_from_any_page(window: Window) -> None:
    window.show_page("settings")
    press(window, "Ctrl+N")
    assert window.page == "chat"


def test_every_key_of_the_window_is_in_the_list_of_shortcuts(window: Window, qtbot: QtBot) -> None:
    keys = {shortcut.key().toString(shortcut.key().SequenceFormat.NativeText) for shortcut in shortcuts(window)}
    assert keys == {shortcut.keys for shortcut in window.shortcuts}
    dialog = ShortcutsDialog(window.shortcuts, window)
    qtbot.addWidget(dialog)
    assert dialog.keys["Everywhere"] == keys


def test_every_key_of_a_page_is_in_the_list_of_shortcuts(window: Window, qtbot: QtBot) -> None:
    dialog = ShortcutsDialog(window.shortcuts, window)
    qtbot.addWidget(dialog)
    listed = {name: keys | dialog.keys["Everywhere"] for name, keys in dialog.keys.items()}
    for name, title in (("chat", "Chat"), ("documents", "Documents"), ("compare", "Compare")):
        window.show_page(name)
        view = window.built(name)
        assert view is not None
        keys = {shortcut.key().toString() for shortcut in view.findChildren(QShortcut)}
        assert keys <= listed[title]


def test_the_window_opens_again_where_and_on_the_page_it_was_left(window: Window, engine: Engine, jobs: Jobs) -> None:
    window.show_page("settings")
    window.resize(880, 640)
    window.close()
    remembered = Remembered(engine.places.data)
    assert remembered.page == "settings"
    again = Window(engine, jobs, remembered)
    assert again.page == "settings"
    assert (again.width(), again.height()) == (880, 640)
    again.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_what_the_window_remembers_lies_in_the_data_folder_and_is_only_geometry_and_page(
    window: Window, engine: Engine
) -> None:
    window.close()
    text = (engine.places.data / "window.ini").read_text(encoding="utf-8")
    assert [line.split("=")[0] for line in text.splitlines() if "=" in line] == ["geometry", "page"]


def test_a_page_that_no_longer_exists_is_not_opened(engine: Engine, jobs: Jobs) -> None:
    Remembered(engine.places.data).keep(QByteArray(), "a page of long ago")
    window = Window(engine, jobs, Remembered(engine.places.data))
    assert window.page == "chat"
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_the_status_bar_says_plainly_where_the_key_is(window: Window, engine: Engine) -> None:
    assert engine.key_kept_in == "file"
    assert window.status.key.text() == "Encrypted · key in a file on this computer"


def test_a_click_on_where_the_key_is_explains_it(qtbot: QtBot, jobs: Jobs) -> None:
    bar = StatusBar(jobs)
    qtbot.addWidget(bar)
    bar.show_key_place("file")
    with qtbot.waitSignal(bar.explain_requested) as told:
        bar.key.click()
    assert told.args == list(KEY_PLACES["file"])


def test_the_badge_shows_what_is_measured_and_leads_to_the_proof(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.status.offline.text() != "Not measured yet")
    assert window.status.offline.text() == badge_words(window._engine.walls())[0]
    window.status.offline.click()
    assert window.page == "privacy"


def count_files(cancel: Cancel) -> Operation[None]:
    """Work that reports and then waits to be stopped."""
    yield Progressed(done=3, total=12, unit="files", per_s=2.0, left_s=4.5)
    cancel.wait(60)
    cancel.check()


def test_work_with_a_title_is_shown_in_the_status_bar_until_stopped(window: Window, jobs: Jobs, qtbot: QtBot) -> None:
    assert not window.status.stop.isVisible()
    jobs.start(count_files, title="Reading documents")
    qtbot.waitUntil(lambda: "3 of 12 files" in window.status.work.text())
    assert window.status.work.text() == "Reading documents · 3 of 12 files · 2 per second · 4 s left"
    window.show_page("settings")
    assert window.status.stop.isVisible()
    window.status.stop.click()
    qtbot.waitUntil(lambda: not window.status.stop.isVisible())
    qtbot.waitUntil(lambda: not jobs.busy)  # what the page asks at its opening has no title


def test_several_works_are_counted(window: Window, jobs: Jobs, qtbot: QtBot) -> None:
    running = [jobs.start(count_files, title=f"Work {number}") for number in range(3)]
    qtbot.waitUntil(lambda: "2 more" in window.status.work.text())
    for job in running:
        job.stop()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert not window.status.work.isVisible()


@pytest.mark.parametrize("name", PAGES)
def test_every_control_of_a_page_has_a_name_for_a_screen_reader(window: Window, name: str) -> None:
    window.show_page(name)
    page = window.built(name)
    assert page is not None
    assert [str(control) for control in controls(page) if not spoken(control)] == []
    assert page.accessibleName()


@pytest.mark.parametrize("name", PAGES)
def test_every_button_of_a_page_can_be_reached_with_the_keyboard(window: Window, name: str) -> None:
    window.show_page(name)
    page = window.built(name)
    assert page is not None
    buttons = [button for button in page.findChildren(QAbstractButton) if button.isVisible() and button.isEnabled()]
    unreachable = [spoken(button) for button in buttons if not button.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert [words for words in unreachable if words] == []


def test_the_rail_can_be_walked_and_pressed_with_the_keyboard(window: Window, qtbot: QtBot) -> None:
    button = window._rail.button(3)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.page == "models"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_comes_to_the_front_has_the_keyboard(window: Window, name: str) -> None:
    for other in PAGES:
        window.show_page(other)
    window.show_page(name)
    assert window.built(name).isAncestorOf(window.focusWidget())


def test_enter_presses_the_button_that_has_the_keyboard(window: Window) -> None:
    button = window._rail.button(3)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    assert window.page == "models"


def test_no_notice_covers_where_a_message_is_written(window: Window, qtbot: QtBot) -> None:
    window.show_page("chat")
    window.notices.toast("“Tea” was moved to the trash.", "Undo", lambda: None)
    notice, composer = window.findChild(Notice), window.built("chat").composer

    def free() -> bool:
        top = composer.mapTo(window, composer.rect().topLeft()).y()
        return bool(notice.geometry().bottom() < top < window.height() - composer.height())

    qtbot.waitUntil(free)
    composer.write("\n".join("a longer message" for _ in range(6)))
    qtbot.waitUntil(free)
    window.show_page("documents")
    assert notice.geometry().bottom() > composer.mapTo(window, composer.rect().topLeft()).y()


@pytest.mark.parametrize("page", ["chat", "documents", "compare"])
def test_the_way_to_a_bigger_model_leads_to_those_for_chats(guide: Path, window: Window, page: str) -> None:
    window.show_page(page)
    window.built(page).bigger_requested.emit()
    assert window.page == "models"
    finder = window.built("models").finder
    assert finder.isVisible()
    assert finder.recommended.purposes.checkedButton().text() == "Chat"


def test_the_window_is_as_small_as_promised(window: Window) -> None:
    assert window.minimumWidth() <= 880
    assert window.minimumHeight() <= 600
    for name in PAGES:
        window.show_page(name)
    window.resize(880, 600)
    assert (window.width(), window.height()) == (880, 600)


def press(window: Window, keys: str) -> None:
    """Set off the shortcut; the offscreen platform gives no window the keyboard to type with."""
    for shortcut in shortcuts(window):
        if shortcut.key().toString() == keys:
            shortcut.activated.emit()
            return
    raise AssertionError(keys)


def shortcuts(window: Window) -> list[QShortcut]:
    """The window's own, not its pages'."""
    return window.findChildren(QShortcut, options=Qt.FindChildOption.FindDirectChildrenOnly)


def controls(page: QWidget) -> list[QWidget]:
    """Everything a person can act on."""
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView)
    found = [widget for kind in kinds for widget in page.findChildren(kind)]
    return [widget for widget in found if not widget.objectName().startswith("qt_") and not inner(widget)]


def inner(widget: QWidget) -> bool:
    """Parts that Qt makes inside its own controls."""
    parent = widget.parentWidget()
    made_by_qt = ("QComboBoxPrivateContainer", "QSpinBox", "QDoubleSpinBox", "QComboBox", "QLineEdit")
    return parent is not None and any(parent.inherits(kind) for kind in made_by_qt)


def spoken(widget: QWidget) -> str:
    """What a screen reader says of a control."""
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return widget.accessibleName() or text


def test_the_stages_of_the_guide_are_compared_on_the_compare_page(guide: Path, window: Window, qtbot: QtBot) -> None:
    for end in ("03", "01"):
        tiny_gguf.write(guide.with_name(f"{guide.stem}-after-{end}.gguf"))
    window.show_page("models")
    models = window.built("models")
    models.finder.back.click()
    models.details.stages.click()
    qtbot.waitUntil(lambda: window.page == "compare", timeout=20_000)
    compare = window.built("compare")
    names = [column.picker.button.text() for column in compare.columns]
    assert names == ["Built-in guide after 1 epoch", "Built-in guide"]
    assert [column.picker.bigger.isHidden() for column in compare.columns] == [True, False]
    assert len(compare.columns[0].picker.offered) == 3
    assert compare.composer.text == "What stays private?"
