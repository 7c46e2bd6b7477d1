"""Models that lie on this computer already: which of them are to be used, where they lie."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPushButton, QTableView, QVBoxLayout, QWidget

from desktop.pages.models.elsewhere_model import ElsewhereModel, about
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.table import table_view
from desktop.words import tr
from engine.types import ModelElsewhere
from engine.unseen import visible

SIZE_PX = (820, 460)
NAME = 0


class ElsewhereDialog(QDialog):
    """Shows what is found as soon as the search has ended. `chosen` is what is to be used when it is accepted."""

    folder_chosen = Signal(object)  # a Path to look into

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Models on this computer"))
        self.resize(*SIZE_PX)
        self._found = ElsewhereModel(self)
        heading = PlainLabel(tr("Use models you have already"))
        heading.setProperty("role", "heading")
        words = PlainLabel(
            tr(
                "Models that LM Studio, Jan, GPT4All, Ollama or another program has fetched are used where they lie. "
                "Nothing is copied, and the other program keeps them."
            ),
            wordWrap=True,
        )
        words.setProperty("role", "faint")
        self.table = table_view(self._found, tr("Models found"), NAME)
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.state = PlainLabel(wordWrap=True)
        self.state.setProperty("role", "faint")
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.s)
        for widget in (heading, words, self.table, self.state):
            column.addWidget(widget)
        column.setStretchFactor(self.table, 1)
        column.addLayout(self._make_buttons())
        self.table.selectionModel().selectionChanged.connect(self._count)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.show_looking()

    @property
    def chosen(self) -> tuple[ModelElsewhere, ...]:
        """Those selected that can be used and are not in the library yet."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return tuple(line for line in (self._found.lines[row] for row in rows) if line.facts and not line.known)

    def show_looking(self, found: int = 0) -> None:
        """The search goes on; so many have been found."""
        self.state.setText(tr("Looking for models… {count} found so far.", count=found))
        self.look.setEnabled(False)

    def show_found(self, found: Sequence[ModelElsewhere]) -> None:
        """The search has ended with these; all that are new are selected."""
        self._found.replace(found)
        self.look.setEnabled(True)
        self.state.setText("" if found else tr("No models were found there. Look into a folder where some may be."))
        new = [row for row, line in enumerate(found) if line.facts and not line.known]
        for row in new:
            self.table.selectionModel().select(
                self._found.index(row, 0),
                self.table.selectionModel().SelectionFlag.Select | self.table.selectionModel().SelectionFlag.Rows,
            )
        self._count()
        (self.table if found else self.look).setFocus()

    def show_problem(self, words: str) -> None:
        """The folder could not be looked into."""
        self.look.setEnabled(True)
        self.state.setText(words)

    def _make_buttons(self) -> QHBoxLayout:
        self.look = QPushButton(tr("Look into a folder…"))
        self.look.clicked.connect(self._ask_folder)
        self.cancel = QPushButton(tr("Cancel"))
        self.cancel.clicked.connect(self.reject)
        self.go = QPushButton()
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.look)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.go)
        self._count()
        return row

    @Slot()
    def _count(self) -> None:
        count = len(self.chosen)
        self.go.setEnabled(count > 0)
        self.go.setText(tr("Use these {count}", count=count) if count > 1 else tr("Use this model"))

    @Slot()
    def _show_current(self) -> None:
        """Below the table stands where the current file lies, and what is wrong with it."""
        row = self.table.currentIndex().row()
        if row >= 0:
            self.state.setText(visible(about(self._found.lines[row])))

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self, tr("Look into a folder"))
        if name:
            self.folder_chosen.emit(Path(name))
