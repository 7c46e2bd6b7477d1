"""Size against divergence: a point for each variant of a model that was measured."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.pages.models.variants_model import sentence
from desktop.plain import tip
from desktop.theme import SMALL_PX, SPACE, body_font, colour
from desktop.widgets.amounts import size_text
from desktop.words import number_text, tr
from engine.types import Variant
from engine.unseen import visible

HEIGHT_PX = 196
RADIUS, CHOSEN_RADIUS, REACH = 4.0, 6.0, 12.0
LEAST_DIVERGENCE = 1e-6  # less is the noise of reckoning
HEADROOM = 1.08  # right of the large file


class CostPlot(QWidget):
    """To the left is smaller, below is nearer to the large one. The dashed line is the large file.

    Points that were measured with another text than the chosen one are hollow: they cannot be compared with it.
    """

    chosen = Signal(int)  # the model of a point that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._variants: tuple[Variant, ...] = ()
        self._large_bytes, self._chosen_id, self._text = 0, 0, ""

    def show_variants(self, variants: Sequence[Variant], large_bytes: int, chosen: Variant | None) -> None:
        """Draw those that were measured."""
        self._variants = tuple(one for one in variants if one.cost is not None)
        self._large_bytes = large_bytes
        self._chosen_id = chosen.model.id if chosen else 0
        texts = [one.cost.text for one in (*self._variants, *([chosen] if chosen else ())) if one.cost]
        self._text = texts[-1] if texts else ""  # that of the chosen one, where it was measured
        told = [f"{one.model.name}: {sentence(one.cost)}" for one in self._variants if one.cost]
        self.setAccessibleName(tr("Size against divergence"))
        self.setAccessibleDescription(visible(" ".join(told)))
        self.update()

    @property
    def hollow(self) -> bool:
        """Whether there are points that were measured with another text."""
        return any(one.cost and one.cost.text != self._text for one in self._variants)

    def sizeHint(self) -> QSize:
        """Qt's question."""
        return QSize(480, HEIGHT_PX)

    def points(self) -> dict[int, QPointF]:
        """Where the point of each model lies."""
        field, (low, high) = self._field(), self._decades()
        found = {}
        for one in self._variants:
            assert one.cost is not None
            across = one.model.facts.size_bytes / (self._large_bytes * HEADROOM)
            up = (math.log10(max(one.cost.divergence, LEAST_DIVERGENCE)) - low) / (high - low)
            found[one.model.id] = QPointF(
                field.left() + field.width() * min(1.0, across), field.bottom() - field.height() * up
            )
        return found

    def event(self, event: QEvent) -> bool:
        """Qt's wish; what is under the pointer is told."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            found = self._at(QPointF(event.pos()))
            words = f"{found.model.name}\n{sentence(found.cost)}" if found and found.cost else ""
            self.setToolTip(tip(words))
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's wish."""
        found = self._at(event.position())
        if found is not None:
            self.chosen.emit(found.model.id)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's wish."""
        if not self._variants or not self._large_bytes:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(body_font(SMALL_PX))
        self._draw_axes(painter)
        self._draw_points(painter)

    # Its own affairs.

    def _field(self) -> QRectF:
        """What lies within the axes."""
        metrics = QFontMetricsF(body_font(SMALL_PX))
        left = metrics.horizontalAdvance(number_text(LEAST_DIVERGENCE, 6)[:7]) + SPACE.s
        line = metrics.lineSpacing()
        return QRectF(left, line + SPACE.s, self.width() - left - SPACE.s, self.height() - 2 * line - SPACE.l)

    def _decades(self) -> tuple[int, int]:
        """Powers of ten: from below the least divergence to above the largest."""
        found = [max(one.cost.divergence, LEAST_DIVERGENCE) for one in self._variants if one.cost] or [1.0]
        low, high = math.floor(math.log10(min(found))), math.ceil(math.log10(max(found)))
        return low, max(high, low + 1)

    def _at(self, place: QPointF) -> Variant | None:
        near = [
            (math.hypot(point.x() - place.x(), point.y() - place.y()), one)
            for one, point in zip(self._variants, self.points().values(), strict=True)
        ]
        near = [(far, one) for far, one in near if far <= REACH]
        return min(near, key=lambda found: found[0])[1] if near else None

    def _draw_axes(self, painter: QPainter) -> None:
        field, (low, high) = self._field(), self._decades()
        metrics = painter.fontMetrics()
        line = metrics.lineSpacing()
        every = math.ceil((high - low) * line * 1.4 / field.height())  # no figure lies on another
        for power in range(low, high + 1):
            at = field.bottom() - field.height() * (power - low) / (high - low)
            painter.setPen(QPen(colour("line"), 1))
            painter.drawLine(QPointF(field.left(), at), QPointF(field.right(), at))
            if (power - low) % every == 0:
                painter.setPen(colour("faint"))
                box = QRectF(0, at - line / 2, field.left() - SPACE.s, line)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                                 number_text(10.0**power, max(0, -power)))  # fmt: skip
        painter.setPen(colour("faint"))
        top = QRectF(0, 0, self.width(), line)
        painter.drawText(top, Qt.AlignmentFlag.AlignLeft, tr("Divergence (lower is nearer)"))
        self._draw_large(painter, field, line)

    def _draw_large(self, painter: QPainter, field: QRectF, line: int) -> None:
        at = field.left() + field.width() / HEADROOM
        pen = QPen(colour("edge"), 1, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(at, field.top()), QPointF(at, field.bottom()))
        below = QRectF(field.left(), field.bottom() + SPACE.xs, field.width(), line)
        painter.setPen(colour("faint"))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, size_text(0))
        painter.drawText(below, Qt.AlignmentFlag.AlignRight,
                         tr("The large file: {size}", size=size_text(self._large_bytes)))  # fmt: skip

    def _draw_points(self, painter: QPainter) -> None:
        """The chosen one first, so that its name has room; a name without room is left out."""
        points = self.points()
        reach = QPointF(CHOSEN_RADIUS, CHOSEN_RADIUS)
        taken = [QRectF(point - reach, point + reach) for point in points.values()]
        for one in sorted(self._variants, key=lambda one: one.model.id != self._chosen_id):
            assert one.cost is not None
            point, is_chosen = points[one.model.id], one.model.id == self._chosen_id
            ink = colour("accent" if is_chosen else "faint")
            painter.setPen(QPen(ink, 2))
            painter.setBrush(ink if one.cost.text == self._text else Qt.BrushStyle.NoBrush)
            radius = CHOSEN_RADIUS if is_chosen else RADIUS
            painter.drawEllipse(point, radius, radius)
            painter.setPen(colour("text" if is_chosen else "faint"))
            box = self._name_box(painter, point, one.model.facts.quantization, taken)
            if box is not None:
                taken.append(box)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, one.model.facts.quantization)

    def _name_box(self, painter: QPainter, point: QPointF, name: str, taken: Sequence[QRectF]) -> QRectF | None:
        metrics, field = painter.fontMetrics(), self._field()
        wide, high = metrics.horizontalAdvance(name) + 2.0, float(metrics.lineSpacing())
        gap = CHOSEN_RADIUS + 3
        for left, top in (
            (point.x() + gap, point.y() - high / 2),
            (point.x() - gap - wide, point.y() - high / 2),
            (point.x() - wide / 2, point.y() - gap - high),
            (point.x() - wide / 2, point.y() + gap),
        ):
            box = QRectF(left, top, wide, high)
            if field.contains(box) and not any(box.intersects(other) for other in taken):
                return box
        return None
