"""How a row of the chat list is painted: headings small, chats with their menu at the right."""

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from desktop.pages.chat.chat_list import ChatListModel, Index
from desktop.theme import RADIUS, SMALL_PX, colour, icon
from engine.unseen import visible

CHAT_PX, HEADING_PX = 34, 32
DOTS_PX = 28
INSET_PX = 10


class ChatDelegate(QStyledItemDelegate):
    """Emits `menu_requested` when the three dots of a row are clicked."""

    menu_requested = Signal(QModelIndex, QPoint)  # the row, where on the list

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, CHAT_PX if self._is_chat(index) else HEADING_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect
        if self._is_chat(index):
            self._paint_chat(painter, option, rect, index)
        else:
            self._paint_heading(painter, option, rect, index)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        if isinstance(event, QMouseEvent) and self._is_chat(index):
            rect: QRect = option.rect
            if _dots(rect).contains(event.position().toPoint()):
                if event.type() == QEvent.Type.MouseButtonRelease:
                    self.menu_requested.emit(index, _dots(rect).bottomLeft())
                return True
        return super().editorEvent(event, model, option, index)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setMaxLength(120)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect)

    # Its own affairs.

    def _is_chat(self, index: Index) -> bool:
        model = index.model()
        return isinstance(model, ChatListModel) and model.chat_at(index) is not None

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: Index) -> None:
        font = QFont(option.font)
        font.setPixelSize(SMALL_PX)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colour("faint"))
        area = rect.adjusted(INSET_PX, 0, -INSET_PX, -4)
        painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, index.data())

    def _paint_chat(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRect, index: Index) -> None:
        state: QStyle.StateFlag = option.state
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = rect.adjusted(0, 1, 0, -1)
        if chosen or hovered:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(ground, RADIUS, RADIUS)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(ground.toRectF().adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        room = rect.adjusted(INSET_PX, 0, -INSET_PX, 0)
        if chosen or hovered:
            icon("more", "faint").paint(painter, _dots(rect).adjusted(5, 5, -5, -5))
            room.setRight(_dots(rect).left() - 2)
        painter.setPen(colour("text"))
        painter.setFont(option.font)
        title = visible(" ".join(str(index.data()).split()))
        shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _dots(row: QRect) -> QRect:
    top = row.top() + (row.height() - DOTS_PX) // 2
    return QRect(row.right() - DOTS_PX - 2, top, DOTS_PX, DOTS_PX)
