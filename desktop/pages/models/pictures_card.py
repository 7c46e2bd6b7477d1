"""With which file the model on show sees pictures; another one, or none, can be chosen."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE
from desktop.widgets.amounts import size_text
from desktop.widgets.card import Card
from desktop.widgets.row_paint import home_words
from desktop.words import tr
from engine.types import Model
from engine.unseen import visible


class PicturesCard(Card):
    """Shows the projector of one model."""

    file_chosen = Signal(object)  # Path
    none_requested = Signal()
    found_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Pictures"), parent,
            about=tr("A model sees pictures with a projector, a second file whose name has mmproj in it. One in the "
                     "same folder, or from the same repository, is taken by itself if it fits."),
        )  # fmt: skip
        self.told = PlainLabel(wordWrap=True)
        self.where = PlainLabel(wordWrap=True)
        self.where.setProperty("role", "small")
        self.choose = QPushButton(tr("Choose a projector…"))
        self.none = QPushButton(tr("Without pictures"))
        self.found = QPushButton(tr("Take the one found"))
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        for button in (self.choose, self.none, self.found):
            row.addWidget(button)
        row.addStretch(1)
        self.column.addWidget(self.told)
        self.column.addWidget(self.where)
        self.column.addLayout(row)
        self.choose.clicked.connect(self._choose)
        self.none.clicked.connect(self.none_requested)
        self.found.clicked.connect(self.found_requested)
        self._folder = ""

    def show_projector(self, model: Model, name: str, seeing_bytes: int, found: Path | None) -> None:
        """Show with what `model` sees, its `name` and its need; `found` is the one it would take by itself."""
        self._folder = str(model.path.parent)
        if model.projector is None:
            self.told.setText(tr("It sees no pictures."))
        else:
            words = tr("It sees pictures with {name}. Where a picture is shown, it needs {size} more memory.",
                       name=visible(name), size=size_text(seeing_bytes))  # fmt: skip
            self.told.setText(words)
            self.where.setText(home_words(model.projector))
            self.where.setToolTip(tip(str(model.projector)))
        self.where.setVisible(model.projector is not None)
        self.none.setVisible(model.projector is not None)
        self.found.setVisible(found is not None and found != model.projector)
        self.found.setToolTip(tip(str(found or "")))

    # Its own affairs.

    @Slot()
    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a projector"), self._folder, tr("GGUF projectors (*.gguf)")
        )
        if name:
            self.file_chosen.emit(Path(name))
