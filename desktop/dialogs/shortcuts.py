"""The list of keys, on F1."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.theme import SPACE
from desktop.words import later, tr


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key as it is called on this computer, and what it does."""

    keys: str
    title: str


IN_A_CHAT = (
    ("Enter", later("Send")),
    ("Shift+Enter", later("New line")),
    ("Esc", later("Stop the answer")),
)


class ShortcutsDialog(QDialog):
    """All shortcuts in two columns."""

    def __init__(self, shortcuts: tuple[Shortcut, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        heading = QLabel(tr("Keyboard shortcuts"))
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.xxl)
        grid.setVerticalSpacing(SPACE.s)
        rows = (*shortcuts, *(Shortcut(keys, tr(title)) for keys, title in IN_A_CHAT))
        for number, row in enumerate(rows):
            keys = QLabel(row.keys)
            keys.setProperty("role", "chip")
            grid.addWidget(QLabel(row.title), number, 0)
            grid.addWidget(keys, number, 1, Qt.AlignmentFlag.AlignRight)
        column.addLayout(grid)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
