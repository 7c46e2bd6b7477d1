"""The choice of what is searched, asked and listed: all documents, or one collection.

Its menu makes collections and changes the one that is chosen. Holds no engine.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from desktop.plain import caption, tip
from desktop.widgets.amounts import count_text
from desktop.words import tr
from engine.types import Collection
from engine.unseen import visible

WIDEST_PX = 220  # of a name; the tip has all of it


class CollectionChoice(QPushButton):
    """A button that says which collection is chosen, if any, with a menu."""

    picked = Signal()  # another one, or all documents again
    new_requested = Signal()
    rename_requested = Signal(object)  # Collection
    delete_requested = Signal(object)  # Collection

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._collections: tuple[Collection, ...] = ()
        self.collection: Collection | None = None
        self.setMenu(QMenu(self))
        self.menu().aboutToShow.connect(self._fill)
        self._show()

    def show_collections(self, collections: Sequence[Collection]) -> None:
        """Offer these; the one that is chosen stays so while it is there."""
        self._collections = tuple(collections)
        chosen = self.collection and self.collection.id
        self.collection = next((one for one in self._collections if one.id == chosen), None)
        self._show()
        if not self.menu().isVisible():  # what the person is choosing from stays
            self._fill()
        if chosen and self.collection is None:
            self.picked.emit()

    def choose(self, collection: Collection | None) -> None:
        """Limit the page to this one; None: to nothing."""
        if collection != self.collection:
            self.collection = collection
            self._show()
            self.picked.emit()

    def within(self, words: str) -> str:
        """A search or a question, limited as it is chosen here."""
        return f"{self.collection.term} {words}" if self.collection else words

    # Its own affairs.

    def _show(self) -> None:
        name = self.collection.name if self.collection else tr("All documents")
        words = visible(name) if self.collection else tr("Collections")
        elided = QFontMetrics(self.font()).elidedText(words, Qt.TextElideMode.ElideMiddle, WIDEST_PX)
        self.setText(caption(elided))
        self.setProperty("role", "" if self.collection else "quiet")
        self.style().polish(self)
        self.setAccessibleName(visible(tr("Collection: {name}", name=name)))
        self.setToolTip(tip(f"{name}\n{tr('What is searched, asked and listed')}"))

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        for collection in (None, *self._collections):
            action = menu.addAction(_words(collection), partial(self.choose, collection))
            action.setCheckable(True)
            action.setChecked(collection == self.collection)
        menu.addSeparator()
        menu.addAction(tr("New collection…"), self.new_requested.emit)
        if self.collection is not None:
            name, wish = self.collection.name, self.collection
            menu.addAction(caption(tr("Rename “{name}”…", name=name)), partial(self.rename_requested.emit, wish))
            menu.addAction(caption(tr("Delete “{name}”", name=name)), partial(self.delete_requested.emit, wish))


def _words(collection: Collection | None) -> str:
    if collection is None:
        return tr("All documents")
    return caption(f"{collection.name} · {count_text(len(collection.documents))}")
