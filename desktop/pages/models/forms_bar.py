"""A bar that shows in which forms the weights of a model lie, with the name and the share of each below it."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import SMALL_PX, SPACE, colour
from desktop.words import number_text, tr
from engine.types import FormShare
from engine.unseen import visible

BAR_PX, MARK_PX, RADIUS, GAP_PX, LEAST_PX = 14, 9, 4.0, 1.0, 2.0
LEAST_STRENGTH = 0.15
FEW = 0.0005  # a smaller share is not shown as nothing


class FormsBar(QWidget):
    """The form of most weights first, each fainter than the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: list[tuple[str, float]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        font = self.font()
        font.setPixelSize(SMALL_PX)
        self.setFont(font)

    def show_forms(self, forms: Sequence[FormShare]) -> None:
        """Show these."""
        whole = sum(form.weights for form in forms) or 1
        self._shares = [(form.form, form.weights / whole) for form in forms]
        self.setAccessibleName(tr("Forms of the weights"))
        self.setAccessibleDescription(visible(", ".join(self._words())))
        self.setVisible(bool(forms))
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        """Qt's question."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt's question."""
        rows = 1 + max((row for _, row, _ in self._places(width)), default=0)
        return int(BAR_PX + SPACE.s + rows * self._line_px())

    def sizeHint(self) -> QSize:
        """Qt's question."""
        return QSize(240, self.heightForWidth(max(240, self.width())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's wish."""
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's wish."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bar(painter)
        for (left, row, words), number in zip(self._places(self.width()), range(len(self._shares)), strict=True):
            top = BAR_PX + SPACE.s + row * self._line_px()
            mark = QRectF(left, top + (self._line_px() - MARK_PX) / 2, MARK_PX, MARK_PX)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._ink(number))
            painter.drawRoundedRect(mark, 2, 2)
            painter.setPen(colour("faint"))
            metrics = QFontMetricsF(self.font())
            base = top + (self._line_px() - metrics.height()) / 2 + metrics.ascent()
            painter.drawText(QPointF(mark.right() + SPACE.xs, base), words)

    # Its own affairs.

    def _paint_bar(self, painter: QPainter) -> None:
        whole = QRectF(0, 0, self.width(), BAR_PX)
        clip = QPainterPath()
        clip.addRoundedRect(whole, RADIUS, RADIUS)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(whole, colour("line"))
        left = 0.0
        for number, (_, share) in enumerate(self._shares):
            width = max(LEAST_PX, share * whole.width())
            last = number + 1 == len(self._shares)
            painter.fillRect(QRectF(left, 0, width - (0 if last else GAP_PX), BAR_PX), self._ink(number))
            left += width
        painter.restore()

    def _ink(self, number: int) -> QColor:
        ink = colour("accent")
        ink.setAlphaF(max(LEAST_STRENGTH, 0.72**number))
        return ink

    def _words(self) -> list[str]:
        return [f"{name} {_percent(share)}" for name, share in self._shares]

    def _places(self, width: int) -> list[tuple[float, int, str]]:
        """Where each name stands: how far from the left, in which row, and its words."""
        metrics, left, row, places = QFontMetricsF(self.font()), 0.0, 0, []
        for words in self._words():
            needed = MARK_PX + SPACE.xs + metrics.horizontalAdvance(words)
            if left and left + needed > width:
                left, row = 0.0, row + 1
            places.append((left, row, words))
            left += needed + SPACE.m
        return places

    def _line_px(self) -> float:
        return QFontMetricsF(self.font()).height() + 2


def _percent(share: float) -> str:
    if 0 < share < FEW:
        return tr("below {percent} %", percent=number_text(100 * FEW, 2))
    return tr("{percent} %", percent=number_text(100 * share, 1))
