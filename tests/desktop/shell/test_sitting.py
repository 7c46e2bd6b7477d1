"""The lock covers, closes and forgets everything; unlocking goes on where it was. The start of a locked store."""

import gc
import json
import sys
import weakref
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.dialogs.shortcuts import ShortcutsDialog
from desktop.pages.chat.view import ChatView
from desktop.sitting import Sitting
from desktop.window import Window
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Locked
from engine.types import MessageState
from engine.ways import Unlock, WayIn
from tests.desktop.shell.conftest import FAKE, PASSPHRASE, Seat
from tests.fakes.keychain_worker import Ring

SECRET = "the words that must be gone"


def press_lock(window: QWidget) -> None:
    """Press Ctrl+Shift+L."""
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_L, both)


def test_the_key_covers_the_window_at_once_and_closes_everything_behind_it(seat: Seat) -> None:
    window = seat.begin()
    window.activateWindow()
    seat.until(window.isActiveWindow)
    press_lock(window)
    assert seat.sitting.screen is not None
    assert seat.sitting.screen.isVisible()
    assert not window.isVisible()
    seat.until(lambda: seat.sitting.engine is None)
    assert [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()] == [seat.sitting.screen]
    assert not seat.is_free()


def test_the_key_is_in_the_list_of_shortcuts(seat: Seat, qtbot: QtBot) -> None:
    window = seat.begin()
    keys = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    assert "Ctrl+Shift+L" in keys
    dialog = ShortcutsDialog(window.shortcuts, window)
    assert "Ctrl+Shift+L" in dialog.keys["Everywhere"]
    dialog.deleteLater()


def test_no_page_no_text_and_no_engine_is_left_in_the_program(seat: Seat) -> None:
    window = seat.begin()
    chat = seat.engine.chats.new()
    seat.engine.chats.rename(chat.id, SECRET)
    window.show_page("documents")
    window.show_page("chat")
    seat.chat.composer.write(SECRET)
    gone = [weakref.ref(each) for each in (window, seat.engine, seat.engine.chats, seat.engine.keys, seat.chat)]
    del window, chat
    seat.lock()
    gc.collect()
    assert [each() for each in gone if each() is not None] == []
    assert not [widget for widget in QApplication.allWidgets() if isinstance(widget, ChatView | Window)]
    assert SECRET.encode() not in seat.sitting._sealed
    left = [each for each in gc.get_objects() if issubclass(type(each), dict | list) and _holds(each)]
    assert left == []


def _holds(container: "dict[object, object] | list[object]") -> bool:
    # as they are: kinds of dict that other libraries made load things when they are asked
    values = list(dict.values(container)) if isinstance(container, dict) else list.__iter__(container)
    return any(type(each) is str and each == SECRET and each is not SECRET for each in values)


def test_unlocking_goes_on_with_the_page_the_chat_and_what_was_not_sent(seat: Seat) -> None:
    window = seat.begin()
    for title in ("one", "two", "three"):
        seat.engine.chats.rename(seat.engine.chats.new().id, title)
    two = seat.engine.chats.all()[1]
    seat.chat.chat_chosen.emit(two.id)
    seat.chat.composer.write("離れ, half written")
    window.show_page("compare")
    window.built("compare").composer.write("not run yet")
    window.show_page("models")
    del window
    seat.lock()
    seat.unlock()
    assert seat.window.page == "models"
    assert seat.chat._chat is not None
    assert seat.chat._chat.id == two.id
    assert seat.chat.composer.text == "離れ, half written"
    assert seat.window.built("compare").composer.text == "not run yet"
    assert seat.sitting.screen is None


def test_a_temporary_chat_ends_with_the_lock(seat: Seat) -> None:
    seat.begin()
    seat.chat.temporary_requested.emit()
    assert seat.chat._chat is not None
    assert seat.chat._chat.id < 0
    seat.chat.composer.write(SECRET)
    seat.lock()
    seat.unlock()
    assert seat.chat._chat is None
    assert seat.chat.composer.text == ""
    assert seat.window.notices.shown == ()


