"""Asks for a new passphrase, twice, so that a slip does not lock its owner out."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr

WIDTH_PX = 460
SHORTEST = 8  # the engine refuses shorter ones; here the button waits


class NewPassphraseDialog(QDialog):
    """`exec()`, then `text`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Passphrase"))
        self.setMinimumWidth(WIDTH_PX)
        self.first = _field(tr("New passphrase"))
        self.again = _field(tr("Once more"))
        self.hint = PlainLabel(wordWrap=True)
        self.hint.setProperty("role", "small")
        self.keep = QPushButton(tr("Set the passphrase"))
        self.keep.setProperty("role", "primary")
        self.keep.setDefault(True)
        cancel = QPushButton(tr("Cancel"))
        cancel.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        about = PlainLabel(
            tr("Four or five words that do not belong together are good and easy to remember. Nobody can tell you the "
               "passphrase if you forget it: make a recovery code as well."),
            wordWrap=True,
        )  # fmt: skip
        for widget in (about, self.first, self.again, self.hint):
            column.addWidget(widget)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.keep)
        column.addLayout(buttons)
        self.first.textChanged.connect(self._refresh)
        self.again.textChanged.connect(self._refresh)
        self.keep.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        self._refresh()

    @property
    def text(self) -> str:
        """The passphrase."""
        return self.first.text()

    @Slot()
    def _refresh(self) -> None:
        long_enough = len(self.text.strip()) >= SHORTEST
        same = self.text == self.again.text()
        self.keep.setEnabled(long_enough and same)
        if not long_enough:
            self.hint.setText(tr("At least {count} characters.", count=SHORTEST))
        elif not same:
            self.hint.setText(tr("The two are not the same yet."))
        else:
            self.hint.setText(tr("The two are the same."))


def _field(name: str) -> QLineEdit:
    field = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    field.setPlaceholderText(name)
    return field
