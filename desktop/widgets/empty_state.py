"""What a page shows while it has nothing to show: what would be here, and how to begin."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon_pixmap, theme

ICON_PX = 44
TEXT_PX, LEAST_PX, STEP_PX = 440, 240, 8


class EmptyState(QWidget):
    """An icon, a title, a sentence or two, and the buttons added with `add_button`; free below are `foot_px`."""

    def __init__(self, icon_name: str, title: str, text: str, *, foot_px: int = SPACE.xl) -> None:
        super().__init__()
        self._icon_name = icon_name
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, foot_px)
        column.setSpacing(SPACE.m)
        column.addStretch(2)
        self._picture = PlainLabel(alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._picture)
        self.title = PlainLabel(title, alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self.title.setProperty("role", "heading")
        column.addWidget(self.title)
        self.text = PlainLabel(text, alignment=Qt.AlignmentFlag.AlignHCenter, wordWrap=True)
        self.text.setProperty("role", "faint")
        column.addWidget(self.text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(SPACE.s)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(SPACE.s)
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        column.addLayout(self._buttons)
        column.addStretch(3)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()
        self._fit_text()

    def add_button(self, text: str, *, primary: bool = False) -> QPushButton:
        """A button below the text; connect its `clicked`."""
        button = QPushButton(text)
        if primary:
            button.setProperty("role", "primary")
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button

    def show_words(self, title: str, text: str) -> None:
        """Say something else, on the same ground ("Nothing found")."""
        self.title.setText(title)
        self.text.setText(text)
        self._fit_text()

    def _fit_text(self) -> None:
        """All its lines, about equally long: no word stands alone on the last one.

        The height is set because the layout around it does not always ask for the height of a width.
        """
        self.text.setMinimumSize(0, 0)
        height, width = self.text.heightForWidth(TEXT_PX), TEXT_PX
        while width > LEAST_PX and self.text.heightForWidth(width - STEP_PX) <= height:
            width -= STEP_PX
        self.text.setFixedWidth(width)
        self.text.setMinimumHeight(height)

    def _paint_icon(self) -> None:
        self._picture.setPixmap(icon_pixmap(self._icon_name, "accent", ICON_PX, self.devicePixelRatioF()))