def test_a_wrong_passphrase_is_told_and_opens_nothing(seat: Seat) -> None:
    seat.begin()
    seat.lock()
    screen = seat.sitting.screen
    assert screen is not None
    seat.type("eight loud ducks")
    seat.until(screen.problem.isVisible)
    assert "That is not the passphrase" in screen.problem.text()
    assert screen.passphrase.hasSelectedText()
    assert seat.sitting.window is None
    assert not seat.is_free()
    seat.unlock()


def test_an_answer_that_is_being_written_is_kept_as_far_as_it_came(seat: Seat) -> None:
    seat.begin()
    seat.chat.composer.write("!slow")
    seat.chat.composer.button.click()
    seat.until(lambda: any(card.message.role == "assistant" and card.body.text for card in seat.chat.transcript.cards))
    processes = seat.engine.runtime.loaded()
    assert processes
    seat.lock()
    seat.unlock()
    (chat,) = seat.engine.chats.all()
    answer = seat.engine.chats.messages(chat.id)[-1]
    assert answer.state is MessageState.STOPPED
    assert answer.text.startswith("tick")
    assert not seat.engine.runtime.loaded()


def test_a_lock_while_a_dialog_is_open_closes_the_dialog_first(seat: Seat) -> None:
    window = seat.begin()
    answers: list[bool] = []
    QTimer.singleShot(0, seat.sitting.lock)
    answers.append(window.notices.ask("Delete it?", "All of it.", "Delete", "Keep"))
    assert answers == [False]
    del window
    seat.until(lambda: seat.sitting.engine is None)
    seat.unlock()


def test_where_the_key_lies_in_a_file_a_lock_is_refused_and_says_why(seat: Seat) -> None:
    window = seat.begin(passphrase="")
    seat.sitting.lock()
    assert seat.sitting.screen is None
    assert window.isVisible()
    assert "cannot be locked" in window.notices.shown[-1]


def test_with_a_passphrase_the_keychain_does_not_undo_a_lock(seat: Seat) -> None:
    seat.begin(keychain=True)
    seat.lock()
    assert seat.sitting.screen is not None
    assert not seat.sitting.screen.keychain.isVisible()
    assert seat.sitting.screen.passphrase.isVisible()


def test_with_the_keychain_alone_one_click_unlocks_and_the_screen_says_how_weak_that_is(seat: Seat) -> None:
    seat.begin(keychain=True, passphrase="")
    seat.lock()
    screen = seat.sitting.screen
    assert screen is not None
    assert not screen.passphrase.isVisible()
    assert "weaker way" in " ".join(label.text() for label in screen.findChildren(type(screen.why)))
    screen.keychain.click()
    seat.until(lambda: seat.sitting.window is not None)


