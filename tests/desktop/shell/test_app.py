"""Starting and ending: one window per data folder, failures told in words, mistakes logged without text."""

import logging
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer, QtMsgType
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from desktop import app
from desktop.dialogs.start_failed import StartFailed
from desktop.window import Window
from engine.engine import Engine, Places

ROOT = Path(__file__).resolve().parents[3]


def start(data: Path) -> subprocess.Popen[str]:
    """A second start of the program, as the person would make it."""
    return subprocess.Popen(
        [sys.executable, "-m", "desktop", "--data", str(data)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def test_a_second_start_brings_the_first_window_to_the_front_and_ends(
    window: Window, engine: Engine, qtbot: QtBot
) -> None:
    listening = app.SecondStart(engine.places, window)
    window.showMinimized()
    second = start(engine.places.data)
    qtbot.waitUntil(lambda: second.poll() is not None, timeout=60_000)
    _, said = second.communicate()
    assert second.returncode == 0
    assert "already open; its window was brought to the front" in said
    assert not window.isMinimized()
    assert not app.raise_file(engine.places).exists()
    listening.stop()


def test_a_second_start_that_nobody_answers_explains_itself(
    engine: Engine, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    titles: list[str] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, StartFailed)
        titles.append(dialog.windowTitle())
        dialog.accept()

    timer = QTimer(interval=50)
    timer.timeout.connect(lambda: look() if QApplication.activeModalWidget() else None)
    timer.start()
    assert app.main(["--data", str(engine.places.data)]) == 1
    assert titles == ["Hanare"]
    assert "AlreadyRunning" in caplog.text
    assert not app.raise_file(engine.places).exists()


def test_a_store_that_cannot_be_opened_is_explained_and_left_as_it_is(
    tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    places = Places(tmp_path / "data")
    with Engine.open(places):
        pass
    damaged = b"this is not a store" * 1000
    places.store.write_bytes(damaged)
    timer = QTimer(interval=50)
    timer.timeout.connect(close_dialog)
    timer.start()
    assert app.main(["--data", str(places.data)]) == 1
    assert "StoreUnreadable" in caplog.text
    assert places.store.read_bytes() == damaged


def close_dialog() -> None:
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, QDialog):
        dialog.accept()


def test_the_program_opens_its_window_and_ends_when_that_is_closed(tmp_path: Path, qtbot: QtBot) -> None:
    timer = QTimer(interval=50)
    seen: list[str] = []

    def close() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, Window) and widget.isVisible():
                seen.append(widget.page)
                widget.close()

    timer.timeout.connect(close)
    timer.start()
    assert app.main(["--data", str(tmp_path / "data")]) == 0
    assert seen == ["chat"]
    with Engine.open(Places(tmp_path / "data")):
        pass  # it let go of the folder


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a program by closing its window")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_ending_the_program_from_outside_closes_it_in_order(tmp_path: Path, qtbot: QtBot, number: str) -> None:
    places = Places(tmp_path / "data")
    places.make()
    running = start(places.data)
    asked = app.raise_file(places)
    for _ in range(2):  # the first may be cleared away at the start, the second is answered by the window
        asked.touch()
        qtbot.waitUntil(lambda: not asked.exists() or running.poll() is not None, timeout=60_000)
    running.send_signal(getattr(signal, number))
    _, said = running.communicate(timeout=60)
    assert running.returncode == 0, said
    assert (places.data / "window.ini").exists()  # written when the window closes
    with Engine.open(Places(tmp_path / "data")):
        pass  # it let go of the folder


def test_a_mistake_of_ours_is_shown_and_logged_without_its_text(
    window: Window, caplog: pytest.LogCaptureFixture
) -> None:
    hook = app._Hook(window.notices)
    try:
        raise ValueError("what the person wrote")
    except ValueError as error:
        hook(ValueError, error, error.__traceback__)
    assert len(window.notices.shown) == 1
    assert "ValueError" in caplog.text
    assert "what the person wrote" not in caplog.text + window.notices.shown[0]


def test_a_warning_of_qt_reaches_the_log_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="hanare"):
        app._log_qt(QtMsgType.QtWarningMsg, None, "a signal of that name is not there")
        app._log_qt(QtMsgType.QtDebugMsg, None, "chatter")
    assert "Qt: QtWarningMsg, category default" in caplog.text
    assert "a signal" not in caplog.text
    assert "chatter" not in caplog.text
