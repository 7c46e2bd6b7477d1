"""One picture, as large as the window has room for."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop.widgets.picture_tile import decoded, picture_name
from desktop.words import tr
from engine.types import Picture

SCREEN_SHARE = 0.85


class PictureWindow(QDialog):
    """Shows bytes that the engine made. Escape closes it."""

    def __init__(self, picture: Picture, data: bytes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = picture_name(picture)
        self.setWindowTitle(name)
        self.sheet = _Sheet(decoded(data))
        self.sheet.setAccessibleName(tr("Picture: {name}", name=name))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.sheet, 1)
        column.addWidget(buttons)
        room = self.screen().availableSize() * SCREEN_SHARE
        self.resize(QSize(picture.width + 40, picture.height + 90).boundedTo(room).expandedTo(QSize(320, 260)))


class _Sheet(QWidget):
    """The picture, no larger than it is."""

    def __init__(self, image: QPixmap) -> None:
        super().__init__()
        self._image = image

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        size = self._image.size()
        if size.width() > self.width() or size.height() > self.height():
            size = size.scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        left, top = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(left, top, size.width(), size.height(), self._image)
