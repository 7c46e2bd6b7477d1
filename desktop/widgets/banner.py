"""A strip at the top of a page that says one lasting thing, with an optional button."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon_pixmap, restyle, theme

ICON_PX = 18
TINTS = {"": "accent", "warn": "warn", "bad": "bad"}


class Banner(QFrame):
    """`tone` is "" (a remark), "warn" or "bad"."""

    def __init__(
        self, text: str = "", *, tone: str = "", icon_name: str = "info", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setProperty("tone", tone)
        self._icon_name, self._tone = icon_name, tone
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE.l, SPACE.s, SPACE.m, SPACE.s)
        self._row.setSpacing(SPACE.m)
        self._picture = PlainLabel()
        self._row.addWidget(self._picture)
        self.label = PlainLabel(text, wordWrap=True)
        self._row.addWidget(self.label, 1)
        theme().changed.connect(self._paint_icon)
        self._paint_icon()

    def add_button(self, text: str) -> QPushButton:
        """A button at the right end; connect its `clicked`."""
        button = QPushButton(text)
        button.setProperty("role", "link")
        self._row.addWidget(button)
        return button

    def show_text(self, text: str, tone: str = "") -> None:
        """Say something else."""
        self.label.setText(text)
        self._tone = tone
        self.setProperty("tone", tone)
        restyle(self, "banner")
        self._paint_icon()

    def _paint_icon(self) -> None:
        tint = TINTS[self._tone]
        self._picture.setPixmap(icon_pixmap(self._icon_name, tint, ICON_PX, self.devicePixelRatioF()))
