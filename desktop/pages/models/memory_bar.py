"""A bar that shows what a model needs in memory against what is free now."""

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QWidget

from desktop.theme import colour
from engine.types import Fit

HEIGHT_PX = 14
RADIUS = 4.0
MARK_PX = 2


class MemoryBar(QWidget):
    """Weights, context, work space and a draft model in shades; a tick where the free memory ends."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fit: Fit | None = None
        self.setFixedHeight(HEIGHT_PX)

    def show_fit(self, fit: Fit) -> None:
        """Draw this need; the whole width is the greater of need and free."""
        self._fit = fit
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's question."""
        return QSize(240, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's wish."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        clip = QPainterPath()
        clip.addRoundedRect(whole, RADIUS, RADIUS)
        painter.setClipPath(clip)
        painter.fillRect(whole, colour("line"))
        fit = self._fit
        if fit is None or max(fit.need_bytes, fit.free_bytes) <= 0:
            return
        per_byte = whole.width() / max(fit.need_bytes, fit.free_bytes)
        left = 0.0
        ink = colour("accent" if fit.fits else "bad")
        parts = (fit.weights_bytes, 1.0), (fit.context_bytes, 0.66), (fit.working_bytes, 0.4), (fit.draft_bytes, 0.8)
        for part_bytes, strength in parts:
            ink.setAlphaF(strength)
            painter.fillRect(QRectF(left, 0, part_bytes * per_byte, whole.height()), ink)
            left += part_bytes * per_byte
        if not fit.fits:
            painter.fillRect(QRectF(fit.free_bytes * per_byte, 0, MARK_PX, whole.height()), colour("text"))
