"""The folders that are kept in step, side by side above the list: each with its state and a menu."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from desktop.pages.documents.collection_menu import Members, add_collection_menus
from desktop.plain import caption, tip
from desktop.theme import icon
from desktop.widgets.amounts import count_text
from desktop.widgets.flow import Flow
from desktop.widgets.row_paint import home_words
from desktop.words import tr
from engine.types import Collection, Folder
from engine.unseen import visible


def state_words(folder: Folder) -> str:
    """How a folder stands, in two or three words."""
    if folder.paused:
        return tr("paused")
    if folder.away:
        return tr("not there now")
    if folder.scanned_at is None:
        return tr("not read to the end yet")
    if folder.failed:
        one = folder.failed == 1
        return tr("1 file not read") if one else tr("{count} files not read", count=count_text(folder.failed))
    return tr("in step")


class FolderRow(QWidget):
    """A button with a menu for each folder."""

    shown = Signal(object)  # Path: its documents are to be listed
    look_requested = Signal(object)  # Folder
    pause_requested = Signal(object, bool)  # Folder; whether it is to be left alone
    rules_requested = Signal(object)  # Folder
    remove_requested = Signal(object)  # Folder
    folder_requested = Signal(object)  # Path: to be shown in the desktop's own program
    collect_requested = Signal(object, object)  # Collection, None for a new one; Members
    take_out_requested = Signal(object, object)  # Collection; Members

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(self)
        self._shown: tuple[tuple[Folder, ...], tuple[Collection, ...]] = (), ()
        self.buttons: list[QPushButton] = []

    @property
    def words(self) -> str:
        """What stands there."""
        return "\n".join(button.text() for button in self.buttons)

    def show_folders(
        self, folders: Sequence[Folder], unheard: Sequence[Path], collections: Sequence[Collection] = ()
    ) -> None:
        """List these; `unheard` are looked at every few minutes only. Their menus offer the collections."""
        if (tuple(folders), tuple(collections)) != self._shown or len(self.buttons) != len(folders):
            self._shown = tuple(folders), tuple(collections)
            had = next((at for at, button in enumerate(self.buttons) if button.hasFocus()), None)
            for button in self.buttons:
                self._flow.removeWidget(button)
                button.deleteLater()
            self.buttons = [self._button(folder) for folder in folders]
            if had is not None and had < len(self.buttons):
                self.buttons[had].setFocus()
        for folder, button in zip(folders, self.buttons, strict=True):
            about = [home_words(folder.path)]
            if folder.away:
                about.append(tr("What was read of it stays, and can be searched."))
            elif folder.path in unheard:
                about.append(tr("The system does not say what changes here, so it is looked at every few minutes."))
            button.setToolTip(tip("\n".join(about)))

    def menu_for(self, folder: Folder) -> QMenu:
        """What can be done with a folder."""
        menu = QMenu(self)
        menu.addAction(tr("List its documents"), lambda: self.shown.emit(folder.path))
        menu.addAction(tr("Show in folder"), lambda: self.folder_requested.emit(folder.path))
        menu.addSeparator()
        if not folder.paused:
            menu.addAction(tr("Look again"), lambda: self.look_requested.emit(folder))
        pause = tr("Keep in step again") if folder.paused else tr("Pause")
        menu.addAction(pause, lambda: self.pause_requested.emit(folder, not folder.paused))
        menu.addAction(tr("Rules…"), lambda: self.rules_requested.emit(folder))
        members = Members(folders=frozenset((folder.id,)))
        add_collection_menus(menu, self._shown[1], members, self.collect_requested.emit, self.take_out_requested.emit)
        menu.addSeparator()
        menu.addAction(tr("Remove"), lambda: self.remove_requested.emit(folder))
        return menu

    # Its own affairs.

    def _button(self, folder: Folder) -> QPushButton:
        words = f"{visible(folder.path.name or str(folder.path))} · {state_words(folder)}"
        button = QPushButton(icon("folder", "faint"), caption(words), self)
        button.setProperty("role", "quiet")
        button.setAccessibleName(tr("Folder {words}", words=words))
        button.setMenu(self.menu_for(folder))
        self._flow.addWidget(button)
        button.show()
        return button
