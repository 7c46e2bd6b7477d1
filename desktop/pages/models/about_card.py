"""What a model is: how it is built, in which forms its weights lie, where it comes from, what its file comes to."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from desktop.pages.models.card_words import Line, built_lines, layers_words, origin_lines
from desktop.pages.models.forms_bar import FormsBar
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.amounts import count_text, parameters_text, short_text
from desktop.widgets.card import Card, hairline
from desktop.widgets.flow import Flow
from desktop.widgets.progress_row import progress_text
from desktop.widgets.table import TableModel, table_view
from desktop.words import later, tr
from engine.events import Progressed
from engine.types import Checksum, Differing, KnownCard, Model

TITLE_PX, LINE_PX, MOST_LINES, GROUP = 170, 30, 8, 8


class DifferingModel(TableModel[Differing]):
    """The matrices in another form than most."""

    titles = (later("Tensor"), later("Form"), later("Layers"), later("Weights"))
    figures = (3,)

    def cells(self, line: Differing) -> Sequence[str]:
        """Its name, its form, in which layers, how many weights."""
        return line.name, line.form, layers_words(line), parameters_text(line.weights)

    def tooltip(self, line: Differing) -> str:
        """The whole name and all layers, for they may be cut."""
        return " · ".join(filter(None, (line.name, layers_words(line))))


class AboutCard(Card):
    """Fills when the header has been read."""

    checksum_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("What it is"), parent, about=tr("As its file says; nothing of it is loaded for this."))
        self.built, self.origin = _Lines(), _Lines()
        self._sums = ""
        self.weights, self.bar = PlainLabel(wordWrap=True), FormsBar()
        self._differing = DifferingModel(self)
        self.table = table_view(self._differing, tr("Tensors in another form than most"), 2)
        self.fold = QPushButton()
        self.fold.setProperty("role", "link")
        self.fold.setCheckable(True)
        self.checksum = PlainLabel(wordWrap=True)
        self.checksum.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.reckon = QPushButton(tr("Compute the SHA-256"))
        self.reckon.setToolTip(tr("Reads the whole file, to compare it with what its publisher says."))
        self.copy = QPushButton(tr("Copy"))
        self.copy.setAccessibleDescription("SHA-256")
        self.stop = QPushButton(tr("Stop"))
        self.stop.setAccessibleDescription(tr("Compute the SHA-256"))
        self.column.addLayout(self.built)
        for widget in (hairline(), self.weights, self.bar, self.table):
            self.column.addWidget(widget)
        self.column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(hairline())
        self.column.addLayout(self.origin)
        self.column.addWidget(self.checksum)
        buttons = Flow(gap_px=SPACE.s)
        for button in (self.copy, self.reckon, self.stop):
            buttons.addWidget(button)
        self.column.addLayout(buttons)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._sums))
        self.reckon.clicked.connect(self.checksum_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.fold.toggled.connect(self._unfold)
        self._unfold(False)
        self.hide()

    def show_card(self, model: Model, known: KnownCard) -> None:
        """Show all of it."""
        card = known.card
        self.built.show_lines(built_lines(card) if card.facts.use != "adapter" else ())
        self.origin.show_lines(origin_lines(model, known))
        bits = short_text(card.bits_per_weight)
        self.weights.setText(tr("{bits} bits for each weight, of {count} weights in these forms:",
                                bits=bits, count=parameters_text(card.facts.parameters)))  # fmt: skip
        self.weights.setVisible(bool(card.forms))
        self.bar.show_forms(card.forms)
        self._differing.replace(card.differing)
        lines = min(MOST_LINES, len(card.differing))
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + lines * LINE_PX + SPACE.s)
        self.fold.setVisible(bool(card.differing))
        self._unfold(self.fold.isChecked())
        self.show_checksum(known.checksum)
        self.show()

    def show_checksum(self, known: Checksum | None) -> None:
        """Show what is known of the files, and offer to reckon what is not."""
        self.stop.hide()
        self.copy.hide()
        self.reckon.setVisible(known is None or known.known == "download")
        self.checksum.setVisible(known is not None)
        if known is None:
            return
        words = tr("SHA-256, from the download:") if known.known == "download" else tr("SHA-256, computed here:")
        several = len(known.files) > 1
        sums = (_in_groups(sha256) + (f"  {name}" if several else "") for name, sha256 in known.files)
        self.checksum.setText("\n".join([words, *sums]))
        self._sums = "\n".join(sha256 + (f"  {name}" if several else "") for name, sha256 in known.files)
        self.copy.show()

    def show_reckoning(self, event: Progressed | None) -> None:
        """Say how far the reading has come; None: it has begun."""
        self.reckon.hide()
        self.copy.hide()
        self.stop.show()
        self.checksum.show()
        words = tr("Reading the file…")
        self.checksum.setText(f"{words} {progress_text(event)}" if event else words)

    def _unfold(self, shown: bool) -> None:
        self.table.setVisible(shown and not self.fold.isHidden())
        count = count_text(len(self._differing.lines))
        self.fold.setText(
            tr("Hide the tensors") if shown else tr("Show {count} kinds of tensors that differ", count=count)
        )


def _in_groups(sha256: str) -> str:
    """Eight signs and eight signs, so that it can be compared by eye and broken into lines."""
    return " ".join(sha256[at : at + GROUP] for at in range(0, len(sha256), GROUP))


class _Lines(QGridLayout):
    """Titles and what stands beside them; as many as there are."""

    def __init__(self) -> None:
        super().__init__()
        self.setHorizontalSpacing(SPACE.l)
        self.setVerticalSpacing(SPACE.s)
        self.setColumnMinimumWidth(0, TITLE_PX)
        self.setColumnStretch(1, 1)
        self.shown: dict[str, PlainLabel] = {}
        self._labels: list[tuple[PlainLabel, PlainLabel]] = []

    def show_lines(self, lines: Iterable[Line]) -> None:
        """Show these; labels are made once and used again."""
        given = list(lines)
        while len(self._labels) < len(given):
            title, value = PlainLabel(), PlainLabel(wordWrap=True)
            title.setProperty("role", "faint")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row = len(self._labels)
            self.addWidget(title, row, 0, Qt.AlignmentFlag.AlignTop)
            self.addWidget(value, row, 1, Qt.AlignmentFlag.AlignTop)
            self._labels.append((title, value))
        self.shown = {name: value for (name, _), (_, value) in zip(given, self._labels, strict=False)}
        for number, (title, value) in enumerate(self._labels):
            for label, text in zip((title, value), given[number] if number < len(given) else ("", ""), strict=True):
                label.setText(text)
                label.setVisible(number < len(given))
