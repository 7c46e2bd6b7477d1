"""How the compare page looks: one prompt, two columns side by side. It starts no work."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.pages.compare.column import FIGURES, Column, better
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.banner import Banner
from desktop.widgets.composer import Composer
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.link_dialog import LinkDialog
from desktop.widgets.page_header import PageHeader
from desktop.widgets.sources import SourceRow
from desktop.words import tr
from engine.types import Model, Source


class CompareView(QWidget):
    """The page. `page_requested` asks the window for another one."""

    came_into_view = Signal()
    run_requested = Signal(str)
    stop_requested = Signal()
    again_requested = Signal()
    anyway_requested = Signal(int)  # the column whose model is to be loaded although it does not fit
    source_requested = Signal(object)  # Source: show it in the viewer
    page_requested = Signal(str)
    bigger_requested = Signal()  # models to get in place of the guide

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.composer = Composer(tr("A prompt for both models"), tr("Run"))
        self.composer.hint.setText(tr("Enter runs it, Shift+Enter begins a new line"))
        self.documents = QCheckBox(tr("Use my documents"))
        self.at_once = QCheckBox(tr("Both at once"))
        self.help = PlainLabel(wordWrap=True)
        self.help.setProperty("role", "small")
        self.columns = (Column(tr("the left column")), Column(tr("the right column")))
        self.problem = Banner(tone="bad", icon_name="warning")
        self.sources_title = PlainLabel(tr("Sources given to both"))
        self.sources_title.setProperty("role", "small")
        self.sources = SourceRow()
        self.empty = EmptyState(
            "compare",
            tr("Two models are needed"),
            tr("A comparison puts the same prompt to two models. Open or download another one first."),
        )
        self.models_button = self.empty.add_button(tr("Go to the models"), primary=True)
        self.middle = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_models((), ())
        self.show_documents_usable(False)
        self.show_sources(())
        self.show_problem(None)
        self.show_busy(False)
        self._show_help()

    # What the window may ask of this page.

    def came_on_show(self) -> None:
        """The page has come to the front."""
        self.came_into_view.emit()
        self.composer.box.setFocus()

    def begin_with(self, left_id: int, right_id: int, prompt: str) -> None:
        """Have these two models side by side, and this prompt for them; nothing is done while others answer."""
        if self._escape.isEnabled():
            return
        self.begin()
        for column, model_id in zip(self.columns, (left_id, right_id), strict=True):
            column.picker.choose(model_id)
            column.show_choice()
        self.composer.write(prompt)

    def kept_state(self) -> dict[str, Any]:
        """The prompt that was not run yet."""
        return {"prompt": self.composer.text}

    def take_up(self, state: dict[str, Any]) -> None:
        """Put that prompt back."""
        self.composer.write(state["prompt"])

    # What the presenter may ask of it.

    @property
    def model_ids(self) -> tuple[int, ...]:
        """The models chosen, left and right."""
        return tuple(column.picker.model_id for column in self.columns if column.picker.model_id is not None)

    @property
    def without_adapters(self) -> tuple[int, ...]:
        """The columns whose model is to answer without its adapters."""
        return tuple(at for at, column in enumerate(self.columns) if column.without_adapters)

    def show_models(self, models: Sequence[Model], loaded: Collection[int]) -> None:
        """Offer these in both columns; with fewer than two the page says what is missing."""
        for column in self.columns:
            column.picker.show_models(models, loaded)
        left, right = (column.picker for column in self.columns)
        models = sorted(models, key=lambda model: model.built_in)  # the guide is compared where one chooses it
        enough = len(models) > 1 or any(model.adapters for model in models)  # with and without them are two
        if left.model_id is None:
            left.choose(next((model.id for model in models if model.id != right.model_id), None))
        if right.model_id is None:
            same = left.model_id if enough else None
            right.choose(next((model.id for model in models if model.id != left.model_id), same))
        for column in self.columns:
            column.show_choice()
        self.middle.setCurrentIndex(1 if enough else 0)

    def show_documents_usable(self, usable: bool) -> None:
        """Whether there are documents to draw on."""
        self.documents.setEnabled(usable)
        if not usable:
            with QSignalBlocker(self.documents):
                self.documents.setChecked(False)
        self.documents.setToolTip(
            tr("Both models are given the same passages of your documents.")
            if usable
            else tr("Add documents on the Documents page first.")
        )

    def show_busy(self, busy: bool) -> None:
        """A comparison is running."""
        self.composer.show_busy(busy)
        self._escape.setEnabled(busy)
        for column in self.columns:
            column.freeze(busy)

    def begin(self) -> None:
        """Empty both columns for a new comparison."""
        for column in self.columns:
            column.clear()
            column.roll.follow()
        self.show_sources(())
        self.show_problem(None)

    def show_sources(self, sources: Sequence[Source]) -> None:
        """The passages both models were given."""
        self.sources.show_sources(sources)
        for widget in (self.sources, self.sources_title):
            widget.setVisible(bool(sources))
        for column in self.columns:
            column.body.cite(source.number for source in sources)

    def mark_better(self, fair: bool) -> None:
        """Set the better figures apart, where the two ran under the same conditions."""
        left, right = (column.speed for column in self.columns)
        for name in FIGURES:
            best = better(name, left, right) if fair else None
            for at, column in enumerate(self.columns):
                column.mark(name, at == best)

    def show_problem(self, problem: ErrorText | None) -> None:
        """What went wrong with the whole comparison."""
        if problem is not None:
            self.problem.show_text(f"{problem.title}\n{problem.sentence} {problem.advice}", "bad")
        self.problem.setVisible(problem is not None)

    # Its own affairs.

    def _lay_out(self) -> None:
        options = QHBoxLayout()
        options.setSpacing(SPACE.l)
        options.addWidget(self.documents)
        options.addWidget(self.at_once)
        options.addWidget(self.help, 1)
        pair = QHBoxLayout()
        pair.setSpacing(SPACE.m)
        for column in self.columns:
            pair.addWidget(column, 1)
        below = QVBoxLayout()
        below.setSpacing(SPACE.xs)
        below.addWidget(self.sources_title)
        below.addWidget(self.sources)
        sheet = QWidget()
        whole = QVBoxLayout(sheet)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(SPACE.m)
        whole.addWidget(self.composer)
        whole.addLayout(options)
        whole.addWidget(self.problem)
        whole.addLayout(pair, 1)
        whole.addLayout(below)
        self.middle.addWidget(self.empty)
        self.middle.addWidget(sheet)
        page = QVBoxLayout(self)
        page.setContentsMargins(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.l)
        page.setSpacing(SPACE.m)
        page.addWidget(PageHeader(tr("Compare"), tr("The same prompt to two models, side by side.")))
        page.addWidget(self.middle, 1)

    def _connect(self) -> None:
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.stop_requested.emit)
        self.composer.send_requested.connect(self.run_requested)
        self.composer.stop_requested.connect(self.stop_requested)
        self.at_once.toggled.connect(self._show_help)
        self.sources.source_requested.connect(self.source_requested)
        self.models_button.clicked.connect(self._ask_for_models)
        for at, column in enumerate(self.columns):
            column.note.again_requested.connect(self.again_requested)
            column.note.anyway_requested.connect(partial(self.anyway_requested.emit, at))
            column.picker.models_requested.connect(self._ask_for_models)
            column.picker.bigger_requested.connect(self.bigger_requested)
            column.source_chosen.connect(self.sources.show_card)
            column.link_chosen.connect(self._show_link)

    @Slot()
    def _show_help(self) -> None:
        self.help.setText(
            tr("Both write at the same time and share the processor, so each is slower than alone.")
            if self.at_once.isChecked()
            else tr("One writes after the other, so that the speeds are fair.")
        )

    @Slot()
    def _ask_for_models(self) -> None:
        self.page_requested.emit("models")

    @Slot(str)
    def _show_link(self, address: str) -> None:
        LinkDialog(address, self).open()
