"""A field to search in: a loupe, a way to empty it, a key to leave it, and one signal when the typing rests."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.theme import icon
from desktop.words import tr

REST_MS = 120  # typing faster than this is one search


class SearchField(QLineEdit):
    """Emits `searched` with the trimmed text when typing rests or Enter is pressed, `left_downwards` on Down."""

    searched = Signal(str)
    left_downwards = Signal()

    def __init__(self, placeholder: str, rest_ms: int = REST_MS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "search")
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._empty = QAction(icon("close", "faint"), tr("Clear"), self)
        self._empty.triggered.connect(self.clear)
        self.addAction(self._empty, QLineEdit.ActionPosition.TrailingPosition)
        self._empty.setVisible(False)
        self.addAction(QAction(icon("search", "faint"), "", self), QLineEdit.ActionPosition.LeadingPosition)
        self._rest = QTimer(self, singleShot=True, interval=rest_ms)
        self._rest.timeout.connect(self._say)
        self.textChanged.connect(self._on_text)
        self.returnPressed.connect(self._say)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        if event.key() == Qt.Key.Key_Down:
            self.left_downwards.emit()
            return
        super().keyPressEvent(event)

    def _on_text(self, text: str) -> None:
        self._empty.setVisible(bool(text))
        self._rest.start()

    def _say(self) -> None:
        self._rest.stop()
        self.searched.emit(self.text().strip())
