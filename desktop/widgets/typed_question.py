"""A question that is answered by typing a word: for what cannot be taken back."""

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr

WIDTH_PX = 480


class TypedQuestion(QDialog):
    """Accepted only where `word` was typed and the button pressed; `option` is a box that may be ticked."""

    def __init__(
        self, title: str, text: str, *, word: str, yes: str, option: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH_PX)
        self._word = word
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        heading = PlainLabel(title, wordWrap=True)
        heading.setProperty("role", "heading")
        self.option = QCheckBox(option)
        self.option.setVisible(bool(option))
        ask = PlainLabel(tr("Type “{word}” to confirm:", word=word))
        self.box = QLineEdit()
        self.box.setAccessibleName(ask.text())
        for widget in (heading, PlainLabel(text, wordWrap=True), self.option, ask):
            column.addWidget(widget)
        column.addWidget(self.box)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        self.no, self.yes = QPushButton(tr("Cancel")), QPushButton(yes)
        self.yes.setProperty("role", "danger")
        self.yes.setAutoDefault(False)
        self.yes.setEnabled(False)
        self.no.setDefault(True)
        self.no.clicked.connect(self.reject)
        self.yes.clicked.connect(self.accept)
        self.box.textChanged.connect(self._look)
        buttons.addWidget(self.no)
        buttons.addWidget(self.yes)
        column.addLayout(buttons)
        self.box.setFocus()

    def _look(self, text: str) -> None:
        self.yes.setEnabled(text.strip().casefold() == self._word.casefold())
