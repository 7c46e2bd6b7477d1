"""How far a question is to reach: the best passages, one whole document, or all documents."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from desktop.plain import tip
from desktop.words import tr
from engine.types import Document, Hit, Reach
from engine.unseen import visible

LONGEST_NAME = 13  # characters of a document's name; the whole of it is in the tip
HEAD, TAIL = 7, 5  # of a longer one
SHORTEST = 15  # characters that have room


class ReachChoice(QComboBox):
    """Offers the reaches; the document chosen last, in the results or in the list, is the one that is meant."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document_id: int | None = None
        self.setAccessibleName(tr("What the answer is made from"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(SHORTEST)
        self.addItem(tr("Best passages"), Reach.PASSAGES)
        self.addItem(tr("One whole document"), Reach.DOCUMENT)
        self.addItem(tr("All documents"), Reach.ALL)
        self._explain(0, tr("The passages that fit the question best: quick, and right for most questions"))
        self._explain(
            2,
            tr("The model reads every document in passes and takes notes: for “list all …” and “summarise …”. "
               "file:, folder: and type: in the question say which documents. Takes long"),
        )  # fmt: skip
        self.setToolTip(tr("What the answer is made from"))
        self.offer(None)

    @property
    def reach(self) -> Reach:
        """What is chosen."""
        return Reach(self.currentData())

    @property
    def among(self) -> tuple[int, ...] | None:
        """The document that is meant; None where the question says which."""
        if self.reach is Reach.DOCUMENT and self._document_id is not None:
            return (self._document_id,)
        return None

    def choose(self, reach: Reach) -> None:
        """Have this one chosen."""
        self.setCurrentIndex(self.findData(reach))

    def keep_to(self, documents: Sequence[Document]) -> None:
        """There are these documents now."""
        if self._document_id not in {document.id for document in documents}:
            self.offer(None)

    def offer(self, chosen: Document | Hit | None) -> None:
        """This document is chosen on the page now; None: none is."""
        if isinstance(chosen, Hit):
            self._document_id, name = chosen.passage.document_id, chosen.passage.path.name
        else:
            self._document_id, name = (chosen.id, chosen.path.name) if chosen else (None, "")
        name = visible(name)
        short = name if len(name) <= LONGEST_NAME else f"{name[:HEAD]}…{name[-TAIL:]}"
        self.setItemText(1, tr("All of {name}", name=short) if name else tr("One whole document"))
        which = tr("All of one document, where it fits the model: choose it in the list, or write file:name")
        self._explain(1, tr("All of {name}", name=name) if name else which)

    def allow_all(self, allowed: bool) -> None:
        """Whether there is a model that could read all documents and write of them."""
        rows = self.model()
        assert isinstance(rows, QStandardItemModel)
        rows.item(2).setEnabled(allowed)
        if not allowed and self.reach is Reach.ALL:
            self.choose(Reach.PASSAGES)

    def _explain(self, row: int, words: str) -> None:
        self.setItemData(row, tip(words), Qt.ItemDataRole.ToolTipRole)