@pytest.mark.skipif(sys.platform != "linux", reason="only there are walls that need it")
def test_behind_the_walls_a_process_asks_the_keychain_that_alone_unlocks(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.privacy.seal._kind", "app")  # as where the walls are shut behind the window
    monkeypatch.setattr("engine.runtime.keychain_at_hand.MODULE", "tests.fakes.keychain_worker")
    seat.begin(keychain=True, passphrase="")
    seat.sitting._unlocking = partial(Engine.unlocking, model_process=FAKE)
    with Ring(seat.places.data, lambda: seat.find) as ring:
        seat.ring.failing = OSError("the person said no")
        seat.lock()
        screen = seat.sitting.screen
        assert screen is not None
        screen.keychain.click()
        seat.until(screen.problem.isVisible)
        assert "ring refused" in screen.problem.text()
        seat.ring.failing = None
        screen.keychain.click()
        seat.until(lambda: seat.sitting.window is not None)
        assert ring.asked == ["find", "get_password"] * 2
    assert [walls.kind for walls in seat.engine.walls() if walls.ended] == ["keychain"]


def test_so_many_minutes_without_anybody_lock_it(seat: Seat) -> None:
    window = seat.begin()
    seat.engine.change_settings(lock_after_minutes=5, lock_after_sleep=False)
    seat.sitting._jobs.changed.emit("settings")
    seat.clock.pass_s(290)
    seat.sitting.watch.tick()
    handle = window.windowHandle()
    QApplication.instance().focusWindowChanged.emit(handle)
    QTest.keyClick(handle, Qt.Key.Key_Shift)  # somebody is there after all
    seat.clock.pass_s(20)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is None
    seat.clock.pass_s(290)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is not None


def test_by_default_nobody_is_missed(seat: Seat) -> None:
    seat.begin()
    for _ in range(1000):
        seat.clock.pass_s(20)
        seat.sitting.watch.tick()
    assert seat.sitting.screen is None


@pytest.mark.parametrize(("awake_s", "asleep_s"), [(1.0, 3600.0), (3600.0, 0.0)])
def test_a_computer_that_slept_wakes_to_a_locked_window(seat: Seat, awake_s: float, asleep_s: float) -> None:
    seat.begin()
    seat.clock.pass_s(awake_s, asleep_s)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is not None


def test_with_the_keychain_alone_sleep_locks_too(seat: Seat) -> None:
    seat.begin(keychain=True, passphrase="")
    seat.clock.pass_s(1.0, 3600.0)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is not None


def test_where_no_lock_is_possible_or_it_was_not_wished_sleep_locks_nothing(seat: Seat) -> None:
    seat.begin(passphrase="")
    seat.clock.pass_s(1.0, 3600.0)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is None
    finish(seat.engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    seat.engine.change_settings(lock_after_sleep=False)
    seat.clock.pass_s(1.0, 3600.0)
    seat.sitting.watch.tick()
    assert seat.sitting.screen is None


def test_a_store_that_does_not_open_by_itself_asks_and_opens(seat: Seat) -> None:
    with Engine.open(seat.places) as engine:
        engine.chats.rename(engine.chats.new().id, "still there")
        finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
        code = engine.keys.new_recovery_code()
        engine.keys.keep_recovery_code(code)
    with pytest.raises(Locked) as locked:
        Engine.open(seat.places)
    seat.sitting.ask(locked.value)
    screen = seat.sitting.screen
    assert screen is not None
    assert "passphrase" in screen.why.text()
    screen.other.click()
    seat.qtbot.keyClicks(screen.code, code.lower())
    seat.qtbot.keyClick(screen.code, Qt.Key.Key_Return)
    seat.until(lambda: seat.sitting.window is not None)
    assert [chat.title for chat in seat.engine.chats.all()] == ["still there"]
    assert "forgot the passphrase" in seat.window.notices.shown[-1]


def test_a_start_whose_only_way_is_the_keychain_offers_a_second_one(seat: Seat) -> None:
    window = seat.begin(keychain=True, passphrase="")
    assert "recovery code" in window.notices.shown[-1]


def test_what_waits_for_the_unlocking_is_what_json_knows(seat: Seat) -> None:
    window = seat.begin()
    assert json.loads(json.dumps(window.kept_state())) == window.kept_state()


def test_a_keychain_that_lost_the_key_is_given_it_again_by_whoever_unlocks(seat: Seat) -> None:
    seat.begin(keychain=True)
    seat.sitting.end()
    seat.ring.kept.clear()
    seat.sitting = Sitting(seat.places, unlocking=partial(Engine.unlocking, model_process=FAKE, find=seat.find))
    with pytest.raises(Locked) as locked:
        Engine.open(seat.places, find=seat.find)
    seat.sitting.ask(locked.value)
    seat.unlock()
    seat.sitting.end()
    with Engine.open(seat.places, find=seat.find) as engine:
        assert engine.keys.ways.opened_by is WayIn.KEYCHAIN


def test_an_offer_says_nothing_of_itself() -> None:
    assert "geese" not in repr(Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE))


def test_the_program_started_on_a_locked_store_shows_the_screen_and_ends_when_it_is_closed(
    tmp_path: Path, qtbot: QtBot
) -> None:
    from desktop import app
    from desktop.dialogs.unlock import UnlockScreen

    places = Places(tmp_path / "data")
    with Engine.open(places) as engine:
        finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    seen: list[str] = []

    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, UnlockScreen) and widget.isVisible():
                seen.append(widget.why.text())
                widget.close()

    timer = QTimer(interval=50)
    timer.timeout.connect(close)
    timer.start()
    assert app.main(["--data", str(places.data)]) == 0
    assert "passphrase" in seen[0]
