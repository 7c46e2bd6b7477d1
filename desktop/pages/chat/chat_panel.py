"""The left column: new chat, search, and the list of chats with its menu and keys."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.pages.chat.chat_delegate import ChatDelegate
from desktop.pages.chat.chat_list import ChatListModel
from desktop.theme import SPACE, icon
from desktop.widgets.search_field import SearchField
from desktop.words import tr
from engine.types import Chat

WIDTH_PX = 248


class ChatPanel(QFrame):
    """Emits what the person wishes; keeps the chat on show selected."""

    new_requested = Signal()
    chat_chosen = Signal(int)
    rename_requested = Signal(int, str)
    delete_requested = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH_PX)
        self._shown: int | None = None
        self.new_button = QPushButton(tr("New chat"))
        self.new_button.setIcon(icon("plus"))
        self.search = SearchField(tr("Search chats"))
        self.model = ChatListModel(self)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setAccessibleName(tr("Chats"))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setMouseTracking(True)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._delegate = ChatDelegate(self)
        self.list.setItemDelegate(self._delegate)
        self.nothing = QLabel(wordWrap=True)
        self.nothing.setProperty("role", "faint")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()
        self.new_button.clicked.connect(self.new_requested)
        self.search.searched.connect(self._on_search)
        self.model.rename_requested.connect(self.rename_requested)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.customContextMenuRequested.connect(self._on_context)
        self._delegate.menu_requested.connect(self._show_menu)
        self.list.installEventFilter(self)
        self._show_nothing()

    # What the page may ask of it.

    def show_chats(self, chats: Sequence[Chat]) -> None:
        """Show these chats, keeping the chosen one."""
        with QSignalBlocker(self.list.selectionModel()):
            self.model.show_chats(chats)
        self.select(self._shown)
        self._show_nothing()

    def select(self, chat_id: int | None) -> None:
        """Mark the chat on show, telling nobody."""
        self._shown = chat_id
        index = self.model.index_of(chat_id)
        with QSignalBlocker(self.list.selectionModel()):
            self.list.selectionModel().clear()
            if index.isValid():
                self.list.setCurrentIndex(index)
        self.list.viewport().update()

    def rename(self, chat_id: int) -> None:
        """Let the person type another title in the row."""
        index = self.model.index_of(chat_id)
        if index.isValid():
            self.list.edit(index)

    # Its own affairs.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.m, SPACE.l, SPACE.m, SPACE.s)
        column.setSpacing(SPACE.s)
        column.addWidget(self.new_button)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)

    def _show_nothing(self) -> None:
        empty = self.model.rowCount() == 0
        self.nothing.setText(tr("No chat has that title.") if self.search.text().strip() else tr("No chats yet."))
        self.nothing.setVisible(empty)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus if empty else Qt.FocusPolicy.StrongFocus)

    def _chat_now(self) -> Chat | None:
        return self.model.chat_at(self.list.currentIndex())

    @Slot(str)
    def _on_search(self, text: str) -> None:
        with QSignalBlocker(self.list.selectionModel()):
            self.model.search(text)
        self.select(self._shown)
        self._show_nothing()

    @Slot(QModelIndex)
    def _on_current(self, index: QModelIndex) -> None:
        chat = self.model.chat_at(index)
        if chat is not None and chat.id != self._shown:
            self._shown = chat.id
            self.chat_chosen.emit(chat.id)

    @Slot(QPoint)
    def _on_context(self, at: QPoint) -> None:
        index = self.list.indexAt(at)
        self._show_menu(index if index.isValid() else self.list.currentIndex(), at)

    @Slot(QModelIndex, QPoint)
    def _show_menu(self, index: QModelIndex, at: QPoint) -> None:
        chat = self.model.chat_at(index)
        if chat is None:
            return
        menu = QMenu(self)
        rename = menu.addAction(icon("edit"), tr("Rename"))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        delete = menu.addAction(icon("trash"), tr("Delete"))
        delete.setShortcut(QKeySequence(Qt.Key.Key_Delete))
        chosen = menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()
        if chosen is rename:
            self.rename(chat.id)
        elif chosen is delete:
            self.delete_requested.emit(chat.id)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            chat = self._chat_now()
            if chat is not None and event.key() == Qt.Key.Key_F2:
                self.rename(chat.id)
                return True
            if chat is not None and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.delete_requested.emit(chat.id)
                return True
        return super().eventFilter(watched, event)
