"""The head of a page: its title, one line of what it is for, and its main buttons."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE


class PageHeader(QWidget):
    """Title and subtitle at the left; `add` puts a widget at the right."""

    def __init__(self, title: str, subtitle: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(SPACE.s)
        words = QVBoxLayout()
        words.setSpacing(SPACE.xs)
        self.title = PlainLabel(title)
        self.title.setProperty("role", "title")
        words.addWidget(self.title)
        self.subtitle = PlainLabel(subtitle, wordWrap=True)
        self.subtitle.setProperty("role", "subtitle")
        self.subtitle.setVisible(bool(subtitle))
        words.addWidget(self.subtitle)
        self._row.addLayout(words, 1)

    def add(self, widget: QWidget) -> None:
        """Put a button or a picker at the right end."""
        self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
