"""One line of work under way: what, how far, how fast, how long still, and a Stop button."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text, short_text, size_text, time_text
from desktop.words import later, tr
from engine.events import Progressed
from engine.unseen import visible

STEPS = 1000
SENTENCES = {
    "files": later("{done} of {total} files"),
    "passages": later("{done} of {total} passages"),
    "pages": later("{done} of {total} pages"),
    "checks": later("{done} of {total} checks"),
    "readings": later("{done} of {total} readings"),
    "notes": later("{done} of {total} notes"),
    "tokens": later("{done} of {total} tokens"),
    "sizes": later("{done} of {total} sizes"),
    "models": later("{done} of {total} models"),
}
UNKNOWN = later("{done} of {total}")  # work counted in something this window has no word for


def progress_text(event: Progressed) -> str:
    """ "12 of 40 files · 3.1 per second · 9 s left"."""
    amount = size_text if event.unit == "bytes" else count_text
    done, total = amount(event.done), amount(event.total)
    if event.unit == "bytes":
        parts = [tr("{done} of {total}", done=done, total=total) if event.total else done]
        if event.per_s:
            parts.append(tr("{size} per second", size=size_text(event.per_s)))
    else:
        counted = tr(SENTENCES.get(event.unit, UNKNOWN), done=done, total=total)
        parts = [counted if event.total else done]
        if event.per_s:
            parts.append(tr("{rate} per second", rate=short_text(event.per_s)))
    if event.left_s is not None:
        parts.append(tr("{time} left", time=time_text(event.left_s)))
    return " · ".join(parts)


class ProgressRow(QWidget):
    """Shows `Progressed` events; `stop_requested` when the person has had enough.

    Work that can rest has a Pause button too: `pause_chosen` says whether it is to rest.
    """

    stop_requested = Signal()
    pause_chosen = Signal(bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.m)
        column = QVBoxLayout()
        column.setSpacing(SPACE.xs)
        self.title = PlainLabel(title)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(visible(title))
        self.bar.setRange(0, 0)
        self.detail = PlainLabel("")
        self.detail.setProperty("role", "small")
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for widget in (self.title, self.bar, self.detail):
            column.addWidget(widget)
        row.addLayout(column, 1)
        self.pause = QPushButton(tr("Pause"))
        self.pause.setCheckable(True)
        self.pause.setAccessibleDescription(visible(title))
        self.pause.toggled.connect(self._rest)
        self.pause.hide()
        row.addWidget(self.pause)
        self.stop = QPushButton(tr("Stop"))
        self.stop.setAccessibleDescription(visible(title))
        self.stop.clicked.connect(self.stop_requested)
        row.addWidget(self.stop)

    def show_progress(self, event: Progressed) -> None:
        """Show how far it is."""
        self.bar.setRange(0, STEPS if event.total else 0)
        if event.total:
            self.bar.setValue(min(STEPS, event.done * STEPS // event.total))
        now = f" · {event.now}" if event.now else ""
        self.detail.setText(progress_text(event) + now)

    def show_words(self, words: str) -> None:
        """Say what is being done, where it is not known how long that takes."""
        self.bar.setRange(0, 0)
        self.detail.setText(words)

    def offer_pause(self) -> None:
        """This work can rest."""
        self.pause.show()

    def show_stopping(self) -> None:
        """The Stop button was heard; the work is ending."""
        self.stop.setEnabled(False)
        self.pause.setEnabled(False)
        self.detail.setText(tr("Stopping…"))

    def _rest(self, resting: bool) -> None:
        self.pause.setText(tr("Go on") if resting else tr("Pause"))
        if resting:
            self.detail.setText(tr("Paused"))
        self.pause_chosen.emit(resting)
