"""The search results: the list's rows and how one is drawn.

A hit shows its file, its place in it, the passage with the match marked,
and by which way of searching it was found.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from desktop.widgets import row_paint
from desktop.widgets.markdown_marks import is_markdown, without_marks
from desktop.widgets.passage_text import PassageLayout, Snippet, snippet
from desktop.widgets.places import place_name
from desktop.words import later, tr
from engine.types import Hit
from engine.unseen import visible

HIT = Qt.ItemDataRole.UserRole
LINES = 3
_NONE = QModelIndex()
Index = QModelIndex | QPersistentModelIndex


def place_words(number: int) -> str:
    """A place in a ranking: 1st, 2nd, 3rd, 4th."""
    if number % 100 in (11, 12, 13):
        return tr("{n}th", n=number)
    endings = {1: later("{n}st"), 2: later("{n}nd"), 3: later("{n}rd")}
    return tr(endings.get(number % 10, later("{n}th")), n=number)


def found_words(hit: Hit) -> str:
    """By which way of searching a hit was found, and where a reranking model put it."""
    words, meaning = (place_words(rank) if rank else "" for rank in (hit.word_rank, hit.meaning_rank))
    found = ""
    if words and meaning:
        found = tr("found by words {words}, by meaning {meaning}", words=words, meaning=meaning)
    elif words:
        found = tr("found by words {words}", words=words)
    elif meaning:
        found = tr("found by meaning {meaning}", meaning=meaning)
    if not hit.reordered_rank:
        return found
    put = tr("put {place} by the reordering model", place=place_words(hit.reordered_rank))
    return f"{found} · {put}" if found else put


class HitList(QAbstractListModel):
    """The hits of the search on show, best first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """What is listed now."""
        return self._hits

    def replace(self, hits: Sequence[Hit]) -> None:
        """List these instead."""
        self.beginResetModel()
        self._hits = tuple(hits)
        self.endResetModel()

    def row_of(self, passage_id: int) -> int | None:
        """Where a passage is listed."""
        rows = (row for row, hit in enumerate(self._hits) if hit.passage.id == passage_id)
        return next(rows, None)

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; `HIT` is the hit itself."""
        hit = self._hits[index.row()]
        if role == HIT:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(hit.passage.path.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(
                part
                for part in (visible(hit.passage.path.name), place_name(hit.passage.place), _snippet(hit).text)
                if part
            )
        return None


class HitDelegate(QStyledItemDelegate):
    """Draws one hit as a card."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's wish."""
        hit: Hit = index.data(HIT)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect).adjusted(1, _GAP / 2, -1, -_GAP / 2)
        row_paint.paint_ground(painter, option, row)
        font = row_paint.font_of(option)
        inner = row.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        title_height = self._title(painter, inner, hit, option)
        passage = self._passage(hit, option, inner.width())
        painter.setPen(row_paint.text_colour())
        passage.draw(painter, inner.left(), inner.top() + title_height + _PAD / 2)
        small = row_paint.scaled(font, 0.86)
        foot = QRectF(inner.left(), inner.bottom() - _small_height(small), inner.width(), _small_height(small))
        row_paint.paint_words(painter, foot, found_words(hit), small, row_paint.faint_colour())
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's question: as wide as the list, as tall as the passage needs."""
        width = self._list_width(option)
        passage = self._passage(index.data(HIT), option, width - 2 * _PAD - 2)
        font = row_paint.font_of(option)
        small = _small_height(row_paint.scaled(font, 0.86))
        return QSize(
            width, round(_GAP + 2 * _PAD + _title_height(option) + _PAD / 2 + passage.height + _PAD / 2 + small)
        )

    # Its own affairs.

    @staticmethod
    def _list_width(option: QStyleOptionViewItem) -> int:
        listed = option.widget
        return listed.viewport().width() if isinstance(listed, QAbstractItemView) else 600

    @staticmethod
    def _passage(hit: Hit, option: QStyleOptionViewItem, width: float) -> PassageLayout:
        font = row_paint.font_of(option)
        return PassageLayout(_snippet(hit), font, width, LINES)

    @staticmethod
    def _title(painter: QPainter, inner: QRectF, hit: Hit, option: QStyleOptionViewItem) -> float:
        """File, place and folder on one line; returns its height."""
        font = row_paint.font_of(option)
        height = _title_height(option)
        row_paint.paint_tag(
            painter, inner.left(), inner.top() + (height - row_paint.TAG_HEIGHT) / 2,
            row_paint.kind_words(hit.passage.path), font,
        )  # fmt: skip
        line = QRectF(inner.left() + row_paint.TAG_WIDTH + 10, inner.top(), 0, height)
        line.setRight(inner.right())
        place = place_name(hit.passage.place)
        wanted = QFontMetricsF(font).horizontalAdvance(place) + 12 if place else 0.0
        place_width = min(wanted, line.width() / 2)  # a path of headings may be long; the name is shown too
        name_box = QRectF(line)
        name_box.setRight(max(line.right() - place_width, line.left() + 30))
        used = row_paint.paint_words(
            painter, name_box, hit.passage.path.name, row_paint.scaled(font, 1.0, bold=True), row_paint.text_colour(),
            elide=Qt.TextElideMode.ElideMiddle,
        )  # fmt: skip
        line.setLeft(line.left() + used + 12)
        if place:
            box = QRectF(line)
            box.setWidth(min(place_width, line.width()))
            row_paint.paint_words(
                painter, box, place, font, row_paint.faint_colour(), elide=Qt.TextElideMode.ElideMiddle
            )
            line.setLeft(line.left() + place_width + 12)
        if line.width() > 90:
            row_paint.paint_words(
                painter, line, row_paint.home_words(hit.passage.path.parent), row_paint.scaled(font, 0.86),
                row_paint.faint_colour(), elide=Qt.TextElideMode.ElideMiddle, right=True,
            )  # fmt: skip
        return height


_PAD = 14.0
_GAP = 8.0


def _snippet(hit: Hit) -> Snippet:
    text, marks = hit.passage.text, hit.marks
    return snippet(*(without_marks(text, marks) if is_markdown(hit.passage.path) else (text, marks)))


def _title_height(option: QStyleOptionViewItem) -> float:
    return max(QFontMetricsF(row_paint.font_of(option)).height() + 2, row_paint.TAG_HEIGHT)


def _small_height(font: Any) -> float:
    return QFontMetricsF(font).height()
