"""The name of a collection, asked for. Holds no engine: asks to keep it, and is told why that cannot be."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel, caption
from desktop.theme import SPACE
from desktop.words import tr
from engine.unseen import visible

WIDTH_PX = 420


class CollectionDialog(QDialog):
    """Asks for a name."""

    keep_requested = Signal(str)

    def __init__(self, title: str, name: str, yes: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(visible(title))
        self.setMinimumWidth(WIDTH_PX)
        heading = PlainLabel(title, wordWrap=True)
        heading.setProperty("role", "heading")
        self.name = QLineEdit(visible(name))
        self.name.setAccessibleName(tr("Name of the collection"))
        self.name.setPlaceholderText(tr("Name of the collection"))
        self.name.selectAll()
        self.problem = PlainLabel(wordWrap=True)
        self.problem.setProperty("role", "bad")
        self.problem.hide()
        self.cancel, self.keep = QPushButton(tr("Cancel")), QPushButton(caption(yes))
        self.keep.setProperty("role", "primary")
        self.keep.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.keep)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        for part in (heading, self.name, self.problem):
            column.addWidget(part)
        column.addLayout(buttons)
        self.name.textChanged.connect(self._changed)
        self.cancel.clicked.connect(self.reject)
        self.keep.clicked.connect(lambda: self.keep_requested.emit(self.name.text()))
        self._changed()
        self.name.setFocus()

    def show_problem(self, words: str) -> None:
        """It cannot be called that."""
        self.problem.setText(words)
        self.problem.show()
        self.resize(self.width(), max(self.height(), self._column.totalHeightForWidth(self.width())))

    @Slot()
    def _changed(self) -> None:
        self.problem.hide()
        self.keep.setEnabled(bool(self.name.text().strip()))
