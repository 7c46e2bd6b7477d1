"""All documents: what was added, what could not be read and why, what can be done about it; and the trash behind."""

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.documents.collection_menu import Members, add_collection_menus
from desktop.pages.documents.document_list import DOCUMENT, DocumentDelegate, DocumentList
from desktop.pages.documents.folder_row import FolderRow
from desktop.pages.documents.ocr_row import OcrRow
from desktop.pages.documents.result_panel import RowList
from desktop.theme import SPACE, icon
from desktop.widgets.amounts import count_text
from desktop.widgets.banner import Banner
from desktop.widgets.elided_label import ElidedLabel
from desktop.widgets.empty_state import EmptyState
from desktop.words import tr
from engine.types import Collection, Document, DocumentState, Folder
from engine.unseen import visible


class DocumentPanel(QWidget):
    """The list of documents with its filter, its folders and its actions."""

    opened = Signal(object)  # Document
    own_program_requested = Signal(object)  # Path
    folder_requested = Signal(object)  # Path
    remove_requested = Signal(object)  # tuple[Document, ...]
    restore_requested = Signal(object)  # tuple[Document, ...] of the trash
    erase_requested = Signal(object)  # tuple[Document, ...] of the trash, to be erased for good
    retry_requested = Signal(object)  # tuple[Document, ...]
    collect_requested = Signal(object, object)  # Collection, None for a new one; Members
    take_out_requested = Signal(object, object)  # Collection; Members
    look_again_requested = Signal()
    left_upwards = Signal()
    document_chosen = Signal(object)  # Document, alone and read
    all_requested = Signal()  # no collection, but all documents

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(tr("Filter by name or folder"))
        self.filter.setAccessibleName(tr("Filter by name or folder"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAcceptDrops(False)
        self.folders = FolderRow()
        self.look_again = self._button(tr("Look for changes"), "link")
        self.look_again.setToolTip(tr("Read what is new or different in your folders (F5)"))
        self.trouble = Banner(tone="warn", icon_name="warning")
        self.retry_all = self.trouble.add_button(tr("Try again"))
        self.ocr = OcrRow()
        self.model = DocumentList(self)
        self.list = RowList()
        self.list.setAccessibleName(tr("Documents"))
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.setModel(self.model)
        self.list.setItemDelegate(DocumentDelegate(self.list))
        self.empty = EmptyState("documents", *_nothing())
        self.show_all = self.empty.add_button(tr("Show all documents"))
        self.clear_filter = self.empty.add_button(tr("Clear the filter"))
        self.open = self._button(tr("Open"), "quiet")
        self.retry = self._button(tr("Try again"), "quiet")
        self.remove = self._button(tr("Remove"), "quiet")
        self.remove.setToolTip(tr("Remove from Hanare; the file itself stays where it is (Delete)"))
        self.restore = self._button(tr("Restore"), "quiet")
        self.erase = self._button(tr("Erase for good…"), "quiet")
        self.empty_trash = self._button(tr("Empty the trash"), "quiet")
        self.trash_button = self._button("", "link")
        self.trash_button.setCheckable(True)
        self.about_trash = ElidedLabel(
            tr("Documents are erased for good after 30 days in the trash. Their files are untouched."),
            Qt.TextElideMode.ElideRight,
        )
        self.about_trash.setProperty("role", "small")
        self._documents: tuple[Document, ...] = ()
        self._trash: tuple[Document, ...] = ()
        self._failed: tuple[Document, ...] = ()
        self._collections: tuple[Collection, ...] = ()
        self._only: Collection | None = None
        self._lay_out()
        self._connect()
        self._show_rows()

    # What the page may ask of it.

    def show_documents(
        self, documents: Sequence[Document], folders: Sequence[Folder], unheard: Sequence[Path] = (),
        collections: Sequence[Collection] = (), only: Collection | None = None,
    ) -> None:  # fmt: skip
        """List these and the folders that are kept in step; what was chosen stays chosen.

        Of the documents `only` those of a collection. The menus offer the `collections`.
        """
        self._documents = tuple(one for one in documents if only is None or one.id in only.documents)
        self._collections, self._only = tuple(collections), only
        self.folders.show_folders(folders, unheard, collections)
        self._failed = tuple(one for one in documents if one.state is DocumentState.FAILED)
        count = len(self._failed)
        self.trouble.show_text(
            tr("1 file could not be read; the rest is searchable.")
            if count == 1
            else tr("{count} files could not be read; the rest is searchable.", count=count_text(count)),
            "warn",
        )
        self._show_rows()

    def show_trash(self, documents: Sequence[Document]) -> None:
        """These documents are in the trash, which the person may look into."""
        self._trash = tuple(documents)
        if not documents:
            self.trash_button.setChecked(False)
        self._show_rows()

    @property
    def in_trash(self) -> bool:
        """Whether the list shows the trash."""
        return self.trash_button.isChecked()

    @property
    def chosen(self) -> tuple[Document, ...]:
        """The documents chosen in the list, from the top."""
        rows = sorted(at.row() for at in self.list.selectionModel().selectedIndexes())
        return tuple(self.model.documents[row] for row in rows)

    def menu_for(self, documents: tuple[Document, ...]) -> QMenu:
        """What can be done with these documents."""
        menu = QMenu(self)
        if self.in_trash:
            menu.addAction(tr("Restore"), lambda: self.restore_requested.emit(documents))
            menu.addAction(tr("Erase for good…"), lambda: self.erase_requested.emit(documents))
            return menu
        first = documents[0]
        if len(documents) == 1:
            if first.state is DocumentState.READ:
                menu.addAction(tr("Open"), lambda: self.opened.emit(first))
            menu.addAction(tr("Open in its own program"), lambda: self.own_program_requested.emit(first.path))
            menu.addAction(tr("Show in folder"), lambda: self.folder_requested.emit(first.path))
            menu.addSeparator()
        if any(one.state is DocumentState.FAILED for one in documents):
            menu.addAction(tr("Try again"), lambda: self.retry_requested.emit(documents))
        members = Members(frozenset(one.id for one in documents))
        add_collection_menus(
            menu, self._collections, members, self.collect_requested.emit, self.take_out_requested.emit
        )  # fmt: skip
        menu.addSeparator()
        menu.addAction(tr("Remove"), lambda: self.remove_requested.emit(documents))
        return menu

    # Its own affairs.

    @Slot()
    def _show_rows(self) -> None:
        """The documents, or those in the trash."""
        chosen = {document.id for document in self.chosen}
        offset = self.list.verticalScrollBar().value()
        self.model.replace(self._trash if self.in_trash else self._documents)
        for row, document in enumerate(self.model.documents):
            if document.id in chosen:
                at = self.model.index(row, 0)
                self.list.selectionModel().select(at, self.list.selectionModel().SelectionFlag.Select)
        self.list.verticalScrollBar().setValue(offset)
        back, there = tr("Back to the documents"), tr("Trash ({count})", count=count_text(len(self._trash)))
        self.trash_button.setText(back if self.in_trash else there)
        self.trash_button.setIcon(icon("trash", "faint"))
        self.trash_button.setVisible(bool(self._trash))
        self.about_trash.setVisible(self.in_trash)
        self.folders.setVisible(bool(self.folders.buttons) and not self.in_trash)
        self.trouble.setVisible(bool(self._failed) and not self.in_trash)
        self.look_again.setVisible(bool(self._documents or self.folders.buttons) and not self.in_trash)
        self._show_actions()

    @Slot()
    def _show_emptiness(self) -> None:
        """In the place of a list without rows: why there is none, and what can be done."""
        filtered, only = self.filter.text().strip(), None if self.in_trash else self._only
        if filtered and (self._trash if self.in_trash else self._documents):
            title = tr("Nothing fits “{words}”", words=visible(filtered))
            text = tr("The filter looks at the names of files and folders.")
        elif only is not None:
            title = tr("“{name}” is empty", name=visible(only.name))
            text = tr(
                "Click documents among all with the right button, or open the menu of a folder, and choose "
                "“Add to collection”."
            )
        else:
            title, text = _nothing()
        self.empty.show_words(title, text)
        self.show_all.setVisible(only is not None)
        self.clear_filter.setVisible(bool(filtered))
        empty = not self.model.rowCount()
        self.rows.setCurrentWidget(self.empty if empty else self.list)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE.s)
        top.addWidget(self.filter, 1)
        top.addWidget(self.look_again)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE.xs)
        foot.addWidget(self.about_trash, 1)
        foot.addStretch(0)
        for button in (self.open, self.retry, self.remove, self.restore, self.erase, self.empty_trash):
            foot.addWidget(button)
        foot.addWidget(self.trash_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, SPACE.s, 0, 0)
        column.setSpacing(SPACE.s)
        column.addLayout(top)
        column.addWidget(self.folders)
        column.addWidget(self.trouble)
        column.addWidget(self.ocr)
        self.rows = QStackedWidget()
        self.rows.addWidget(self.list)
        self.rows.addWidget(self.empty)
        column.addWidget(self.rows, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self.model.narrow)
        self.folders.shown.connect(lambda path: self.filter.setText(f"{path}{os.sep}"))
        self.folders.folder_requested.connect(self.folder_requested)
        self.list.opened.connect(self._on_opened)
        self.list.left_upwards.connect(self.left_upwards)
        self.list.customContextMenuRequested.connect(self._show_menu)
        self.list.selectionModel().selectionChanged.connect(self._show_actions)
        self.model.modelReset.connect(self._show_actions)
        self.model.modelReset.connect(self._show_emptiness)
        self.show_all.clicked.connect(self.all_requested)
        self.clear_filter.clicked.connect(self.filter.clear)
        self.look_again.clicked.connect(self.look_again_requested)
        self.retry_all.clicked.connect(lambda: self.retry_requested.emit(self._failed))
        self.retry.clicked.connect(lambda: self.retry_requested.emit(self.chosen))
        self.remove.clicked.connect(self._on_remove)
        self.restore.clicked.connect(lambda: self.restore_requested.emit(self.chosen))
        self.erase.clicked.connect(lambda: self.erase_requested.emit(self.chosen))
        self.empty_trash.clicked.connect(lambda: self.erase_requested.emit(self._trash))
        self.trash_button.toggled.connect(self._show_rows)
        self.open.clicked.connect(lambda: self.opened.emit(self.chosen[0]))
        # With a function beside it the context would be ignored, and the key taken from the whole window.
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.list, context=Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_remove)

    @Slot()
    def _show_actions(self) -> None:
        chosen, here = self.chosen, not self.in_trash
        alone = here and len(chosen) == 1 and chosen[0].state is DocumentState.READ
        self.open.setVisible(alone)
        self.retry.setVisible(here and any(one.state is DocumentState.FAILED for one in chosen))
        self.remove.setVisible(here and bool(chosen))
        self.restore.setVisible(self.in_trash and bool(chosen))
        self.erase.setVisible(self.in_trash and bool(chosen))
        if alone:
            self.document_chosen.emit(chosen[0])
        self.empty_trash.setVisible(self.in_trash)

    @Slot()
    def _on_remove(self) -> None:
        if self.chosen and not self.in_trash:  # there nothing happens by a key
            self.remove_requested.emit(self.chosen)

    @Slot(QModelIndex)
    def _on_opened(self, at: QModelIndex) -> None:
        document: Document = at.data(DOCUMENT)
        if document.state is DocumentState.READ and not self.in_trash:
            self.opened.emit(document)

    @Slot(QPoint)
    def _show_menu(self, where: QPoint) -> None:
        if self.list.indexAt(where).isValid() and self.chosen:
            menu = self.menu_for(self.chosen)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.list.viewport().mapToGlobal(where))

    @staticmethod
    def _button(words: str, role: str) -> QPushButton:
        button = QPushButton(words)
        button.setProperty("role", role)
        return button


def _nothing() -> tuple[str, str]:
    """What stands in the place of a list without documents."""
    return tr("There are no documents"), tr("Add files or a folder with the buttons above, or drop them here.")
