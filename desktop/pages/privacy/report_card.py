"""The problem report: made when asked for, shown in full, saved where the person says, sent by nobody."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QWidget

from desktop.theme import SPACE, mono_font
from desktop.widgets.card import Card
from desktop.words import tr

TEXT_PX = 260


class ReportCard(Card):
    """A button that makes it, the text, a button that saves exactly that text."""

    report_requested = Signal()
    save_requested = Signal(object)  # the Path chosen

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Problem report"), parent,
            about=tr("If something does not work, a report helps whoever mends it. It holds versions, counts, settings "
                     "that are numbers or choices, and the names of errors: no text, no names of files, chats or "
                     "people. You read all of it here first. Nothing sends it."),
        )  # fmt: skip
        self.make = QPushButton(tr("Make a report"))
        self.make.clicked.connect(self.report_requested)
        self.save = QPushButton(tr("Save as a file…"))
        self.save.clicked.connect(self._ask_where)
        self.save.hide()
        self.text = QPlainTextEdit(readOnly=True)
        self.text.setProperty("role", "code")
        self.text.setAccessibleName(tr("Problem report"))
        self.text.setFont(mono_font())
        self.text.setFixedHeight(TEXT_PX)
        self.text.setTabChangesFocus(True)
        self.text.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        for button in (self.make, self.save):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        buttons.addStretch(1)
        self.column.addWidget(self.text)
        self.column.addLayout(buttons)

    def show_making(self, making: bool) -> None:
        """Whether it is being made now."""
        self.make.setEnabled(not making)
        self.make.setText(tr("Looking…") if making else tr("Make a report"))

    def show_report(self, text: str) -> None:
        """All of it; from now on it can be saved."""
        self.text.setPlainText(text)
        self.text.show()
        self.save.show()

    # Its own affairs.

    def _ask_where(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, tr("Save the problem report"), "hanare-report.txt", tr("Text (*.txt)")
        )
        if name:
            self.save_requested.emit(Path(name))
