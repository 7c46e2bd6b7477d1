"""A damaged store is mended from where it is told: at the start, and on the unlock screen."""

import shutil
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop import app
from desktop.dialogs.parting import PartingDialog
from desktop.dialogs.start_failed import StartFailed
from desktop.sitting import Sitting
from desktop.widgets.backup_key import BackupKeyQuestion
from desktop.window import Window
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Locked
from tests.desktop.shell.conftest import PASSPHRASE, Seat


def damage(places: Places) -> None:
    places.store.write_bytes(bytes(places.store.stat().st_size))


def fill(engine: Engine) -> None:
    """A chat, and a backup of it."""
    engine.chats.rename(engine.chats.new().id, "still there")
    finish(engine.backups.make(Cancel()))


def step(seen: list[str]) -> None:
    """What a person does next to what is on the screen."""
    for widget in QApplication.topLevelWidgets():
        if not widget.isVisible():
            continue
        if isinstance(widget, StartFailed):
            seen.append(widget.mend.text())
            widget.mend.click()
        elif isinstance(widget, PartingDialog) and widget.done_button.isEnabled():
            seen.append(widget.words.text())
            widget.done_button.click()
        elif isinstance(widget, Window):
            seen.append("window")
            if seen.count("window") > 1:  # it stays: the end of a dialog before it is not the end of the program
                widget.close()


def test_at_the_start_a_damaged_store_is_mended_and_the_window_opens(places: Places, qtbot: QtBot) -> None:
    with Engine.open(places) as engine:
        fill(engine)
    damage(places)
    seen: list[str] = []
    timer = QTimer(interval=50)
    timer.timeout.connect(partial(step, seen))
    timer.start()
    assert app.main(["--data", str(places.data)]) == 0
    timer.stop()
    assert seen[0].startswith("Mend with the backup of")
    assert "chats: 1" in seen[1]
    assert seen[2:] == ["window", "window"]
    with Engine.open(places) as engine:
        assert [chat.title for chat in engine.chats.all()] == ["still there"]


def test_where_there_is_no_backup_none_is_offered(places: Places, qtbot: QtBot) -> None:
    Engine.open(places).close()
    damage(places)
    offered: list[bool] = []

    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, StartFailed) and widget.isVisible():
                offered.append(hasattr(widget, "mend"))
                widget.reject()

    timer = QTimer(interval=50)
    timer.timeout.connect(close)
    timer.start()
    assert app.main(["--data", str(places.data)]) == 1
    timer.stop()
    assert offered == [False]


@pytest.mark.parametrize("after_a_lock", [True, False])
def test_on_the_unlock_screen_it_is_mended_with_what_was_typed(
    seat: Seat, monkeypatch: pytest.MonkeyPatch, *, after_a_lock: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr("desktop.notices.Notices.explain", lambda _, title, text: told.append(f"{title} {text}"))
    if after_a_lock:
        seat.begin()
        fill(seat.engine)
        seat.lock()
    else:
        with Engine.open(seat.places) as engine:
            finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
            fill(engine)
        with pytest.raises(Locked) as locked:
            Engine.open(seat.places)
        seat.sitting.ask(locked.value)
    damage(seat.places)
    screen = seat.sitting.screen
    assert screen is not None
    assert not screen.mend.isVisible()
    seat.type(PASSPHRASE)
    seat.until(screen.mend.isVisible)
    assert "could not be opened" in screen.problem.text()
    screen.mend.click()
    seat.until(lambda: seat.sitting.window is not None)
    assert [chat.title for chat in seat.engine.chats.all()] == ["still there"]
    seat.until(lambda: bool(told))
    assert told[0].startswith("Your data were mended")
    assert not seat.is_free()


def test_a_sitting_remembers_no_passphrase_once_the_window_is_open(seat: Seat) -> None:
    seat.begin()
    seat.lock()
    seat.unlock()
    assert isinstance(seat.sitting, Sitting)
    assert seat.sitting._offered is None


THEIRS = "four loud herons"


@pytest.fixture
def foreign(places: Places, tmp_path: Path) -> Path:
    """A backup of another folder, with a passphrase of its own, among those of this one, which has none newer."""
    with Engine.open(Places(tmp_path / "there")) as there:
        finish(there.keys.set_passphrase(THEIRS, Cancel()))
        fill(there)
        (backup,) = there.backups.all()
    return Path(shutil.copytree(backup.path, places.backups / backup.name))


def answer(question: BackupKeyQuestion, text: str) -> None:
    question.fields.passphrase.setText(text)
    question.go.click()


def test_at_the_start_a_backup_with_a_key_of_its_own_is_asked_for_its_words(
    places: Places, foreign: Path, qtbot: QtBot
) -> None:
    Engine.open(places).close()
    damage(places)
    seen: list[str] = []
    answers = ["four loud horns", THEIRS]

    def look() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, BackupKeyQuestion) and widget.isVisible():
                answer(widget, answers.pop(0))
                return
        step(seen)

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    assert app.main(["--data", str(places.data)]) == 0
    timer.stop()
    assert not answers
    with Engine.open(places) as engine:
        assert [chat.title for chat in engine.chats.all()] == ["still there"]


def test_on_the_unlock_screen_a_backup_with_a_key_of_its_own_is_asked_for_its_words(
    seat: Seat, foreign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("desktop.notices.Notices.explain", lambda _, title, text: told.append(f"{title} {text}"))
    seat.begin()
    seat.lock()
    damage(seat.places)
    screen = seat.sitting.screen
    assert screen is not None
    seat.type(PASSPHRASE)
    seat.until(screen.mend.isVisible)
    answers = [None, "four loud horns", THEIRS]

    def look() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, BackupKeyQuestion) and widget.isVisible():
                text = answers.pop(0)
                answer(widget, text) if text else widget.reject()

    timer = QTimer(interval=50)
    timer.timeout.connect(look)
    timer.start()
    screen.mend.click()
    seat.until(lambda: len(answers) == 2 and screen.mend.isEnabled())
    assert seat.sitting.window is None
    screen.mend.click()
    seat.until(lambda: seat.sitting.window is not None)
    timer.stop()
    assert [chat.title for chat in seat.engine.chats.all()] == ["still there"]
    seat.until(lambda: bool(told))
    assert seat.sitting._backup_key is None
