"""The list of models: its rows, and how one is drawn."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop.plain import tip
from desktop.theme import colour
from desktop.widgets import row_paint
from desktop.widgets.amounts import parameters_text, size_text
from desktop.widgets.guide_words import shown_name
from desktop.words import later, tr
from engine.types import Model, ModelOrigin
from engine.unseen import visible

MODEL = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_NONE = QModelIndex()
_PAD, _GAP, _LINE = 12.0, 6.0, 22.0
ORIGINS = {
    ModelOrigin.DISK: later("Your file"),
    ModelOrigin.HUB: later("Downloaded"),
    ModelOrigin.MADE: later("Made on this computer"),
    ModelOrigin.TEST: later("Made on this computer"),
    ModelOrigin.BUILT_IN: later("Comes with Hanare"),
    ModelOrigin.STAGE: later("Comes with Hanare"),
}
USES = {
    "embedding": later("Embedding model: does not chat"),
    "reranking": later("Reranking model: does not chat"),
    "entailment": later("Checks answers: does not chat"),
    "diffusion": later("Fills in gaps: does not chat"),
    "vision": later("Picture part of a model: does not chat"),
    "adapter": later("Adapter: does not chat by itself"),
    "vocabulary": later("Vocabulary only: does not chat"),
}


def facts_words(model: Model) -> str:
    """Architecture, parameters, quantization and size on one line."""
    facts = model.facts
    parts = [facts.architecture, parameters_text(facts.parameters), facts.quantization, size_text(facts.size_bytes)]
    if model.projector:
        parts.append(tr("sees pictures"))
    return " · ".join(part for part in parts if part)


def state_words(model: Model) -> tuple[str, str]:
    """The one thing to know of a model first, and its tone ("", "warn" or "bad")."""
    if model.missing:
        return tr("File is missing"), "bad"
    if model.facts.use != "chat":
        return tr(USES[model.facts.use]), "warn"
    if model.is_test:
        return tr("Test model: writes noise"), "warn"
    if model.is_stage:
        return tr("The guide while it learned"), ""
    if model.built_in:
        return tr("Knows this program, quotes documents"), ""
    return tr(ORIGINS[model.origin]), ""


class ModelList(QAbstractListModel):
    """Every model of the library, in the engine's order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models: tuple[Model, ...] = ()

    @property
    def models(self) -> tuple[Model, ...]:
        """What is listed now."""
        return self._models

    def replace(self, models: Sequence[Model]) -> None:
        """List these instead."""
        self.beginResetModel()
        self._models = tuple(models)
        self.endResetModel()

    def index_of(self, model_id: int) -> QModelIndex:
        """Where a model is listed; an invalid index where it is not."""
        for row, model in enumerate(self._models):
            if model.id == model_id:
                return self.index(row)
        return QModelIndex()

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._models)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; `MODEL` is the model itself."""
        model = self._models[index.row()]
        if role == MODEL:
            return model
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(shown_name(model))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{visible(shown_name(model))}, {facts_words(model)}, {state_words(model)[0]}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(str(model.path))
        return None


class ModelDelegate(QStyledItemDelegate):
    """Draws one model as a row: name, facts, and where it is from or what is wrong."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's wish."""
        model: Model = index.data(MODEL)
        font = row_paint.font_of(option)
        small = row_paint.scaled(font, 0.88)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect).adjusted(1, _GAP / 2, -1, -_GAP / 2)
        row_paint.paint_ground(painter, option, row)
        inner = row.adjusted(_PAD + 2, _PAD - 2, -_PAD - 2, -_PAD + 2)
        height = QFontMetricsF(font).height()
        line = QRectF(inner.left(), inner.top(), inner.width(), height)
        words, tone = state_words(model)
        name = row_paint.scaled(font, 1.0, bold=True)
        ink = row_paint.faint_colour() if model.missing else row_paint.text_colour()
        row_paint.paint_words(painter, line, shown_name(model), name, ink)
        row_paint.paint_words(painter, line.translated(0, _LINE), facts_words(model), small, row_paint.faint_colour())
        state = colour(tone) if tone else row_paint.faint_colour()
        row_paint.paint_words(painter, line.translated(0, 2 * _LINE), words, small, state)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's question."""
        height = QFontMetricsF(row_paint.font_of(option)).height()
        return QSize(200, round(height + 2 * _LINE + 2 * (_PAD - 2) + _GAP))
