"""The mark in a conversation above which the model no longer sees what was said."""

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text
from desktop.widgets.card import hairline
from desktop.words import tr
from engine.context import Context, WhenFull
from engine.unseen import visible


class CutMark(QWidget):
    """A line across the page, its words, and the summary that stands for what is above, on request."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = PlainLabel(wordWrap=True)
        self.words.setProperty("role", "small")
        self.toggle = QPushButton()
        self.toggle.setProperty("role", "link")
        self.toggle.setCheckable(True)
        self.summary = PlainLabel(wordWrap=True)
        self.summary.setProperty("role", "faint")
        self.summary.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(SPACE.m)
        row.addWidget(self.words, 1)
        row.addWidget(self.toggle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, SPACE.s)
        column.setSpacing(SPACE.xs)
        column.addWidget(hairline())
        column.addLayout(row)
        column.addWidget(self.summary)
        self.toggle.toggled.connect(self._unfold)
        self.show_cut(None)

    def show_cut(self, context: Context | None) -> None:
        """Say what was left out of the last answer; None: nothing here."""
        self.setVisible(context is not None)
        if context is None:
            return
        count = count_text(context.left_out)
        if context.summary:
            words = tr("The {count} messages above are replaced by the model's own summary.", count=count)
        elif context.when_full is WhenFull.ENDS:
            words = tr("The model still sees the beginning, but not the {count} messages above this.", count=count)
        else:
            words = tr("From here up the model no longer sees what was said ({count} messages).", count=count)
        self.words.setText(words)
        self.summary.setText(visible(context.summary))
        self.toggle.setVisible(bool(context.summary))
        self.toggle.setChecked(False)
        self._unfold(False)

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        self.toggle.setText(tr("Hide the summary") if shown else tr("Show the summary"))
        self.summary.setVisible(shown)
