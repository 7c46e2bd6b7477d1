"""The card of the problem report, and what the window logs."""

import logging
from pathlib import Path

from PySide6.QtCore import QtMsgType
from pytestqt.qtbot import QtBot

from desktop.app import CodesOnly, _log_qt
from desktop.jobs import Jobs
from desktop.pages.privacy.view import PrivacyView
from desktop.window import Window
from engine.engine import Engine
from engine.errors import FileMissing


def test_a_report_can_be_saved_only_after_it_was_shown_and_is_what_was_shown(
    page: PrivacyView, window: Window, jobs: Jobs, qtbot: QtBot, tmp_path: Path
) -> None:
    card = page.report
    assert not card.save.isVisible()
    card.make.click()
    assert not card.make.isEnabled()
    qtbot.waitUntil(card.save.isVisible, timeout=60_000)
    card.save_requested.emit(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == card.text.toPlainText()
    assert card.text.toPlainText().startswith("Hanare problem report")
    assert window.notices.shown[-1] == "The report was saved as report.txt. It was not sent."


def test_an_error_that_was_shown_is_in_the_log_by_its_name_alone(window: Window, engine: Engine) -> None:
    window.notices.error(FileMissing(path="/home/ume/letter.pdf"))
    (entry,) = engine.journal.last()
    assert (entry.code, entry.numbers) == ("FileMissing", ())


def test_what_libraries_and_qt_log_is_where_from_and_not_what(caplog: object) -> None:
    record = logging.LogRecord("library", logging.WARNING, "/home/ume/lib.py", 7, "opening %s", ("letter.pdf",), None)
    assert CodesOnly().format(record) == "library: WARNING at lib.py:7"

    class Where:
        category = "qt.text"

    with _heard() as said:
        _log_qt(QtMsgType.QtWarningMsg, Where(), "cannot open letter.pdf")  # type: ignore[arg-type]
    assert said == ["hanare: Qt: QtWarningMsg, category qt.text"]


class _heard:
    """What the window's log says meanwhile."""

    def __enter__(self) -> list[str]:
        said: list[str] = []
        self._handler = logging.Handler()
        self._handler.emit = lambda record: said.append(CodesOnly().format(record))  # type: ignore[method-assign]
        logging.getLogger("hanare").addHandler(self._handler)
        return said

    def __exit__(self, *_: object) -> None:
        logging.getLogger("hanare").removeHandler(self._handler)
