"""The chats as a list model: headings by day, the search over titles, renaming in place."""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from desktop.words import later, tr
from engine.types import Chat
from engine.unseen import visible

TODAY, YESTERDAY = later("Today"), later("Yesterday")
TEMPORARY = later("Temporary")
WEEK, OLDER = later("Previous 7 days"), later("Older")

Index = QModelIndex | QPersistentModelIndex


def group_of(moment: str, today: date) -> str:
    """The heading a chat stands under. `moment` is UTC in ISO 8601; days are the computer's own."""
    days = (today - datetime.fromisoformat(moment).astimezone().date()).days
    if days <= 0:
        return TODAY
    if days == 1:
        return YESTERDAY
    return WEEK if days <= 7 else OLDER


def folded(text: str) -> str:
    """Text made comparable: width and case do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


class ChatListModel(QAbstractListModel):
    """Rows are headings (a `str`) and chats. Headings cannot be chosen."""

    rename_requested = Signal(int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chats: tuple[Chat, ...] = ()
        self._rows: list[str | Chat] = []
        self._search = ""

    def show_chats(self, chats: Sequence[Chat], today: date | None = None) -> None:
        """Show these, the latest first, as they come."""
        self._chats = tuple(chats)
        self._fill(today)

    def search(self, text: str) -> None:
        """Show only chats whose title holds every word of `text`."""
        self._search = text
        self._fill()

    def chat_at(self, index: Index) -> Chat | None:
        """The chat in that row; None for a heading."""
        row = self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None
        return row if isinstance(row, Chat) else None

    def index_of(self, chat_id: int | None) -> QModelIndex:
        """Where a chat stands; an invalid index where it does not."""
        for row, item in enumerate(self._rows):
            if isinstance(item, Chat) and item.id == chat_id:
                return self.index(row)
        return QModelIndex()

    # Qt asks.

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == Qt.ItemDataRole.EditRole and isinstance(row, Chat):
            return row.title
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole):
            return visible(row.title) if isinstance(row, Chat) else tr(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.chat_at(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        chat = self.chat_at(index)
        title = " ".join(str(value).split())
        if chat is None or not title or title == chat.title:
            return False
        self.rename_requested.emit(chat.id, title)
        return True

    # Its own affairs.

    def _fill(self, today: date | None = None) -> None:
        today = today or datetime.now().astimezone().date()
        words = folded(self._search).split()
        self.beginResetModel()
        self._rows = []
        group = ""
        for chat in self._chats:
            if not all(word in folded(chat.title) for word in words):
                continue
            if (now := TEMPORARY if chat.id < 0 else group_of(chat.updated_at, today)) != group:
                group = now
                self._rows.append(group)
            self._rows.append(chat)
        self.endResetModel()
