"""A run of prose: as tall as its text, safe to fill with anything, its links only reported."""

import atexit
from collections import deque
from collections.abc import Collection, Sequence

from PySide6.QtCore import QMimeData, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QGuiApplication,
    QKeySequence,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy, QTextBrowser, QWidget

from desktop.theme import body_font, colours
from desktop.widgets.inert_document import InertDocument
from desktop.widgets.prose_dress import SOURCE, dress, line_percent
from desktop.widgets.prose_marks import MARK, Mark, plain_text_of, show_marks
from desktop.words import tr
from engine.unseen import visible

_made: deque[QMimeData] = deque(maxlen=8)  # what was copied or dragged of late


@atexit.register
def hand_over_what_was_copied() -> None:
    """Before Python ends, however that comes: leave words of Qt's own in the clipboard. Ours would be freed later."""
    if not _made or QGuiApplication.instance() is None:
        return
    clipboard = QGuiApplication.clipboard()
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        held = clipboard.mimeData(mode)
        if any(held is one for one in _made):
            clipboard.setText(held.text(), mode)


class Prose(QTextBrowser):
    """Shows markdown. It never scrolls by itself: whoever holds it does."""

    link_chosen = Signal(str)  # a link in the text was clicked; nothing was opened
    source_chosen = Signal(int)  # a citation was clicked
    mark_chosen = Signal(int)  # the sign after a sentence was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.inert = InertDocument(self)
        self.inert.setDocumentMargin(0)
        self.setDocument(self.inert)
        self.setProperty("role", "bare")
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.inert.documentLayout().documentSizeChanged.connect(self._fit)
        self.anchorClicked.connect(self._on_anchor)

    def show_text(self, text: str, numbers: Collection[int] = (), marks: Sequence[Mark] = ()) -> None:
        """Show `text` as markdown; `[n]` for n in `numbers` becomes a citation. The places of `marks` are in it."""
        self.inert.setDefaultFont(body_font())
        self.inert.show_markdown(visible(text))
        linked = dress(self.inert, colours(), numbers)
        linked = (bool(marks) and show_marks(self.inert, colours(), marks)) or linked
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if linked else Qt.FocusPolicy.ClickFocus)

    def show_plain(self, text: str) -> None:
        """Show `text` as it is written, no markdown."""
        self.inert.setDefaultFont(body_font())
        self.inert.setPlainText(visible(text))
        form = QTextBlockFormat()
        form.setLineHeight(line_percent(), QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.inert)
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(form)

    # Qt asks.

    def sizeHint(self) -> QSize:
        return QSize(320, max(1, round(self.inert.size().height())))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 1)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page scrolls

    def createMimeDataFromSelection(self) -> QMimeData:
        data = QMimeData()
        _made.append(data)
        copied = QTextDocument()
        QTextCursor(copied).insertFragment(self.textCursor().selection())
        data.setText(plain_text_of(copied))
        return data

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        copy = menu.addAction(tr("Copy"), self.copy)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.textCursor().hasSelection())
        menu.addAction(tr("Select all"), self.selectAll)
        menu.exec(event.globalPos())
        menu.deleteLater()

    # Its own affairs.

    @Slot()
    def _fit(self) -> None:
        self.setFixedHeight(max(1, round(self.inert.size().height() + 0.5)))

    @Slot(QUrl)
    def _on_anchor(self, url: QUrl) -> None:
        target = url.toString()
        for start, chosen in ((SOURCE, self.source_chosen), (MARK, self.mark_chosen)):
            number = target.removeprefix(start)
            if target.startswith(start) and number.isascii() and number.isdigit() and len(number) < 6:
                chosen.emit(int(number))
                return
        self.link_chosen.emit(target)
