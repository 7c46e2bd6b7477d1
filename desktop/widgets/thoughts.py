"""What a model thought before its answer: one line that opens into the thoughts, which are no part of the answer."""

import time

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.theme import SPACE, icon
from desktop.widgets.prose import Prose
from desktop.words import tr


class Thoughts(QWidget):
    """Folded until the person opens it, also while it grows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = ""
        self._began = self._last = 0.0
        self.fold = QPushButton()
        self.fold.setCheckable(True)
        self.fold.setProperty("role", "link")
        self.prose = Prose()
        self.prose.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.xs)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        inset = QHBoxLayout()  # so that nobody takes a thought for the answer
        inset.setContentsMargins(SPACE.xl, 0, 0, SPACE.s)
        inset.addWidget(self.prose)
        column.addLayout(inset)
        self.fold.toggled.connect(self._on_fold)
        self._show_arrow()
        self.hide()

    def show_thoughts(self, text: str, seconds: float, *, growing: bool) -> None:
        """Show what was thought, and how long it took once it has ended."""
        changed, self.text = text != self.text, text
        self.setVisible(bool(text))
        took = tr("Thought for {seconds} s", seconds=max(1, round(seconds)))
        self.fold.setText(tr("Thinking…") if growing else took)
        self.fold.setAccessibleName(self.fold.text())
        if changed and self.fold.isChecked():
            self.prose.show_plain(text)

    def add(self, text: str) -> None:
        """More of a thought."""
        self._last = time.monotonic()
        self._began = self._began or self._last
        self.show_thoughts(self.text + text, 0.0, growing=True)

    def end(self, seconds: float | None = None) -> None:
        """The answer has begun; `seconds` None takes what passed since the first piece came."""
        if self.text:
            took = self._last - self._began if seconds is None else seconds
            self.show_thoughts(self.text, took, growing=False)

    def clear(self) -> None:
        """Nothing was thought, and nothing is unfolded."""
        self.fold.setChecked(False)
        self.show_thoughts("", 0.0, growing=False)
        self._began = 0.0

    @Slot(bool)
    def _on_fold(self, opened: bool) -> None:
        if opened:
            self.prose.show_plain(self.text)
        self.prose.setVisible(opened)
        self._show_arrow()

    def _show_arrow(self) -> None:
        self.fold.setIcon(icon("chevron-down" if self.fold.isChecked() else "chevron-right", "faint"))
