"""One download of the queue: what, how far, how fast, how long still, and what can be done with it."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.error_text import error_text
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE, icon, restyle
from desktop.widgets.amounts import count_text, size_text, time_text
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.progress_row import STEPS, progress_text
from desktop.words import later, tr
from engine.events import Progressed
from engine.types import Download, DownloadNote, DownloadState
from engine.unseen import visible

ICON_PX = 16
NOTES = {
    DownloadNote.RANGES: later("The server sends this file only as a whole: paused, it begins anew."),
    DownloadNote.CHANGED: later("The file on the hub is another one than before, so the download began anew."),
    DownloadNote.DAMAGED: later("{number} MB of what had arrived were damaged on this disk and are fetched again."),
    DownloadNote.WAITS: later("The server is not ready. It is asked again in {number}."),
}


def state_words(download: Download) -> str:
    """How a download stands, in one line."""
    came = size_text(download.done_bytes)
    if download.total_bytes:
        came = tr("{done} of {total}", done=came, total=size_text(download.total_bytes))
    if download.state is DownloadState.RUNNING:
        words = progress_text(
            Progressed(
                done=download.done_bytes, total=download.total_bytes, unit="bytes", per_s=download.per_s,
                left_s=download.left_s,
            )
        )  # fmt: skip
        if download.connections > 1:
            words += " · " + tr("over {count} connections", count=count_text(download.connections))
        return words
    if download.state is DownloadState.WAITING:
        return f"{tr('Waiting for its turn')} · {came}"
    if download.state is DownloadState.FAILED and download.error is not None:
        return error_text(download.error).sentence
    return f"{tr('Paused')} · {came}"


def note_words(download: Download) -> str:
    """What is odd about it, or what to do where it failed; "" for nothing."""
    if download.state is DownloadState.FAILED and download.error is not None:
        return error_text(download.error).advice
    if download.note is None:
        return ""
    number = download.note_number
    of = time_text(number) if download.note is DownloadNote.WAITS else count_text(number)
    return tr(NOTES[download.note], number=of)


class DownloadRow(QWidget):
    """Shows one download; what is to be done with it is a wish."""

    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal()
    move_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel("")
        self.bar = QProgressBar(textVisible=False)
        self.detail = PlainLabel("", wordWrap=True)
        self.detail.setProperty("role", "small")
        self.note = PlainLabel("", wordWrap=True)
        self.note.setProperty("role", "small")
        column = QVBoxLayout()
        column.setSpacing(SPACE.xs)
        for widget in (self.title, self.bar, self.detail, self.note):
            column.addWidget(widget)
        self.go = QPushButton()
        self.go.clicked.connect(self._go)
        self.up = self._tool("arrow-up", tr("Earlier"))
        self.up.clicked.connect(lambda: self.move_requested.emit(-1))
        self.down = self._tool("arrow-down", tr("Later"))
        self.down.clicked.connect(lambda: self.move_requested.emit(1))
        self.cancel = self._tool("close", tr("Give this download up"))
        self.cancel.clicked.connect(self.cancel_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.s)
        row.addLayout(column, 1)
        for button in (self.up, self.down, self.go, self.cancel):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        self._runs = False

    def show_download(self, download: Download, *, first: bool, last: bool) -> None:
        """Show how it stands; `first` and `last` in the queue."""
        self._runs = download.state in (DownloadState.RUNNING, DownloadState.WAITING)
        self.title.say(download.file)
        self.title.setToolTip(tip(f"{download.repository}\n{download.file}"))
        known = bool(download.total_bytes)
        self.bar.setRange(0, 0 if download.state is DownloadState.RUNNING and not known else STEPS)
        if known:
            self.bar.setValue(min(STEPS, download.done_bytes * STEPS // download.total_bytes))
        self.detail.setText(state_words(download))
        role = "bad" if download.state is DownloadState.FAILED else "small"
        if role != self.detail.property("role"):
            restyle(self.detail, role)
        self.note.setText(note_words(download))
        self.note.setVisible(bool(self.note.text()))
        self.go.setText(tr("Pause") if self._runs else tr("Resume"))
        name = visible(download.file)
        self.bar.setAccessibleName(name)
        for button in (self.go, self.up, self.down, self.cancel):
            button.setAccessibleDescription(name)
        for button in (self.up, self.down):
            button.setVisible(not (first and last))
        self.up.setEnabled(not first)
        self.down.setEnabled(not last)

    def _tool(self, picture: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(picture, "faint"))
        button.setIconSize(QSize(ICON_PX, ICON_PX))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _go(self) -> None:
        (self.pause_requested if self._runs else self.resume_requested).emit()
