"""What one model is: its facts, what can be done with it, and its cards below one another."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.models.about_card import AboutCard
from desktop.pages.models.adapters_card import AdaptersCard
from desktop.pages.models.loading_card import LoadingCard
from desktop.pages.models.memory_card import MemoryCard
from desktop.pages.models.model_list import ORIGINS, state_words
from desktop.pages.models.pictures_card import PicturesCard
from desktop.pages.models.template_card import TemplateCard
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE, restyle
from desktop.widgets.amounts import count_text, parameters_text, size_text
from desktop.widgets.card import Card
from desktop.widgets.chip import Chip
from desktop.widgets.flow import Flow
from desktop.widgets.guide_words import ABOUT, ABOUT_STAGE, BIGGER, shown_name
from desktop.widgets.row_paint import home_words
from desktop.words import later, told, tr
from engine.loading import LoadOptions
from engine.types import Made, Model, ModelFacts, ModelOrigin
from engine.unseen import visible

SHRINKABLE = {"chat", "embedding", "reranking", "diffusion"}
NONE = "–"  # the file says nothing of it, as an adapter's does of layers
REMOVALS = {
    ModelOrigin.DISK: later("Remove"),
    ModelOrigin.HUB: later("Delete"),
    ModelOrigin.MADE: later("Delete"),
    ModelOrigin.TEST: later("Delete"),
    ModelOrigin.BUILT_IN: "",  # it is part of the program
    ModelOrigin.STAGE: later("Remove"),
}


def adapter_words(facts: ModelFacts) -> str:
    """Which models an adapter is for, and where it is attached."""
    words = tr("Changes how models of the architecture {architecture} answer.", architecture=facts.architecture)
    if facts.base:
        words = tr(
            "Made from {base}; changes how models of the architecture {architecture} answer.",
            base=visible(facts.base), architecture=facts.architecture,
        )  # fmt: skip
    return " ".join([words, tr("Choose such a model in the list and attach it there.")])


def origin_words(made: Made) -> str:
    """Which model it was made from, and with which importance matrix."""
    words = tr("Made from {parent}.", parent=visible(made.parent))
    if made.importance:
        words = tr("Made from {parent}, with an importance matrix: {importance}.",
                   parent=visible(made.parent), importance=visible(told(made.importance)))  # fmt: skip
    return words


class Details(QScrollArea):
    """The right side of the page."""

    remove_requested = Signal(int)
    show_file_requested = Signal(int)
    chat_requested = Signal(int)
    bigger_requested = Signal()  # than the built-in guide
    stages_requested = Signal()  # of the guide, to compare
    load_anyway_requested = Signal(int)
    unload_requested = Signal(int)
    smaller_requested = Signal(int)
    cost_requested = Signal(int)
    option_chosen = Signal(int, str, object)  # the model, the option, its value; None: as in the settings

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._model_id = 0
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(SPACE.xs, 0, SPACE.s, SPACE.l)
        column.setSpacing(SPACE.l)
        column.addWidget(self._make_facts())
        self.memory, self.about, self.template = MemoryCard(), AboutCard(), TemplateCard()
        self.pictures, self.adapters, self.loading = PicturesCard(), AdaptersCard(), LoadingCard()
        for card in (self.memory, self.about, self.pictures, self.adapters, self.loading, self.template):
            column.addWidget(card)
        self.memory.load_anyway.clicked.connect(lambda: self.load_anyway_requested.emit(self._model_id))
        self.memory.unload.clicked.connect(lambda: self.unload_requested.emit(self._model_id))
        self.loading.option_chosen.connect(lambda name, value: self.option_chosen.emit(self._model_id, name, value))
        column.addStretch(1)
        self.setWidget(inside)

    def show_model(self, model: Model, options: LoadOptions, drafts: Sequence[Model] = ()) -> None:
        """Show what the library knows about `model`, loaded as `options`; the cards of its header fill by themselves.

        `drafts` are the models that could guess ahead for it.
        """
        self._model_id = model.id
        facts = model.facts
        self._name.setText(shown_name(model))
        self._show_state(model)
        self._path.setText(home_words(model.path))
        self._path.setToolTip(tip(str(model.path)))
        shown = (
            facts.architecture,
            parameters_text(facts.parameters),
            facts.quantization,
            tr("{size} in {count} files", size=size_text(facts.size_bytes), count=facts.parts)
            if facts.parts > 1
            else size_text(facts.size_bytes),
            tr("{count} tokens", count=count_text(facts.context_tokens)) if facts.context_tokens else NONE,
            count_text(facts.layers) if facts.layers else NONE,
            tr("{count} tokens", count=count_text(facts.vocabulary)) if facts.vocabulary else NONE,
            tr(ORIGINS[model.origin]),
        )
        for label, text in zip(self._facts, shown, strict=True):
            label.setText(text)
        is_adapter = facts.use == "adapter"
        self._adapts.setVisible(is_adapter)
        if is_adapter:
            self._adapts.setText(adapter_words(facts))
        for card in (self.memory, self.template):
            card.setVisible(not is_adapter)
        self.loading.show_options(model, options, drafts)
        self.loading.setVisible(facts.use == "chat" and not model.built_in)
        self._show_whether_guide(model)
        self.template.show_template(facts.template)
        self.remove.setText(tr(REMOVALS[model.origin]))
        self.chat.setEnabled(not model.missing and facts.use == "chat")
        self.smaller.setVisible(facts.use in SHRINKABLE and not model.built_in)
        self.smaller.setEnabled(not model.missing)
        self._origin.setText(origin_words(model.made) if model.made else "")
        self._origin.setVisible(model.made is not None)

    def _show_whether_guide(self, model: Model) -> None:
        self._guide.setText(tr(ABOUT_STAGE if model.is_stage else ABOUT))
        self._guide.setVisible(model.built_in)
        self.bigger.setVisible(model.is_guide)
        self.remove.setVisible(not model.is_guide)

    def _show_state(self, model: Model) -> None:
        words, tone = state_words(model)
        self._state.setText(words)
        self._state.setProperty("tone", tone)
        restyle(self._state, "chip")
        self._state.setVisible(bool(tone))  # what is as usual needs no flag

    def offer_cost(self, offered: bool) -> None:
        """Whether models were made of this one, or this one of another."""
        self.cost.setVisible(offered)

    def offer_stages(self, offered: bool) -> None:
        """Whether earlier stages of this model came with it."""
        self._stages.setVisible(offered)

    # Its own affairs.

    def _make_facts(self) -> Card:
        card = Card()
        self._name = PlainLabel(wordWrap=True)
        self._name.setProperty("role", "heading")
        self._state = Chip("")
        self._path = PlainLabel(wordWrap=True)
        self._path.setProperty("role", "small")
        self._path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE.l)
        grid.setVerticalSpacing(SPACE.s)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        titles = (
            tr("Architecture"), tr("Parameters"), tr("Quantization"), tr("File size"), tr("Context length"),
            tr("Layers"), tr("Vocabulary"), tr("Origin"),
        )  # fmt: skip
        self._facts = []
        for number, title in enumerate(titles):
            name, value = PlainLabel(title), PlainLabel(wordWrap=True)
            name.setProperty("role", "faint")
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row, side = number // 2, number % 2 * 2
            grid.addWidget(name, row, side, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, side + 1, Qt.AlignmentFlag.AlignTop)
            self._facts.append(value)
        self._guide, self._adapts = PlainLabel(wordWrap=True), PlainLabel(wordWrap=True)
        self._origin = PlainLabel(wordWrap=True)
        self._origin.setProperty("role", "small")
        for widget in (self._name, self._state, self._path, self._guide, self._adapts, self._origin):
            card.column.addWidget(widget)
        card.column.addLayout(grid)
        card.column.addWidget(self._make_stages())
        card.column.addSpacing(SPACE.xs)
        card.column.addLayout(self._make_buttons())
        return card

    def _make_stages(self) -> QWidget:
        self._stages = QWidget()
        title = PlainLabel(tr("How it learned"))
        title.setProperty("role", "faint")
        self.stages = QPushButton(tr("Compare its stages"))
        self.stages.setToolTip(tr("One question to the guide and to what it was earlier in its training"))
        self.stages.clicked.connect(self.stages_requested)
        row = QHBoxLayout(self._stages)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE.l)
        row.addWidget(title)
        row.addWidget(self.stages)
        row.addStretch(1)
        self.offer_stages(False)
        return self._stages

    def _make_buttons(self) -> Flow:
        self.chat = QPushButton(tr("Chat with it"))
        self.chat.setProperty("role", "primary")
        self.chat.clicked.connect(lambda: self.chat_requested.emit(self._model_id))
        self.bigger = QPushButton(tr(BIGGER))
        self.bigger.clicked.connect(self.bigger_requested)
        show = QPushButton(tr("Show in folder"))
        show.clicked.connect(lambda: self.show_file_requested.emit(self._model_id))
        self.smaller = QPushButton(tr("Make smaller…"))
        self.smaller.clicked.connect(lambda: self.smaller_requested.emit(self._model_id))
        self.cost = QPushButton(tr("What it cost…"))
        self.cost.clicked.connect(lambda: self.cost_requested.emit(self._model_id))
        self.remove = QPushButton(tr("Delete"))
        self.remove.setProperty("role", "danger")
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self._model_id))
        buttons = Flow(gap_px=SPACE.s)
        for button in (self.chat, self.bigger, self.smaller, self.cost, show, self.remove):
            buttons.addWidget(button)
        return buttons
