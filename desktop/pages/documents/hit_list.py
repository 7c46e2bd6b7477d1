"""The search results: the list's rows and how one is drawn.

A hit shows its file, its place in it, the passage with the match marked,
and by which way of searching it was found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem

from desktop.widgets import row_paint
from desktop.widgets.markdown_marks import is_markdown, without_marks
from desktop.widgets.passage_text import PassageLayout, Snippet, snippet
from desktop.widgets.places import ocr_words, place_name
from desktop.words import later, tr
from engine.types import Hit
from engine.unseen import visible

HIT, MORE, FURTHER = (Qt.ItemDataRole.UserRole + number for number in range(3))
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


def also_words(hit: Hit) -> str:
    """Where else the same stands; "" where nowhere."""
    here = hit.passage.path
    names = [
        other.path.name if other.path.name != here.name else row_paint.home_words(other.path.parent)
        for other in hit.also_in
        if other.document_id != hit.passage.document_id
    ]
    return tr("also in {names}", names=", ".join(dict.fromkeys(names))) if names else ""


@dataclass(frozen=True, slots=True)
class More:
    """The row below a document's best result that stands for its others, shown or not."""

    document_id: int
    count: int
    shown: bool

    @property
    def words(self) -> str:
        """What it says."""
        if self.shown:
            return tr("Show only the best in this document")
        one = self.count == 1
        return tr("1 more in this document") if one else tr("{count} more in this document", count=self.count)


class HitList(QAbstractListModel):
    """The hits of the search on show, each document's best with a row for its others below it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Hit, ...] = ()
        self._open: set[int] = set()  # documents all of whose hits are shown
        self._rows: list[Hit | More] = []

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits, best first."""
        return self._hits

    def replace(self, hits: Sequence[Hit], kept: Sequence[int] = (), *, fold: bool = True) -> None:
        """List these instead; `kept` are passages that stay in sight. With `fold`, only the best of each document."""
        self.beginResetModel()
        self._hits = tuple(hits)
        if fold:
            self._open.clear()
        leads = {hit.group: hit for hit in reversed(self._hits)}.values()
        self._open |= {hit.passage.document_id for hit in self._hits if hit.passage.id in kept and hit not in leads}
        self._lay_out()
        self.endResetModel()

    def unfold(self, document_id: int, shown: bool) -> None:
        """Show all hits of a document, or only the best."""
        if (document_id in self._open) != shown:
            self.beginResetModel()
            self._open ^= {document_id}
            self._lay_out()
            self.endResetModel()

    def row_of(self, passage_id: int) -> int | None:
        """Where a passage is listed."""
        rows = (row for row, one in enumerate(self._rows) if isinstance(one, Hit) and one.passage.id == passage_id)
        return next(rows, None)

    def row_of_more(self, document_id: int) -> int | None:
        """Where the row for a document's other hits is."""
        rows = (row for row, one in enumerate(self._rows) if isinstance(one, More) and one.document_id == document_id)
        return next(rows, None)

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; `HIT` is the hit itself, `MORE` the row for others, `FURTHER` whether a hit is one of them."""
        one = self._rows[index.row()]
        if isinstance(one, More):
            said = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return one if role == MORE else one.words if role in said else None
        name = visible(one.passage.path.name)
        if role == HIT:
            return one
        if role == FURTHER:
            return any(one.group == hit.group for hit in self._hits[: self._hits.index(one)])
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.ToolTipRole and one.also_in:
            return "\n".join(visible(str(passage.path)) for passage in (one.passage, *one.also_in))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            parts = (
                name, place_name(one.passage.place), ocr_words(one.passage.confidence), _snippet(one).text,
                also_words(one),
            )  # fmt: skip
            return ", ".join(filter(None, parts))
        return None

    # Its own affairs.

    def _lay_out(self) -> None:
        self._rows = []
        groups: dict[int, list[Hit]] = {}
        for hit in self._hits:
            groups.setdefault(hit.group, []).append(hit)
        for best, *others in groups.values():
            self._rows.append(best)
            if others:
                shown = best.passage.document_id in self._open
                self._rows.append(More(best.passage.document_id, len(others), shown))
                self._rows += others if shown else []


class HitDelegate(QStyledItemDelegate):
    """Draws one hit as a card."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's wish."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect).adjusted(1 + _indent(index), _GAP / 2, -1, -_GAP / 2)
        row_paint.paint_ground(painter, option, row)
        more: More | None = index.data(MORE)
        if more:
            self._more(painter, row, more, row_paint.font_of(option))
        else:
            self._hit(painter, row, index.data(HIT), option)
        painter.restore()

    def _hit(self, painter: QPainter, row: QRectF, hit: Hit, option: QStyleOptionViewItem) -> None:
        font = row_paint.font_of(option)
        inner = row.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        title_height = self._title(painter, inner, hit, option)
        passage = self._passage(hit, option, inner.width())
        painter.setPen(row_paint.text_colour())
        passage.draw(painter, inner.left(), inner.top() + title_height + _PAD / 2)
        small = row_paint.scaled(font, 0.86)
        foot = QRectF(inner.left(), inner.bottom() - _small_height(small), inner.width(), _small_height(small))
        said = " · ".join(filter(None, (ocr_words(hit.passage.confidence), found_words(hit), also_words(hit))))
        row_paint.paint_words(painter, foot, said, small, row_paint.faint_colour())

    @staticmethod
    def _more(painter: QPainter, row: QRectF, more: More, font: QFont) -> None:
        """The row for others: an arrow that says which way it goes, and words."""
        line = row.adjusted(_PAD, 0, -_PAD, 0)
        row_paint.paint_words(
            painter, line, f"{'▾' if more.shown else '▸'}  {more.words}", row_paint.scaled(font, 0.92),
            row_paint.faint_colour(),
        )  # fmt: skip

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's question: as wide as the list, as tall as the passage needs."""
        width = self._list_width(option)
        if index.data(MORE):
            return QSize(width, round(_GAP + _PAD + _title_height(option)))
        passage = self._passage(index.data(HIT), option, width - 2 * _PAD - 2 - _indent(index))
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
_INDENT = 28.0


def _indent(index: Index) -> float:
    """How far in a row stands: what belongs to the document above stands below its words."""
    return _INDENT if index.data(MORE) or index.data(FURTHER) else 0.0


def _snippet(hit: Hit) -> Snippet:
    text, marks = hit.passage.text, hit.marks
    return snippet(*(without_marks(text, marks) if is_markdown(hit.passage.path) else (text, marks)))


def _title_height(option: QStyleOptionViewItem) -> float:
    return max(QFontMetricsF(row_paint.font_of(option)).height() + 2, row_paint.TAG_HEIGHT)


def _small_height(font: Any) -> float:
    return QFontMetricsF(font).height()
