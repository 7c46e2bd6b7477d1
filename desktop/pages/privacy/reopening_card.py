"""What is kept of long chats so that they need not be read again, and the way to be rid of it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text, size_text
from desktop.widgets.card import Card
from desktop.words import tr
from engine.types import KeptStates


class ReopeningCard(Card):
    """Says how much that is. Emits what the person wishes; asks nothing itself."""

    removal_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Reopening long chats"), parent)
        about = PlainLabel(
            tr("What a model has read of a long chat is kept here, encrypted with your key, so that going on with the "
               "chat does not read it all again. It goes with the chat, is in no backup and is never kept of a "
               "temporary chat. Without it, nothing is lost but time."),
            wordWrap=True,
        )  # fmt: skip
        about.setProperty("role", "faint")
        self.kept = PlainLabel(wordWrap=True)
        self.kept.setProperty("role", "strong")
        self.remove = QPushButton(tr("Remove what is kept"))
        self.remove.clicked.connect(self.removal_requested)
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.kept, 1)
        row.addWidget(self.remove)
        self.column.addWidget(about)
        self.column.addLayout(row)

    def show_kept(self, kept: KeptStates) -> None:
        """Show how much there is; with nothing there is nothing to remove."""
        size = size_text(kept.size_bytes)
        if not kept.chats:
            self.kept.setText(tr("Nothing is kept now."))
        elif kept.chats == 1:
            self.kept.setText(tr("Of 1 chat, {size}", size=size))
        else:
            self.kept.setText(tr("Of {count} chats, {size}", count=count_text(kept.chats), size=size))
        self.remove.setVisible(bool(kept.chats))
