"""A small word on a soft ground, beside a name: "Test model", "Q4_K_M"."""

from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.plain import PlainLabel


class Chip(PlainLabel):
    """`tone` is "", "accent", "warn" or "bad"."""

    def __init__(self, text: str, tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("role", "chip")
        self.setProperty("tone", tone)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
