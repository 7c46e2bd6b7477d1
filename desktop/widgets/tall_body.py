"""What a dialog says above its buttons: the dialog grows with it as far as the screen is tall, and then it scrolls."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.theme import SPACE

FRAME_PX = 48  # of the screen's height, for the bar with the dialog's title


class TallBody(QScrollArea):
    """Fill `column`. Whatever the keyboard comes to in it is scrolled into sight."""

    def __init__(self, width_px: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width_px = width_px
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        self.column = QVBoxLayout(inside)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(SPACE.s)
        self.setWidget(inside)

    def fit(self, *, shrink: bool = False) -> None:
        """Have the dialog grow as what is in here does; with `shrink` lose what is too much as well."""
        window = self.window()
        more = self.column.totalHeightForWidth(self.viewport().width()) - self.viewport().height()
        most = max(window.screen().availableGeometry().height() - FRAME_PX, window.minimumSizeHint().height())
        if more > 0 or (shrink and more < 0):
            window.resize(window.width(), min(window.height() + more, most))

    def sizeHint(self) -> QSize:
        """Qt's question."""
        return QSize(self._width_px, self.column.totalHeightForWidth(self._width_px))

    def event(self, event: QEvent) -> bool:
        """Qt's wish."""
        handled = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.fit()
        return handled
