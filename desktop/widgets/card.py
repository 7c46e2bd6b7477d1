"""A card: a quiet white sheet that groups what belongs together."""

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE


class Card(QFrame):
    """A frame with a column; `card.column.addWidget(…)` fills it below the heading and what it is about."""

    def __init__(self, heading: str = "", parent: QWidget | None = None, *, about: str = "") -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE.xl, SPACE.l, SPACE.xl, SPACE.l)
        self.column.setSpacing(SPACE.m)
        if heading:
            label = PlainLabel(heading)
            label.setProperty("role", "heading")
            self.column.addWidget(label)
        if about:
            words = PlainLabel(about, wordWrap=True)
            words.setProperty("role", "faint")
            self.column.addWidget(words)


def hairline(parent: QWidget | None = None, *, upright: bool = False) -> QFrame:
    """A thin line between two parts."""
    line = QFrame(parent)
    line.setProperty("role", "upright" if upright else "line")
    return line
