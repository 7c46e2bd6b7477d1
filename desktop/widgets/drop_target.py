"""A page that takes what is dropped anywhere on it, and says so while it is held over the page."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.theme import RADIUS, colour
from desktop.widgets import row_paint
from desktop.widgets.file_actions import is_local

MARGIN = 14


def dropped_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this computer in what is held or dropped."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and not url.host()]
    return [path for path in paths if is_local(path)]


class DropTarget(QWidget):
    """Covers its parent; lets the mouse through."""

    def __init__(
        self, words: str, takes: Callable[[QMimeData], bool], take: Callable[[QMimeData], None], parent: QWidget
    ) -> None:
        """`words` say what letting go will do; `takes` tells what is taken, and `take` does."""
        super().__init__(parent)
        self._words, self._takes, self._take = words, takes, take
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is dragged over the page and dropped there is heard here."""
        if isinstance(event, QDragEnterEvent):
            if self._takes(event.mimeData()):
                event.acceptProposedAction()
                self._cover()
                return True
        elif event.type() == QEvent.Type.DragLeave:
            self.hide()
        elif event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            self.hide()
            if self._takes(event.mimeData()):
                event.acceptProposedAction()
                self._take(event.mimeData())
                return True
        elif event.type() == QEvent.Type.Resize and self.isVisible():
            self._cover()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's wish."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = colour("page")
        ground.setAlpha(232)
        painter.fillRect(event.rect(), ground)
        box = QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        painter.setPen(QPen(colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(colour("accent_soft"))
        painter.drawRoundedRect(box, RADIUS * 2, RADIUS * 2)
        painter.setPen(colour("accent"))
        painter.setFont(row_paint.scaled(QFont(self.font()), 1.4, bold=True))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self._words)

    def _cover(self) -> None:
        """Show over the whole page."""
        parent = self.parentWidget()
        assert parent
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()
