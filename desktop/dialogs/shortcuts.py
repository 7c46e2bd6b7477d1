"""The list of keys."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import later, tr


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key as it is called on this computer, and what it does."""

    keys: str
    title: str


# The keys of each page; the window adds its own as "Everywhere". A test compares them with what the pages answer to.
PAGE_KEYS: dict[str, tuple[tuple[str, str], ...]] = {
    later("Chat"): (
        ("Enter", later("Send")),
        ("Shift+Enter", later("New line")),
        ("Esc", later("Stop the answer")),
        ("Ctrl+R", later("Write the last answer again")),
        ("Ctrl+Shift+C", later("Copy the last answer")),
        ("Ctrl+Shift+A", later("Attach pictures")),
        ("Ctrl+V", later("Attach the picture that was copied")),
        ("Ctrl+L", later("Choose the model")),
        ("Ctrl+F", later("Search chat titles")),
        ("F2", later("Rename the chat")),
        ("Ctrl+Del", later("Delete the chat")),
    ),
    later("Documents"): (
        ("Enter", later("Ask, or open what is chosen")),
        ("Down", later("From the search into the list")),
        ("Ctrl+F", later("Search documents")),
        ("Esc", later("Stop the answer, or empty the search")),
        ("F5", later("Look for new and changed files")),
        ("Del", later("Remove the document")),
    ),
    later("Compare"): (
        ("Enter", later("Run")),
        ("Esc", later("Stop")),
    ),
    later("A document on show"): (
        ("PgUp", later("Up, or to the page before")),
        ("PgDown", later("Down, or to the next page")),
        ("Ctrl+PgUp", later("Previous page")),
        ("Ctrl+PgDown", later("Next page")),
        ("Ctrl++", later("Larger")),
        ("Ctrl+-", later("Smaller")),
        ("Ctrl+0", later("Fit width")),
        ("Ctrl+O", later("Open in its own program")),
        ("Esc", later("Close")),
    ),
}


class ShortcutsDialog(QDialog):
    """All shortcuts, by page, in two columns."""

    def __init__(self, shortcuts: tuple[Shortcut, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keyboard shortcuts"))
        self._parts = [(tr("Everywhere"), shortcuts)]
        for page, keys in PAGE_KEYS.items():
            self._parts.append((tr(page), tuple(Shortcut(key_text(key), tr(title)) for key, title in keys)))
        heading = PlainLabel(tr("Keyboard shortcuts"))
        heading.setProperty("role", "heading")
        sides = QHBoxLayout()
        sides.setSpacing(SPACE.xxl)
        for parts in (self._parts[:2], self._parts[2:]):
            side = QVBoxLayout()
            side.setSpacing(SPACE.xl)
            for title, rows in parts:
                side.addLayout(self._part(title, rows))
            side.addStretch(1)
            sides.addLayout(side, 1)
        inside = QWidget()
        inside.setLayout(sides)
        sides.setContentsMargins(0, 0, SPACE.m, 0)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(inside)
        scroll.setMinimumWidth(inside.sizeHint().width() + SPACE.xl)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        close.setFocus()
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.l)
        column.addWidget(heading)
        column.addWidget(scroll, 1)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        room = self.screen().availableSize().height() * 9 // 10
        self.resize(self.sizeHint().width(), min(room, inside.sizeHint().height() + 150))

    @property
    def keys(self) -> dict[str, set[str]]:
        """The keys listed, by page."""
        return {title: {row.keys for row in rows} for title, rows in self._parts}

    @staticmethod
    def _part(title: str, rows: tuple[Shortcut, ...]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.xl)
        grid.setVerticalSpacing(SPACE.s)
        grid.setColumnStretch(0, 1)
        name = PlainLabel(title)
        name.setProperty("role", "strong")
        grid.addWidget(name, 0, 0, 1, 2)
        for number, row in enumerate(rows, start=1):
            keys = PlainLabel(row.keys)
            keys.setProperty("role", "chip")
            grid.addWidget(PlainLabel(row.title), number, 0)
            grid.addWidget(keys, number, 1, Qt.AlignmentFlag.AlignRight)
        return grid


def key_text(key: str) -> str:
    """A key as this computer calls it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
