"""Shows a new recovery code, once. It counts only when the person says that it was written down or saved."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr

HALF = 25  # characters of the first line: five groups and their hyphens


class CodeToKeepDialog(QDialog):
    """Accepted when the code was kept somewhere; otherwise the former one goes on opening the store."""

    save_requested = Signal()
    print_requested = Signal()  # what was saved

    def __init__(self, code: str, *, replaces: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Recovery code"))
        text = tr("Write this code down, or save it on something that is not this computer. It opens your data when "
                  "nothing else does, for you and for whoever finds it. It is not shown again.")  # fmt: skip
        if replaces:
            text += " " + tr("The former code then opens nothing any more.")
        about = PlainLabel(text, wordWrap=True)
        self.lines = (code[:HALF], code[HALF:])
        self.code = PlainLabel("\n".join(self.lines))
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(round(self.fontInfo().pixelSize() * 1.4))
        self.code.setFont(font)
        self.code.setAccessibleName(tr("Recovery code"))
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.save = QPushButton(tr("Save as a file…"))
        self.save.setAutoDefault(False)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.setDefault(True)
        self.keep = QPushButton(tr("I have kept it"))
        self.keep.setAutoDefault(False)
        self.keep.setProperty("role", "primary")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        self.saved = PlainLabel(wordWrap=True)
        self.saved.setProperty("role", "faint")
        self.saved.setText(tr("Behind its walls Hanare reaches no printer: save the code as a PDF, which any other "
                              "program prints."))  # fmt: skip
        self.print = QPushButton(tr("Open it to print"))
        self.print.setAutoDefault(False)
        self.print.hide()
        column.addWidget(about)
        column.addWidget(self.code)
        column.addWidget(self.saved)
        buttons = QHBoxLayout()
        buttons.addWidget(self.save)
        buttons.addWidget(self.print)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)
        self.save.clicked.connect(self.save_requested)
        self.print.clicked.connect(self.print_requested)
        self.cancel.clicked.connect(self.reject)
        self.keep.clicked.connect(self.accept)

    def show_saved(self, file: Path) -> None:
        """It was saved, and can be printed by the program that opens such files."""
        self.saved.setText(
            tr("Saved as {file}. Print it and put it away, or move it off this computer.", file=file.name)
        )
        self.print.show()
