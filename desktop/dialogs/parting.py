"""Stands in the window's place while everything is erased, moved or mended, and says in the end what came of it."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.error_text import error_text
from desktop.jobs import Jobs
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.parting import Parting
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.events import Event, Progressed

WIDTH_PX = 520


class PartingDialog(QDialog):
    """Runs a `Parting` at once; cannot be closed before it has ended."""

    def __init__(self, parting: Parting, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Hanare")
        self.setFixedWidth(WIDTH_PX)
        self._parting, self._jobs, self._running = parting, jobs, True
        self.succeeded = False
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xxl, SPACE.xxl, SPACE.xxl, SPACE.xl)
        column.setSpacing(SPACE.m)
        self.row = ProgressRow(parting.title)
        self.words = PlainLabel(wordWrap=True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.hide()
        self.done_button = QPushButton(tr("Close"))
        self.done_button.setProperty("role", "primary")
        self.done_button.setEnabled(False)
        self.done_button.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.done_button)
        column.addWidget(self.row)
        column.addWidget(self.words)
        column.addLayout(buttons)
        self.row.stop_requested.connect(self._stop)
        self._start()

    def reject(self) -> None:
        if not self._running:
            super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.setAccepted(not self._running)

    # Its own affairs.

    def _start(self) -> None:
        self._job = self._jobs.start(
            self._parting.start, on_event=self._move, on_done=self._tell, on_error=self._fail, on_stopped=self._stopped
        )

    @Slot()
    def _stop(self) -> None:
        self._job.stop()
        self.row.show_stopping()

    def _move(self, event: Event) -> None:
        if isinstance(event, Progressed):
            self.row.show_progress(event)

    def _tell(self, result: object) -> None:
        self.succeeded = True
        self._end(self._parting.told(result))

    def _fail(self, error: Exception) -> None:
        if self._parting.asks(error):
            self._start()
            return
        words = error_text(error)
        self._end(f"{words.title}\n{words.sentence}\n{words.advice}")

    def _stopped(self) -> None:
        self._end(tr("Stopped. Everything is where it was."))

    def _end(self, text: str) -> None:
        self._running = False
        self.row.hide()
        self.words.setText(text)
        self.words.show()
        self.done_button.setEnabled(True)
        self.done_button.setFocus()
        self.adjustSize()
