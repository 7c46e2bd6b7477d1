"""The choice of the text with which is measured which weights of a model matter, or of a file that says so."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QVBoxLayout, QWidget

from desktop.pages.models.texts_offered import texts_offered
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.words import tr
from engine.types import Collection, Importance, TextOf
from engine.unseen import visible

_TEXT, _MATRIX = "text", "matrix"  # what is chosen as a file


class ImportanceChoice(QWidget):
    """No matrix unless one says otherwise. `importance` is what is chosen now."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.importance: Importance | None = None
        title = PlainLabel(tr("Importance matrix"))
        self.combo = QComboBox()
        self.combo.setAccessibleName(tr("Importance matrix"))
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        title.setBuddy(self.combo)
        self.about = PlainLabel(
            tr("The model first reads some text of yours, and what it uses for that is kept more exactly. The text "
               "leaves nothing behind but sums; the process that reads it has no network."),
            wordWrap=True,
        )  # fmt: skip
        self.about.setProperty("role", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE.xs)
        for widget in (title, self.combo, self.about):
            column.addWidget(widget)
        self._shown = 0
        self.offer((), documents=False, chats=False)
        self.combo.activated.connect(self._pick)

    def offer(self, collections: Sequence[Collection], *, documents: bool, chats: bool) -> None:
        """Offer what there is text of."""
        self.combo.clear()
        self.combo.addItem(tr("None"), None)
        for name, wish in texts_offered(collections, documents=documents, chats=chats):
            self.combo.addItem(name, Importance(**wish))
        self.combo.addItem(tr("A document…"), _TEXT)
        self.combo.addItem(tr("A file of a matrix…"), _MATRIX)

    # Its own affairs.

    @Slot(int)
    def _pick(self, index: int) -> None:
        wish = self.combo.itemData(index)
        if wish in (_TEXT, _MATRIX):
            path = self._asked(wish)
            if path is None:
                self.combo.setCurrentIndex(self._shown)
                return
            wish = Importance(path=path, text=TextOf.FILE if wish == _TEXT else None)
            self.combo.insertItem(index, visible(path.name), wish)
            self.combo.setCurrentIndex(index)
        self._shown = self.combo.currentIndex()
        self.importance = wish
        self.chosen.emit()

    def _asked(self, kind: str) -> Path | None:
        if kind == _TEXT:
            name, _ = QFileDialog.getOpenFileName(self, tr("Choose a document"))
        else:
            name, _ = QFileDialog.getOpenFileName(
                self, tr("Choose an importance matrix"), "", tr("Importance matrices (*.gguf *.dat)")
            )
        return Path(name) if name else None
