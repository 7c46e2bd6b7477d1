"""What a search of the hub found: its rows, and how one is drawn. Every text in them is a stranger's."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop.pages.models.find_words import GATES, result_words
from desktop.plain import tip
from desktop.theme import colour
from desktop.widgets import row_paint
from desktop.words import tr
from engine.types import HubModel
from engine.unseen import visible

FOUND = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_PAD, _GAP, _LINE = 10.0, 6.0, 22.0


class HubList(QAbstractListModel):
    """The repositories that were found, in the hub's order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models: tuple[HubModel, ...] = ()

    def replace(self, models: Sequence[HubModel]) -> None:
        """List these instead."""
        self.beginResetModel()
        self.models = tuple(models)
        self.endResetModel()

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self.models)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; `FOUND` is the repository itself."""
        model = self.models[index.row()]
        if role == FOUND:
            return model
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(model.repository)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return visible(
                ", ".join(part for part in (model.repository, result_words(model), gate_words(model)) if part)
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(f"{model.repository}\n{result_words(model)}")
        return None


class HubDelegate(QStyledItemDelegate):
    """Draws one repository as a row: whose and what, facts, and whether one is let in."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's wish."""
        model: HubModel = index.data(FOUND)
        font = row_paint.font_of(option)
        small = row_paint.scaled(font, 0.88)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect).adjusted(1, _GAP / 2, -1, -_GAP / 2)
        row_paint.paint_ground(painter, option, row)
        inner = row.adjusted(_PAD + 2, _PAD, -_PAD - 2, -_PAD)
        line = QRectF(inner.left(), inner.top(), inner.width(), QFontMetricsF(font).height())
        owner, slash, name = model.repository.rpartition("/")
        bold = row_paint.scaled(font, 1.0, bold=True)
        row_paint.paint_words(painter, line, name, bold, row_paint.text_colour(), elide=Qt.TextElideMode.ElideMiddle)
        second = line.translated(0, _LINE)
        who = tr("by {owner}", owner=owner) if slash else ""
        gate = gate_words(model)
        taken = 0.0
        if gate:
            taken = row_paint.paint_words(painter, second, gate, small, colour("warn"), right=True) + _PAD
        row_paint.paint_words(painter, second.adjusted(0, 0, -taken, 0), who, small, row_paint.faint_colour())
        row_paint.paint_words(
            painter, line.translated(0, 2 * _LINE), result_words(model), small, row_paint.faint_colour()
        )
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's question."""
        height = QFontMetricsF(row_paint.font_of(option)).height()
        return QSize(200, round(height + 2 * _LINE + 2 * _PAD + _GAP))


def gate_words(model: HubModel) -> str:
    """That not everybody is let in, shortly; "" where everybody is."""
    return tr("Takes a token") if model.gated in GATES else ""
