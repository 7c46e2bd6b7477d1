"""A line of words that shortens itself to the room it has. Plain text only."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.plain import PlainLabel
from engine.unseen import visible


class ElidedLabel(PlainLabel):
    """`words` is what it says in full; a screen reader hears all of it."""

    def __init__(
        self,
        words: str = "",
        elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", parent)
        self._elide = elide
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.say(words)

    def say(self, words: str) -> None:
        """Show these words."""
        self.words = words = visible(words)
        self.setAccessibleName(words)
        self._shorten()

    def minimumSizeHint(self) -> QSize:
        """It may become as narrow as it must."""
        return QSize(20, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There is another amount of room."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        self.setText(self.fontMetrics().elidedText(self.words, self._elide, max(self.width(), 20)))
