"""The left column: new chat, search, the list of chats with its menu and keys, and the trash behind it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from desktop.pages.chat.chat_delegate import ChatDelegate
from desktop.pages.chat.chat_list import ChatListModel
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon
from desktop.widgets.amounts import count_text
from desktop.widgets.search_field import SearchField
from desktop.words import tr
from engine.types import Chat

WIDTH_PX = 248
DELETE = "Ctrl+Del"


class ChatPanel(QFrame):
    """Emits what the person wishes; keeps the chat on show selected."""

    new_requested = Signal()
    temporary_requested = Signal()
    chat_chosen = Signal(int)
    rename_requested = Signal(int, str)
    delete_requested = Signal(int)
    restore_requested = Signal(int)
    erase_requested = Signal(object)  # the ids of chats in the trash, to be erased for good

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setFixedWidth(WIDTH_PX)
        self._shown: int | None = None
        self._chats: tuple[Chat, ...] = ()
        self._trash: tuple[Chat, ...] = ()
        self.new_button = QPushButton(tr("New chat"))
        self.new_button.setIcon(icon("plus"))
        self.temporary_button = QPushButton(tr("Temporary chat"))
        self.temporary_button.setIcon(icon("clock"))
        self.temporary_button.setToolTip(tr("A chat that is never written to the disk and is gone when Hanare closes."))
        self.search = SearchField(tr("Search chat titles"))
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
        self.nothing = PlainLabel(wordWrap=True)
        self.nothing.setProperty("role", "faint")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.trash_button = QPushButton()
        self.trash_button.setCheckable(True)
        self.trash_button.setProperty("role", "link")
        self.about_trash = PlainLabel(wordWrap=True)
        self.about_trash.setProperty("role", "small")
        self.empty_button = QPushButton(tr("Empty the trash"))
        self._lay_out()
        self.trash_button.toggled.connect(self._show_rows)
        self.empty_button.clicked.connect(self._empty_trash)
        self.new_button.clicked.connect(self.new_requested)
        self.temporary_button.clicked.connect(self.temporary_requested)
        self.search.searched.connect(self._on_search)
        self.search.left_downwards.connect(self._into_list)
        self.model.rename_requested.connect(self.rename_requested)
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.list.customContextMenuRequested.connect(self._on_context)
        self._delegate.menu_requested.connect(self._show_menu)
        self.list.installEventFilter(self)
        self._show_rows()

    # What the page may ask of it.

    def show_chats(self, chats: Sequence[Chat]) -> None:
        """Show these chats, keeping the chosen one."""
        self._chats = tuple(chats)
        self._show_rows()

    def show_trash(self, chats: Sequence[Chat]) -> None:
        """These chats are in the trash, which the person may look into."""
        self._trash = tuple(chats)
        if not chats:
            self.trash_button.setChecked(False)
        self._show_rows()

    @property
    def in_trash(self) -> bool:
        """Whether the list shows the trash."""
        return self.trash_button.isChecked()

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

    def rename_chosen(self) -> None:
        """Let the person type another title for the chat on show; what lies in the trash keeps its own."""
        chat = self._chat_now()
        if chat is not None and not self.in_trash:
            self.rename(chat.id)

    # Its own affairs.

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.m, SPACE.l, SPACE.m, SPACE.s)
        column.setSpacing(SPACE.s)
        column.addWidget(self.new_button)
        column.addWidget(self.temporary_button)
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        for widget in (self.about_trash, self.empty_button, self.trash_button):
            column.addWidget(widget)

    @Slot()
    def _show_rows(self) -> None:
        """The chats, or those in the trash."""
        with QSignalBlocker(self.list.selectionModel()):
            self.model.show_chats(self._trash if self.in_trash else self._chats)
        self.select(self._shown)
        back, there = tr("Back to the chats"), tr("Trash ({count})", count=count_text(len(self._trash)))
        self.trash_button.setText(back if self.in_trash else there)
        self.trash_button.setIcon(icon("trash", "faint"))
        self.trash_button.setVisible(bool(self._trash))
        self.about_trash.setText(self._about_trash())
        self.about_trash.setVisible(self.in_trash)
        self.empty_button.setVisible(self.in_trash)
        self._show_nothing()

    def _about_trash(self) -> str:
        """How long what lies there stays: kept chats, temporary ones, or both."""
        temporary = [chat.id < 0 for chat in self._trash]
        told = [] if all(temporary) else [tr("Chats are erased for good after 30 days in the trash.")]
        if any(temporary):
            told.append(tr("Temporary chats are gone when Hanare closes or is locked."))
        return "\n".join(told)

    def _show_nothing(self) -> None:
        empty = self.model.rowCount() == 0
        self.nothing.setText(tr("No chat has that title.") if self.search.text().strip() else tr("No chats yet."))
        self.nothing.setVisible(empty)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus if empty else Qt.FocusPolicy.StrongFocus)

    @Slot()
    def _into_list(self) -> None:
        if self.model.rowCount():
            self.list.setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _empty_trash(self) -> None:
        self.erase_requested.emit(tuple(chat.id for chat in self._trash))

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
        if chat is not None and chat.id != self._shown and not self.in_trash:
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
        if self.in_trash:
            self._show_trash_menu(chat, at)
            return
        menu = QMenu(self)
        rename = menu.addAction(icon("edit"), tr("Rename"))
        rename.setShortcut(QKeySequence(Qt.Key.Key_F2))
        delete = menu.addAction(icon("trash"), tr("Delete"))
        delete.setShortcut(QKeySequence(DELETE))
        chosen = menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()
        if chosen is rename:
            self.rename(chat.id)
        elif chosen is delete:
            self.delete_requested.emit(chat.id)

    def _show_trash_menu(self, chat: Chat, at: QPoint) -> None:
        menu = QMenu(self)
        restore = menu.addAction(icon("undo"), tr("Restore"))
        erase = menu.addAction(icon("trash"), tr("Erase for good…"))
        chosen = menu.exec(self.list.viewport().mapToGlobal(at))
        menu.deleteLater()
        if chosen is restore:
            self.trash_button.setChecked(False)
            self.restore_requested.emit(chat.id)
        elif chosen is erase:
            self.erase_requested.emit((chat.id,))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and self.in_trash:
            return super().eventFilter(watched, event)  # there nothing happens by a key
        if watched is self.list and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            chat = self._chat_now()
            # With Ctrl: a key that slips must not take a chat away.
            with_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if chat is not None and with_ctrl and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                self.delete_requested.emit(chat.id)
                return True
        return super().eventFilter(watched, event)
