"""What making a model smaller cost: a sentence, a plot and a table of all that were made of it, and measuring anew."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.pages.models.cost_plot import CostPlot
from desktop.pages.models.cost_text import CostTextChoice
from desktop.pages.models.variants_model import VariantsModel, measured_text, savings_text, sentence
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.table import table_view
from desktop.widgets.tall_body import TallBody
from desktop.words import tr
from engine.types import Collection, Family, ModelOrigin, Variant

WIDTH_PX, TABLE_PX = 680, 140


class CostDialog(QDialog):
    """Shows one family. Closes itself before it wishes for anything that takes its place."""

    measure_requested = Signal(int, object)  # the model, CostText
    delete_requested = Signal(int)  # the large model
    show_file_requested = Signal(int)  # the large model

    def __init__(self, family: Family, chosen_id: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("What it cost"))
        self.setMinimumWidth(WIDTH_PX)
        self._family = family
        self._variants = VariantsModel(self)
        self._variants.large_bytes = family.size_bytes
        self._variants.replace(family.variants)
        heading = PlainLabel(tr("What it cost to make {name} smaller", name=family.name), wordWrap=True)
        heading.setProperty("role", "heading")
        self.sentence, self.savings, self.measured = (PlainLabel(wordWrap=True) for _ in range(3))
        for label in (self.savings, self.measured):
            label.setProperty("role", "faint")
        self.plot = CostPlot()
        self.hollow = PlainLabel(tr("Hollow points were measured with another text; compare them with care."))
        self.hollow.setProperty("role", "small")
        self.table = table_view(self._variants, tr("The models made of it"), 0)
        self.table.setFixedHeight(TABLE_PX)
        self.text = CostTextChoice()
        self.text.setAccessibleName(tr("Text"))
        body = TallBody(WIDTH_PX - 2 * SPACE.xl)
        for widget in (heading, self.sentence, self.savings, self.measured, self.plot, self.hollow, self.table):
            body.column.addWidget(widget)
        body.column.addLayout(self._make_text_row())
        body.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE.xl, SPACE.xl, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.m)
        column.addWidget(body, 1)
        column.addLayout(self._make_buttons())
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.plot.chosen.connect(self.choose)
        self.choose(chosen_id)

    def offer_texts(self, collections: Sequence[Collection], *, documents: bool, chats: bool) -> None:
        """What there is to measure with."""
        self.text.offer(collections, documents=documents, chats=chats)

    @Slot(int)
    def choose(self, model_id: int) -> None:
        """Show this one of them; where it is none of them, the first that was measured, else the first."""
        lines = self._variants.lines
        rows = [row for row, line in enumerate(lines) if line.model.id == model_id]
        rows += [row for row, line in enumerate(lines) if line.cost is not None]
        self.table.setCurrentIndex(self._variants.index(rows[0] if rows else 0, 0) if lines else QModelIndex())
        self._choose()

    # Its own affairs.

    def _make_text_row(self) -> QHBoxLayout:
        title = PlainLabel(tr("Text"))
        title.setBuddy(self.text)
        self.measure = QPushButton()
        self.measure.setProperty("role", "primary")
        self.measure.setDefault(True)
        self.measure.clicked.connect(self._measure)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(title)
        row.addWidget(self.text, 1)
        row.addWidget(self.measure)
        return row

    def _make_buttons(self) -> QHBoxLayout:
        large = self._family.large
        is_theirs = large is not None and large.origin is ModelOrigin.DISK
        self.part = QPushButton(tr("Show the large file in its folder") if is_theirs else tr("Delete the large file…"))
        if not is_theirs:
            self.part.setProperty("role", "danger")
        self.part.clicked.connect(self._part)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addWidget(self.part)
        row.addStretch(1)
        row.addWidget(close)
        return row

    def _chosen(self) -> Variant | None:
        row = self.table.currentIndex().row()
        return self._variants.lines[row] if 0 <= row < len(self._variants.lines) else None

    @Slot()
    def _choose(self) -> None:
        chosen, large = self._chosen(), self._family.large
        cost = chosen.cost if chosen else None
        is_here = large is not None and not large.missing
        self.plot.show_variants(self._variants.lines, self._family.size_bytes, chosen)
        self.plot.setVisible(any(one.cost for one in self._variants.lines))
        self.hollow.setVisible(self.plot.hollow)
        if cost is not None:
            self.sentence.setText(sentence(cost))
            self.savings.setText(savings_text(cost))
            self.measured.setText(measured_text(cost))
        else:
            words = tr("Not measured yet. Both models read the same text, and what they expect at each place of it is "
                       "compared. Figures are kept, and nothing of the text.")  # fmt: skip
            if not is_here:
                words = tr("Not measured, and the large model is not here any more.")
            self.sentence.setText(words)
        for label in (self.savings, self.measured):
            label.setVisible(cost is not None)
        self.measure.setText(tr("Measure again") if cost else tr("Measure"))
        self.measure.setEnabled(is_here and chosen is not None and not chosen.model.missing)
        self.text.setEnabled(is_here)
        self.part.setVisible(is_here and cost is not None and not chosen.model.missing if chosen else False)

    @Slot()
    def _measure(self) -> None:
        chosen, wish = self._chosen(), self.text.wish
        if chosen is not None:
            self.accept()
            self.measure_requested.emit(chosen.model.id, wish)

    @Slot()
    def _part(self) -> None:
        large = self._family.large
        if large is None:
            return
        if large.origin is ModelOrigin.DISK:
            self.show_file_requested.emit(large.id)
            return
        self.accept()
        self.delete_requested.emit(large.id)
