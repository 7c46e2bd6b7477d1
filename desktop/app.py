"""The application: opens the engine, the jobs, the theme and the window; closes them in order."""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import (
    QFileSystemWatcher,
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    QtMsgType,
    QUrl,
    Slot,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog

from desktop.dialogs.parting import PartingDialog
from desktop.dialogs.start_failed import StartFailed
from desktop.error_text import place_of
from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.sitting import Sitting
from desktop.theme import RESOURCES, body_font, theme
from desktop.widgets.backup_key import BackupKey
from desktop.widgets.backup_words import mended_text
from desktop.widgets.parting import Parting
from desktop.window import Window
from desktop.words import choose, tr
from engine.engine import (
    Cancel,
    Engine,
    Operation,
    Places,
    default_data,
    followed,
    heeding_crashes,
    mended,
    newest_backup,
)
from engine.errors import AlreadyRunning, EngineError, Locked, StoreUnreadable
from engine.kept import Mended
from engine.walls import open_outside, opens_outside

log = logging.getLogger("hanare")
ANSWER_S = 2.0  # how long a first window may take to hear that a second start wants it in front
LOOK_S = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the process's exit status."""
    parser = argparse.ArgumentParser(prog="hanare", description="Open Hanare's window.")
    parser.add_argument("--data", type=Path, default=None, help="the folder where everything is kept")
    chosen = parser.parse_args(arguments)
    _log_codes_only()
    places = Places((chosen.data or default_data()).expanduser().resolve())
    qInstallMessageHandler(_log_qt)
    app = QApplication.instance() or QApplication(["hanare"])
    assert isinstance(app, QApplication)
    app.setApplicationName("Hanare")
    app.setDesktopFileName("hanare")
    app.setFont(body_font())
    Opener(app)
    choose("system", RESOURCES / "translations")
    try:
        places = Places(followed(places.data))
    except EngineError as error:
        return _say_failed(error, places)
    while True:
        sitting = Sitting(places)
        try:
            sitting.begin(Engine.open(places))
        except Locked as locked:
            theme().choose("system")
            sitting.ask(locked)
        except AlreadyRunning as error:
            sitting.end()
            return _hand_over(places, error)
        except EngineError as error:
            sitting.end()
            if _mended(error, places):
                continue
            return 1
        with heeding_crashes(places.crash):
            return run(app, sitting)


def run(app: QApplication, sitting: Sitting) -> int:
    """Stay until what the sitting shows is closed."""
    sys.excepthook = _Hook(sitting)
    second_start = SecondStart(sitting.places, sitting)
    try:
        with quit_on_signals(app):
            return app.exec()
    finally:
        second_start.stop()
        sys.excepthook = sys.__excepthook__
        sitting.end()


@contextmanager
def quit_on_signals(app: QApplication) -> Iterator[None]:
    """Let Ctrl+C in a terminal and the computer's shutdown close the window as a person would.

    Python hears a signal only when it runs, and Qt's loop rests in C: the signal's number in a
    pipe wakes it. Windows has no pipe that Qt could listen to, and ends a program by closing its window.
    """
    if os.name != "posix":
        yield
        return
    hear, say = os.pipe()
    os.set_blocking(say, False)
    listener = QSocketNotifier(hear, QSocketNotifier.Type.Read)
    listener.activated.connect(app.quit)
    former_pipe = signal.set_wakeup_fd(say)
    former = {number: signal.signal(number, lambda *_: None) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(former_pipe)
        listener.setEnabled(False)
        os.close(hear)
        os.close(say)


class Opener(QObject):
    """Opens files, folders and addresses by the broker: a program that the app started would have its walls.

    Without walls Qt opens them itself.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        for scheme in ("file", "http", "https") if opens_outside() else ():
            QDesktopServices.setUrlHandler(scheme, self, "open")  # type: ignore[arg-type]  # bytes are refused

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Qt's own answer is always yes, so what could not be opened is told here."""
        what = url.toLocalFile() if url.isLocalFile() else url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        if not open_outside(what):
            log.warning("%s", tr("This computer has no program to open it with."))


# --- a second start -------------------------------------------------------------------------


def raise_file(places: Places) -> Path:
    """A second start makes this file, the first window removes it and comes to the front."""
    return places.data / "raise"


class SecondStart(QObject):
    """Listens, in the first process, for a second start that wants its window in front."""

    def __init__(self, places: Places, window: "Window | Sitting") -> None:
        super().__init__(window)
        self._file, self._window = raise_file(places), window
        self._watcher = QFileSystemWatcher([str(places.data)], self)
        self._watcher.directoryChanged.connect(self._look)
        self._file.unlink(missing_ok=True)  # left from before; what comes from now on is seen

    def stop(self) -> None:
        """Listen no more."""
        self._watcher.directoryChanged.disconnect(self._look)

    def _look(self) -> None:
        if self._file.exists():
            self._file.unlink(missing_ok=True)
            self._window.come_to_front()


def _hand_over(places: Places, error: AlreadyRunning) -> int:
    """Ask the window that is open to come to the front; explain if none answers."""
    asked = raise_file(places)
    asked.touch()
    until = time.monotonic() + ANSWER_S
    while time.monotonic() < until:
        if not asked.exists():
            log.warning("%s", tr("Hanare is already open; its window was brought to the front."))
            return 0
        time.sleep(LOOK_S)
    asked.unlink(missing_ok=True)
    return _say_failed(error, places)


def _say_failed(error: EngineError, places: Places) -> int:
    _mended(error, places)
    return 1


def _mended(error: EngineError, places: Places) -> bool:
    """Say why nothing opens; whether a damaged store was mended then, which is offered where there is a backup."""
    theme().choose("system")
    log.error("%s", error.code)
    backup = newest_backup(places) if isinstance(error, StoreUnreadable) else None
    dialog = StartFailed(error, places.data, backup)
    wished = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    if not wished or backup is None:
        return False
    jobs = Jobs()
    key = BackupKey(backup)

    def start(cancel: Cancel) -> Operation[Mended]:
        return mended(places, backup.name, cancel, backup_unlock=key.offered)

    mending = PartingDialog(Parting(tr("Mending your data…"), start, mended_text, key.asks), jobs)
    mending.exec()
    mending.deleteLater()
    jobs.shut_down()
    return mending.succeeded


# --- mistakes of our own -----------------------------------------------------------------------


class _Hook:
    """Shows an uncaught mistake as a notice and logs its kind and place, never its text."""

    def __init__(self, notices: "Notices | Sitting") -> None:
        self._notices = notices

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            QApplication.quit()
            return
        log.error("%s", place_of(error))
        if os.environ.get("HANARE_TRACEBACKS"):
            sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            self._notices.error(error)


def _log_qt(kind: QtMsgType, context: QMessageLogContext | None, text: str) -> None:
    """Of Qt's own warnings and worse, the kind and where it came from: the text may hold names of files."""
    if kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg):
        log.warning("Qt: %s, category %s", kind.name, (context and context.category) or "default")


def _log_codes_only() -> None:
    """Everything that is logged in this process goes to standard error, and is no text from outside."""
    handler = logging.StreamHandler()
    handler.setFormatter(CodesOnly())
    logging.basicConfig(handlers=[handler])


class CodesOnly(logging.Formatter):
    """Our own lines, which are codes and fixed sentences; of a library's lines who speaks and from where."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, without the traceback that a library may have added: it holds what it was working on."""
        if record.name == log.name:
            return f"{record.name}: {record.getMessage()}"
        return f"{record.name}: {record.levelname} at {os.path.basename(record.pathname)}:{record.lineno}"
