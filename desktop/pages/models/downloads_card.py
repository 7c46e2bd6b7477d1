"""The queue of downloads above the list of models: each with its row, and all of them together."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.pages.models.download_row import DownloadRow
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import size_text, time_text
from desktop.widgets.card import Card
from desktop.words import tr
from engine.types import Download, DownloadState

LEAST_PX = 60
MOST_SEEN = 3  # rows at one time; the rest is reached by scrolling


def together_words(downloads: Sequence[Download]) -> str:
    """How far all that run and wait are together; "" where none does."""
    going = [one for one in downloads if one.state in (DownloadState.RUNNING, DownloadState.WAITING)]
    per_s = sum(one.per_s for one in going)
    if len(going) < 2 or not per_s:
        return ""
    words = tr("{size} per second", size=size_text(per_s))
    if all(one.total_bytes for one in going):
        left_bytes = sum(one.total_bytes - one.done_bytes for one in going)
        words += " · " + tr("{time} left", time=time_text(left_bytes / per_s))
    return words


class DownloadsCard(Card):
    """Shows the queue; it is hidden while there is none."""

    pause_requested = Signal(int)  # a download's number, as in those below
    resume_requested = Signal(int)
    cancel_requested = Signal(int)
    move_requested = Signal(int, int)  # by how many places
    pause_all_requested = Signal()
    resume_all_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self.rows: dict[int, DownloadRow] = {}
        heading = PlainLabel(tr("Downloads"))
        heading.setProperty("role", "heading")
        self.together = PlainLabel("")
        self.together.setProperty("role", "small")
        self.all = QPushButton()
        self.all.clicked.connect(self._all)
        head = QHBoxLayout()
        head.setSpacing(SPACE.m)
        head.addWidget(heading)
        head.addWidget(self.together, 1)
        head.addWidget(self.all)
        self.column.addLayout(head)
        sheet = QWidget()
        self._list = QVBoxLayout(sheet)
        self._list.setContentsMargins(0, 0, SPACE.s, 0)
        self._list.setSpacing(SPACE.m)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and is scrolled to
        self._scroll.setWidget(sheet)
        self.column.addWidget(self._scroll)
        self._some_run = False
        self.hide()

    def show_downloads(self, downloads: Sequence[Download]) -> None:
        """Show these, in their order. Where the keyboard is in a row that stays, it stays there."""
        numbers = [download.id for download in downloads]
        if numbers != list(self.rows):
            self._arrange(numbers)
        for at, download in enumerate(downloads):
            self.rows[download.id].show_download(download, first=at == 0, last=at == len(downloads) - 1)
        going = (DownloadState.RUNNING, DownloadState.WAITING)
        self._some_run = any(download.state in going for download in downloads)
        self.all.setText(tr("Pause all") if self._some_run else tr("Resume all"))
        self.all.setVisible(len(downloads) > 1)
        self.together.setText(together_words(downloads))
        self._fit()
        self.setVisible(bool(downloads))

    def _arrange(self, numbers: Sequence[int]) -> None:
        """Rows for these and no others, in this order."""
        for number in set(self.rows) - set(numbers):
            row = self.rows.pop(number)
            self._list.removeWidget(row)
            row.hide()
            row.deleteLater()
        rows = {number: self.rows.get(number) or self._row(number) for number in numbers}
        self.rows = rows
        before: QWidget = self.all
        for at, row in enumerate(rows.values()):
            self._list.insertWidget(at, row)
            for button in (row.up, row.down, row.go, row.cancel):
                QWidget.setTabOrder(before, button)
                before = button

    def _row(self, number: int) -> DownloadRow:
        row = DownloadRow()
        row.pause_requested.connect(partial(self.pause_requested.emit, number))
        row.resume_requested.connect(partial(self.resume_requested.emit, number))
        row.cancel_requested.connect(partial(self.cancel_requested.emit, number))
        row.move_requested.connect(partial(self.move_requested.emit, number))
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another amount of room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as what is seen at one time, and in a small window as high as one row; there is a bar to scroll."""
        margins = self.column.contentsMargins()
        width = self.width() - margins.left() - margins.right() - SPACE.l
        heights = [row.heightForWidth(width) for row in list(self.rows.values())[:MOST_SEEN]]
        if heights:
            self._scroll.setMinimumHeight(min(LEAST_PX, *heights))
            self._scroll.setMaximumHeight(sum(heights) + SPACE.m * (len(heights) - 1) + SPACE.s)

    def _all(self) -> None:
        (self.pause_all_requested if self._some_run else self.resume_all_requested).emit()
