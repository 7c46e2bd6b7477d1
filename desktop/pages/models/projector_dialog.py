"""The question whether to fetch a model's projector with it, and which where the repository has several."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import size_text
from desktop.words import tr
from engine.types import HubFile
from engine.unseen import visible

WIDTH_PX = 560


class ProjectorDialog(QDialog):
    """Yes is the answer unless one says otherwise, and the first is the one to take."""

    def __init__(self, file: str, found: Sequence[HubFile], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Download a model"))
        self.setFixedWidth(WIDTH_PX)
        self._found = tuple(found)
        heading = PlainLabel(tr("Is it to see pictures?"))
        heading.setProperty("role", "heading")
        words = tr("The repository of {file} also has a projector, with which the model sees pictures. Without it the "
                   "model reads and writes text as well.", file=file)  # fmt: skip
        about = PlainLabel(words, wordWrap=True)
        about.setProperty("role", "faint")
        self.wanted = QCheckBox(tr("Fetch the projector too"))
        self.wanted.setChecked(True)
        self.which = QComboBox()
        self.which.setAccessibleName(tr("Projector"))
        for one in self._found:
            named = tr("{name} ({size})", name=one.name, size=size_text(one.size_bytes))
            self.which.addItem(visible(named))
        self.wanted.toggled.connect(self._show_wanted)
        note = PlainLabel(
            tr(
                "The first is the smallest that keeps at least 8 bits of each weight, if any does. "
                "Larger ones take more memory."
            ),
            wordWrap=True,
        )
        note.setProperty("role", "small")
        note.setVisible(len(self._found) > 1)
        self.go = QPushButton()
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        self.nothing = QPushButton(tr("Download nothing"))
        self.nothing.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE.s)
        buttons.addStretch(1)
        buttons.addWidget(self.nothing)
        buttons.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.s)
        for widget in (heading, about, self.wanted, self.which, note):
            column.addWidget(widget)
        column.addSpacing(SPACE.s)
        column.addLayout(buttons)
        self._show_wanted(True)

    @Slot(bool)
    def _show_wanted(self, wanted: bool) -> None:
        self.which.setEnabled(wanted)
        self.go.setText(tr("Download both") if wanted else tr("Download the model alone"))

    @property
    def projector(self) -> HubFile | None:
        """What is chosen now; None for none."""
        return self._found[self.which.currentIndex()] if self.wanted.isChecked() else None
