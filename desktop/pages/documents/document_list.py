"""The list of documents: its rows, and how one is drawn.

A document that could not be read is listed first, with the reason.
"""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from desktop.theme import colour
from desktop.widgets import row_paint
from desktop.widgets.amounts import count_text, size_text
from desktop.words import told, tr
from engine.types import Document, DocumentState
from engine.unseen import visible

DOCUMENT = Qt.ItemDataRole.UserRole
_NONE = QModelIndex()
_PAD = 12.0
_GAP = 6.0
Index = QModelIndex | QPersistentModelIndex


def facts_words(document: Document) -> str:
    """Pages, size and passages of a document that was read, and what was left out of it, on one line."""
    parts = [size_text(document.size_bytes)]
    if document.kind in ("pdf", "picture"):
        parts.insert(0, tr("1 page") if document.pages == 1 else tr("{count} pages", count=count_text(document.pages)))
    one = document.passages == 1
    parts.append(tr("1 passage") if one else tr("{count} passages", count=count_text(document.passages)))
    if document.pictures:
        parts.append(pictures_words(document.pictures))
    if document.by_ocr:
        one = document.by_ocr == 1
        parts.append(
            tr("1 page read by OCR") if one else tr("{count} pages read by OCR", count=count_text(document.by_ocr))
        )
    parts += [told(_named(reason, document)) for reason in (document.reason, document.ocr_failed) if reason]
    return " · ".join(parts)


def reason_words(document: Document) -> str:
    """Why a document was not read, in the window's language, with the file's name for its path."""
    return told(_named(document.reason, document))


def pictures_words(pages: int) -> str:
    """That so many pages cannot be searched."""
    if pages == 1:
        return tr("1 page shows text only as a picture")
    return tr("{count} pages show text only as pictures", count=count_text(pages))


def _named(reason: str, document: Document) -> str:
    return reason.replace(str(document.path), document.path.name)


def _state_words(document: Document) -> str:
    return reason_words(document) if document.state is DocumentState.FAILED else facts_words(document)


class DocumentList(QAbstractListModel):
    """Every document added: those that failed first, then by name."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[Document, ...] = ()
        self._shown: tuple[Document, ...] = ()
        self._words = ""

    @property
    def documents(self) -> tuple[Document, ...]:
        """What is listed now."""
        return self._shown

    def replace(self, documents: Sequence[Document]) -> None:
        """List these instead."""
        by_name = sorted(documents, key=lambda one: (one.path.name.casefold(), str(one.path)))
        self._all = tuple(sorted(by_name, key=lambda one: one.state is not DocumentState.FAILED))
        self._choose()

    def narrow(self, words: str) -> None:
        """List only documents whose path has `words` in it."""
        self._words = words.casefold().strip()
        self._choose()

    def rowCount(self, parent: Index = _NONE) -> int:
        """Qt's question."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt's question; `DOCUMENT` is the document itself."""
        document = self._shown[index.row()]
        if role == DOCUMENT:
            return document
        if role == Qt.ItemDataRole.DisplayRole:
            return visible(document.path.name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return visible(f"{document.path.name}, {_state_words(document)}")
        return None

    def _choose(self) -> None:
        self.beginResetModel()
        self._shown = tuple(one for one in self._all if self._words in str(one.path).casefold())
        self.endResetModel()


class DocumentDelegate(QStyledItemDelegate):
    """Draws one document as a row: kind, name, facts and folder, or why it could not be read."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's wish."""
        document: Document = index.data(DOCUMENT)
        failed = document.state is DocumentState.FAILED
        font = row_paint.font_of(option)
        small = row_paint.scaled(font, 0.9)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = QRectF(option.rect).adjusted(1, _GAP / 2, -1, -_GAP / 2)
        row_paint.paint_ground(painter, option, row)
        inner = row.adjusted(_PAD, _PAD - 2, -_PAD, -_PAD + 2)
        tag_top = row.center().y() - row_paint.TAG_HEIGHT / 2
        row_paint.paint_tag(painter, inner.left(), tag_top, row_paint.kind_words(document.path, document.kind), font)
        left = inner.left() + row_paint.TAG_WIDTH + 12
        height = QFontMetricsF(font).height()
        first = QRectF(left, inner.top(), inner.right() - left, height)
        used = row_paint.paint_words(
            painter, first, document.path.name, row_paint.scaled(font, 1.0, bold=True), row_paint.text_colour(),
            elide=Qt.TextElideMode.ElideMiddle,
        )  # fmt: skip
        rest = first.adjusted(used + 24, 0, 0, 0)
        if rest.width() > 90:
            row_paint.paint_words(
                painter, rest, row_paint.home_words(document.path.parent), small, row_paint.faint_colour(),
                elide=Qt.TextElideMode.ElideMiddle, right=True,
            )  # fmt: skip
        second = QRectF(left, inner.bottom() - height, inner.right() - left, height)
        ink = colour("bad" if failed else "faint")
        row_paint.paint_words(painter, second, _state_words(document), small, ink)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's question: two lines."""
        height = QFontMetricsF(row_paint.font_of(option)).height()
        return QSize(200, round(_GAP + 2 * (_PAD - 2) + 2 * height + 4))
