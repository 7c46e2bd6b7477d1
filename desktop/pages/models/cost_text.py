"""The choice of the text with which two models are compared."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from desktop.pages.models.texts_offered import texts_offered
from desktop.words import tr
from engine.types import Collection, CostText, TextOf
from engine.unseen import visible


class CostTextChoice(QComboBox):
    """The sample that Hanare comes with, unless one says otherwise. `wish` is what is chosen now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.wish = CostText()
        self._shown = 0
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.offer((), documents=False, chats=False)
        self.activated.connect(self._pick)

    def offer(self, collections: Sequence[Collection], *, documents: bool, chats: bool) -> None:
        """Offer what there is text of."""
        self.clear()
        self.addItem(tr("The sample text (English and Japanese)"), CostText())
        for name, wish in texts_offered(collections, documents=documents, chats=chats):
            self.addItem(name, CostText(**wish))
        self.addItem(tr("A document…"))

    @Slot(int)
    def _pick(self, index: int) -> None:
        wish: CostText | None = self.itemData(index)
        if wish is None:
            name, _ = QFileDialog.getOpenFileName(self, tr("Choose a document"))
            if not name:
                self.setCurrentIndex(self._shown)
                return
            wish = CostText(text=TextOf.FILE, path=Path(name))
            self.insertItem(index, visible(Path(name).name), wish)
            self.setCurrentIndex(index)
        self._shown, self.wish = self.currentIndex(), wish
