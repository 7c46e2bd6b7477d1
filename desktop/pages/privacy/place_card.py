"""Where everything is kept, and the way to another place."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.card import Card
from desktop.words import tr


class PlaceCard(Card):
    """Emits what the person wishes; asks nothing itself."""

    folder_requested = Signal()
    move_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Where everything is kept"), parent)
        about = PlainLabel(
            tr("Chats, documents' text, settings and the models that were fetched here lie in one folder. It can be "
               "moved to another disk: everything is copied, compared and opened there before the old folder is "
               "emptied."),
            wordWrap=True,
        )  # fmt: skip
        about.setProperty("role", "faint")
        self.place = PlainLabel(wordWrap=True)
        self.place.setProperty("role", "small")
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.folder, self.move_away = QPushButton(tr("Show the folder")), QPushButton(tr("Move…"))
        self.folder.clicked.connect(self.folder_requested)
        self.move_away.clicked.connect(self.move_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        for button in (self.folder, self.move_away):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for label in (about, self.place):
            self.column.addWidget(label)
        self.column.addLayout(buttons)

    def show_place(self, folder: Path) -> None:
        """Where that is."""
        self.place.setText(str(folder))
