"""What is shown while files are held over the page: where they will go."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from desktop.theme import RADIUS, colour
from desktop.widgets import row_paint
from desktop.widgets.file_actions import is_local
from desktop.words import tr

MARGIN = 14


def dropped_paths(data: QMimeData) -> list[Path]:
    """The files and folders of this computer in what is held or dropped."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and not url.host()]
    return [path for path in paths if is_local(path)]


class DropTarget(QWidget):
    """Covers its parent; lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Show over the whole page."""
        parent = self.parentWidget()
        assert parent
        self.setGeometry(parent.rect())
        self.raise_()
        self.show()

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
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), tr("Drop files or folders to add them"))
