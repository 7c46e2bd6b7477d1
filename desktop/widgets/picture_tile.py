"""Small pictures in a row: those that are to be sent, which can be taken away, and those of a message.

Only what the engine made anew is decoded here, never a file of somebody's, and nothing is loaded by its name.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QToolButton, QWidget

from desktop.plain import tip
from desktop.theme import SPACE, colour, icon
from desktop.widgets.flow import Flow
from desktop.words import tr
from engine.types import Picture
from engine.unseen import visible

SIDE_PX = 72
SIDE_BY_SIDE = 4  # in a message
RADIUS_PX = 8
_AWAY = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def picture_name(picture: Picture) -> str:
    """What a person calls it."""
    return visible(picture.name) or tr("Pasted picture")


def decoded(data: bytes) -> QPixmap:
    """Bytes that the engine made; nothing for what is not of its two kinds."""
    image = QPixmap()
    if not image.loadFromData(data, "PNG"):
        image.loadFromData(data, "JPG")
    return image


class PictureTile(QAbstractButton):
    """One small picture; a click opens it."""

    def __init__(self, picture: Picture, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = picture
        self._image = decoded(picture.thumbnail)
        name = picture_name(picture)
        self.setAccessibleName(tr("Picture: {name}", name=name))
        self.setToolTip(tip(tr("{name}, {width} × {height}", name=name, width=picture.width, height=picture.height)))
        self.setFixedSize(SIDE_PX, SIDE_PX)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setPen(colour("accent" if self.hasFocus() else "edge"))
        painter.setBrush(colour("panel"))
        painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), RADIUS_PX, RADIUS_PX)
        room = self.rect().adjusted(4, 4, -4, -4)
        if not self._image.isNull():
            size = self._image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
            at = QRect(QPoint(), size)
            at.moveCenter(room.center())
            painter.drawPixmap(at, self._image)


class PictureRow(QWidget):
    """Several tiles. With `removable` each can be taken away, by its button or with Delete."""

    removed = Signal(object)  # Picture
    opened = Signal(object)

    def __init__(self, *, removable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._removable = removable
        self.tiles: list[PictureTile] = []
        self._flow = Flow(self, SPACE.xs)
        self.hide()

    def show_pictures(self, pictures: Sequence[Picture]) -> None:
        """Show these, in order."""
        while item := self._flow.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self.tiles = []
        for picture in pictures:
            self._flow.addWidget(self._made(picture))
        if not self._removable:  # beside an empty place it would be given no more than one needs
            self.setMinimumWidth(min(len(pictures), SIDE_BY_SIDE) * (SIDE_PX + SPACE.xs))
        self.setVisible(bool(pictures))
        self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _AWAY
        if self._removable and pressed and isinstance(watched, PictureTile):
            self.removed.emit(watched.picture)
            return True
        return False

    def _made(self, picture: Picture) -> QWidget:
        place = QWidget()
        row = QHBoxLayout(place)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        tile = PictureTile(picture)
        tile.clicked.connect(self._on_clicked)
        tile.installEventFilter(self)
        row.addWidget(tile)
        self.tiles.append(tile)
        if self._removable:
            away = QToolButton()
            away.setIcon(icon("close"))
            away.setAutoRaise(True)
            away.setAccessibleName(tr("Take away {name}", name=picture_name(picture)))
            away.setToolTip(tr("Take away"))
            away.clicked.connect(self._on_away)
            away.setProperty("picture", len(self.tiles) - 1)
            row.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)
        return place

    @Slot()
    def _on_clicked(self) -> None:
        tile = self.sender()
        if isinstance(tile, PictureTile):
            self.opened.emit(tile.picture)

    @Slot()
    def _on_away(self) -> None:
        at = self.sender().property("picture")
        if at is not None and at < len(self.tiles):
            self.removed.emit(self.tiles[at].picture)
