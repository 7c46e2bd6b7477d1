"""What one model is: its facts, the memory it will need, its chat template."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.pages.models.adapters_card import AdaptersCard
from desktop.pages.models.loading_card import LoadingCard
from desktop.pages.models.memory_bar import MemoryBar
from desktop.pages.models.model_list import ORIGINS, state_words
from desktop.pages.models.pictures_card import PicturesCard
from desktop.plain import PlainLabel, tip
from desktop.theme import SPACE, mono_font, restyle
from desktop.widgets.amounts import count_text, parameters_text, size_text
from desktop.widgets.card import Card
from desktop.widgets.chip import Chip
from desktop.widgets.flow import Flow
from desktop.widgets.row_paint import home_words
from desktop.words import later, told, tr
from engine.loading import LoadOptions
from engine.types import Fit, Made, Model, ModelFacts, ModelOrigin
from engine.unseen import visible

TEMPLATE_PX = 190
SHRINKABLE = {"chat", "embedding", "reranking", "diffusion"}
NONE = "–"  # the file says nothing of it, as an adapter's does of layers
REMOVALS = {
    ModelOrigin.DISK: later("Remove"),
    ModelOrigin.HUB: later("Delete"),
    ModelOrigin.MADE: later("Delete"),
    ModelOrigin.TEST: later("Delete"),
}

READS_AGAIN = {  # models that cannot go back to any place in what they have read
    "marks": later(
        "What it has read is one running state: an answer written again, or an edit of the last message, goes on from "
        "the message before; an edit further up reads the whole chat again."
    ),
    "window": later(
        "Some of its layers look only a little way back: in a chat that was reopened, an edit of a message before the "
        "last one reads the whole chat again."
    ),
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
        self.pictures, self.adapters, self.loading = PicturesCard(), AdaptersCard(), LoadingCard()
        self._memory, self._template_card = self._make_memory(), self._make_template()
        for card in (self._memory, self.pictures, self.adapters, self.loading, self._template_card):
            column.addWidget(card)
        self.loading.option_chosen.connect(lambda name, value: self.option_chosen.emit(self._model_id, name, value))
        column.addStretch(1)
        self.setWidget(inside)

    def show_model(
        self, model: Model, options: LoadOptions, fit: Fit, ways: str = "", drafts: Sequence[Model] = ()
    ) -> None:
        """Show everything known about `model`, loaded as `options`.

        `ways` says what would fit where it does not, `drafts` are the models that could guess ahead for it.
        """
        self._model_id = model.id
        facts = model.facts
        self._name.setText(model.name)
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
        for card in (self._memory, self._template_card):
            card.setVisible(not is_adapter)
        self._show_fit(fit, ways)
        self._reads.setText(tr(READS_AGAIN.get(facts.goes_back, "")))
        self._reads.setVisible(facts.goes_back in READS_AGAIN and facts.use == "chat")
        self.loading.show_options(model, options, drafts)
        self.loading.setVisible(facts.use == "chat")
        self.load_anyway.setVisible(not fit.fits and not model.missing and facts.use == "chat")
        self._template.setPlainText(visible(facts.template or ""))
        self._template.setVisible(bool(facts.template))
        self._no_template.setVisible(not facts.template)
        self.remove.setText(tr(REMOVALS[model.origin]))
        self.chat.setEnabled(not model.missing and facts.use == "chat")
        self.smaller.setVisible(facts.use in SHRINKABLE)
        self.smaller.setEnabled(not model.missing)
        self._origin.setText(origin_words(model.made) if model.made else "")
        self._origin.setVisible(model.made is not None)

    def _show_state(self, model: Model) -> None:
        words, tone = state_words(model)
        self._state.setText(words)
        self._state.setProperty("tone", tone)
        restyle(self._state, "chip")
        self._state.setVisible(bool(tone))  # what is as usual needs no flag

    def offer_cost(self, offered: bool) -> None:
        """Whether models were made of this one, or this one of another."""
        self.cost.setVisible(offered)

    def show_loaded(self, words: str) -> None:
        """Say that the model is loaded, and offer to unload it; "" where it is not."""
        self._loaded.setText(words)
        self._loaded.setVisible(bool(words))
        self.unload.setVisible(bool(words))

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
        self.chat = QPushButton(tr("Chat with it"))
        self.chat.setProperty("role", "primary")
        self.chat.clicked.connect(lambda: self.chat_requested.emit(self._model_id))
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
        for button in (self.chat, self.smaller, self.cost, show, self.remove):
            buttons.addWidget(button)
        self._adapts = PlainLabel(wordWrap=True)
        self._origin = PlainLabel(wordWrap=True)
        self._origin.setProperty("role", "small")
        for widget in (self._name, self._state, self._path, self._adapts, self._origin):
            card.column.addWidget(widget)
        card.column.addLayout(grid)
        card.column.addSpacing(SPACE.xs)
        card.column.addLayout(buttons)
        return card

    def _make_memory(self) -> Card:
        card = Card(tr("Memory"))
        self._need = PlainLabel(wordWrap=True)
        self._bar = MemoryBar()
        self._parts = PlainLabel(wordWrap=True)
        self._parts.setProperty("role", "small")
        self._ways = PlainLabel(wordWrap=True)
        self.load_anyway = QPushButton(tr("Load anyway"))
        self.load_anyway.clicked.connect(lambda: self.load_anyway_requested.emit(self._model_id))
        self._loaded = PlainLabel(wordWrap=True)
        self.unload = QPushButton(tr("Unload now"))
        self.unload.clicked.connect(lambda: self.unload_requested.emit(self._model_id))
        self._reads = PlainLabel(wordWrap=True)
        self._reads.setProperty("role", "small")
        for widget in (self._need, self._bar, self._parts, self._ways, self._reads):
            card.column.addWidget(widget)
        card.column.addWidget(self.load_anyway, 0, Qt.AlignmentFlag.AlignLeft)
        card.column.addWidget(self._loaded)
        card.column.addWidget(self.unload, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_loaded("")
        return card

    def _make_template(self) -> Card:
        card = Card(
            tr("Chat template"),
            about=tr("How a conversation is written down for this model. It comes with the file."),
        )
        self._template = QPlainTextEdit(readOnly=True)
        self._template.setProperty("role", "code")
        self._template.setAccessibleName(tr("Chat template"))
        self._template.setFont(mono_font())
        self._template.setFixedHeight(TEMPLATE_PX)
        self._template.setTabChangesFocus(True)
        self._no_template = PlainLabel(tr("The file carries none; a plain one is used."), wordWrap=True)
        for widget in (self._template, self._no_template):
            card.column.addWidget(widget)
        return card

    def _show_fit(self, fit: Fit, ways: str) -> None:
        need, free = size_text(fit.need_bytes), size_text(fit.free_bytes)
        if fit.fits:
            words = tr("Needs about {need}; {free} is free now.", need=need, free=free)
            if fit.measured:
                words = tr("Needs {need}, as measured on this computer; {free} is free now.", need=need, free=free)
        else:
            words = tr(
                "Needs about {need} and only {free} can be given to it now: it is loaded only if you insist.",
                need=need, free=free,
            )  # fmt: skip
        self._need.setText(words)
        restyle(self._need, "" if fit.fits else "bad")
        self._bar.show_fit(fit)
        self._ways.setText(ways)
        self._ways.setVisible(not fit.fits and bool(ways))
        self._bar.setAccessibleName(words)
        parts = tr(
            "Weights {weights} · context of {tokens} tokens {context} · work space {working}",
            weights=size_text(fit.weights_bytes),
            tokens=count_text(fit.context_tokens),
            context=size_text(fit.context_bytes),
            working=size_text(fit.working_bytes),
        )
        if fit.draft_bytes:
            parts += " · " + tr("draft model {size}", size=size_text(fit.draft_bytes))
        if fit.seeing_bytes:
            parts += " · " + tr("{size} more where a picture is shown", size=size_text(fit.seeing_bytes))
        self._parts.setText(parts)
