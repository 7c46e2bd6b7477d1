"""Words on screen that stay words: no markup in them is followed, no sign in them is hidden.

Qt takes a label or a tooltip for rich text when it looks like it, and would then open the pictures it names. Every
label of ours is a `PlainLabel`; tooltips, buttons and menus that show a name or a text go through `tip` and `caption`.
"""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from engine.unseen import visible


class PlainLabel(QLabel):
    """A label that shows its text as it is written."""

    def __init__(self, text: str = "", parent: QWidget | None = None, **properties: Any) -> None:
        super().__init__(visible(text), parent, textFormat=Qt.TextFormat.PlainText, **properties)

    def setText(self, text: str) -> None:
        """Show `text`."""
        super().setText(visible(text))


def tip(text: str) -> str:
    """`text` for a tooltip, which has no plain format: nothing in it begins a tag or is taken for one written out."""
    return visible(text).replace("<", "‹").replace("&lt;", "＆lt;")


def caption(text: str) -> str:
    """`text` for a button or a menu, where an ampersand would mark a shortcut."""
    return visible(text).replace("&", "&&")
