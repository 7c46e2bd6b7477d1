"""Backups: the list, one made now, one brought back; and erasing everything."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPushButton, QTreeWidget, QTreeWidgetItem, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.backup_words import moment_text
from desktop.widgets.card import Card, hairline
from desktop.words import later, tr
from engine.kept import Backup, BackupKind

TABLE_PX = 190
WHY = {
    BackupKind.REGULAR: later("by itself, once a day"),
    BackupKind.UPDATE: later("before an update"),
    BackupKind.RESTORE: later("before a restore"),
    BackupKind.ASKED: later("you asked for it"),
}
HEADINGS = (later("Made"), later("Why"), later("Chats"), later("Messages"), later("Documents"), later("Size"))


class BackupsCard(Card):
    """Emits what the person wishes; asks nothing itself."""

    make_requested = Signal()
    restore_requested = Signal(object)  # Backup
    folder_requested = Signal()
    erase_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Backups"), parent,
            about=tr("Hanare makes a backup by itself every day you use it and before every update, encrypted with the "
                     "same key, outside the folder of your data. Each was opened and read to its end when it was made. "
                     "Models are not in them."),
        )  # fmt: skip
        self._backups: tuple[Backup, ...] = ()
        self.place = PlainLabel(wordWrap=True)
        self.place.setProperty("role", "small")
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table = self._make_table()
        self.make = QPushButton(tr("Back up now"))
        self.restore = QPushButton(tr("Restore…"))
        self.folder = QPushButton(tr("Show the folder"))
        self.erase = QPushButton(tr("Erase everything…"))
        self.erase.setProperty("role", "danger")
        self.make.clicked.connect(self.make_requested)
        self.restore.clicked.connect(self._restore_chosen)
        self.folder.clicked.connect(self.folder_requested)
        self.erase.clicked.connect(self.erase_requested)
        self.table.itemSelectionChanged.connect(self._refresh)
        self._busy = False
        self._lay_out()
        self.show_backups(())

    def show_place(self, folder: Path) -> None:
        """Where they are."""
        self.place.setText(str(folder))

    def show_backups(self, backups: Sequence[Backup]) -> None:
        """List them, the newest first, with the newest chosen."""
        self._backups = tuple(backups)
        self.table.clear()
        for backup in backups:
            counts = (backup.counts.chats, backup.counts.messages, backup.counts.documents)
            cells = [moment_text(backup.made_at), tr(WHY[backup.kind]), *map(count_text, counts)]
            item = QTreeWidgetItem([*cells, size_text(backup.size_bytes)])
            for column in range(2, len(HEADINGS)):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.addTopLevelItem(item)
        if backups:
            self.table.setCurrentIndex(self.table.model().index(0, 0))
        self.table.setVisible(bool(backups))
        self._refresh()

    def show_busy(self, busy: bool) -> None:
        """A backup is being made or brought back."""
        self._busy = busy
        self._refresh()

    # Its own affairs.

    def _make_table(self) -> QTreeWidget:
        table = QTreeWidget()
        table.setColumnCount(len(HEADINGS))
        table.setHeaderLabels([tr(heading) for heading in HEADINGS])
        table.setAccessibleName(tr("Backups"))
        table.header().setAccessibleName(tr("Headings of the table"))
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setFixedHeight(TABLE_PX)
        table.setTabKeyNavigation(False)
        table.header().setStretchLastSection(False)
        table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        for button in (self.make, self.restore, self.folder):
            buttons.addWidget(button)
        buttons.addStretch(1)
        end = PlainLabel(
            tr("Erase everything: the keys first, then chats, documents, settings and models. There is no way back."),
            wordWrap=True,
        )
        end.setProperty("role", "faint")
        last = QHBoxLayout()
        last.addWidget(end, 1)
        last.addWidget(self.erase, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addWidget(self.place)
        self.column.addWidget(self.table)
        self.column.addLayout(buttons)
        self.column.addWidget(hairline())
        self.column.addLayout(last)

    def _refresh(self) -> None:
        self.make.setEnabled(not self._busy)
        self.restore.setEnabled(not self._busy and self.table.currentIndex().isValid())

    def _restore_chosen(self) -> None:
        at = self.table.currentIndex().row()
        if 0 <= at < len(self._backups):
            self.restore_requested.emit(self._backups[at])
