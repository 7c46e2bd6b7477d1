"""Whether a model fits and how fast it will be: reckoned for any context and cache, beside what was measured here."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSpinBox, QWidget

from desktop.pages.models.memory_bar import MemoryBar
from desktop.plain import PlainLabel
from desktop.theme import SPACE, restyle
from desktop.widgets.amounts import count_text, short_text, size_text
from desktop.widgets.card import Card
from desktop.widgets.flow import Flow
from desktop.widgets.memory_ways import ways_text
from desktop.words import later, number_text, tr
from engine.loading import CACHES, OPTIONS, LoadOptions
from engine.types import Fit, Model, ModelFacts, Prospect

STEP_TOKENS = 512
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


class MemoryCard(Card):
    """Shows one model loaded as is tried, at first as it really is. Every change of a field is wished for at once."""

    tried = Signal(object)  # LoadOptions
    adopt_requested = Signal(object)  # LoadOptions that the model is to be loaded with from now on

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Memory and speed"), parent)
        self._loaded_as, self._tried = LoadOptions(), LoadOptions()
        self._model_id = 0
        self._chats = self._missing = False
        self._make_labels()
        self._make_fields()
        for widget in (self.need, self.bar, self.parts, self.measured, self.ways, self.speed, self.reads):
            self.column.addWidget(widget)
        self.column.addWidget(self.load_anyway, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addWidget(self.loaded)
        self.column.addWidget(self.unload, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_loaded("")

    @property
    def options(self) -> LoadOptions:
        """As which the model on show is tried."""
        return self._tried

    def show_model(self, model: Model, options: LoadOptions) -> None:
        """Show a model that is loaded as `options`; what is tried of the same one stays."""
        if (model.id, options) != (self._model_id, self._loaded_as):
            self._model_id, self._loaded_as, self._tried = model.id, options, options
        self._chats, self._missing = model.facts.use == "chat", model.missing
        self._fill(model.facts)
        self.reads.setText(tr(READS_AGAIN.get(model.facts.goes_back, "")))
        self.reads.setVisible(model.facts.goes_back in READS_AGAIN and self._chats)

    def show_prospect(self, found: Prospect) -> None:
        """Show what comes of what is tried."""
        as_it_is = self._tried == self._loaded_as
        self._show_need(found.fit)
        self.measured.setText(measured_words(found))
        self.measured.setVisible(found.memory_error is not None)
        self.ways.setText(ways_text(found.ways))
        self.ways.setVisible(not found.fit.fits)
        self.speed.setText(speed_words(found))
        self.speed.setVisible(bool(speed_words(found)))
        self.load_anyway.setVisible(as_it_is and not found.fit.fits and not self._missing and self._chats)
        for button in (self.adopt, self.back):
            button.setVisible(not as_it_is)

    def show_loaded(self, words: str) -> None:
        """Say that the model is loaded, and offer to unload it; "" where it is not."""
        self.loaded.setText(words)
        self.loaded.setVisible(bool(words))
        self.unload.setVisible(bool(words))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The wheel scrolls the page; it must not change what it happens to pass over."""
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return False

    # Its own affairs.

    def _make_labels(self) -> None:
        self.bar = MemoryBar()
        self.need, self.ways, self.speed, self.loaded = (PlainLabel(wordWrap=True) for _ in range(4))
        self.parts, self.measured, self.reads = (PlainLabel(wordWrap=True) for _ in range(3))
        for label in (self.parts, self.measured, self.reads):
            label.setProperty("role", "small")
        self.load_anyway = QPushButton(tr("Load anyway"))
        self.unload = QPushButton(tr("Unload now"))

    def _make_fields(self) -> None:
        self.context = QSpinBox()
        self.context.setGroupSeparatorShown(True)
        self.context.setKeyboardTracking(False)  # a value counts when typing it has ended
        self.context.setSingleStep(STEP_TOKENS)
        self.context.lineEdit().setTextMargins(SPACE.s, 0, 0, 0)
        self.cache = QComboBox()
        self.adopt = QPushButton(tr("Load it so"))
        self.adopt.setToolTip(tr("From the next answer on, this model is loaded with this context and this cache."))
        self.back = QPushButton(tr("As it is loaded"))
        self.back.setProperty("role", "link")
        row = Flow(gap_px=SPACE.s)
        for title, field in ((tr("With a context of"), self.context), (tr("and a cache as"), self.cache)):
            label = PlainLabel(title)
            label.setProperty("role", "faint")
            label.setBuddy(field)
            field.setAccessibleName(title)
            field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            field.installEventFilter(self)
            row.addWidget(_pair(label, field))
        for button in (self.adopt, self.back):
            row.addWidget(button)
        self.column.addLayout(row)
        self.context.valueChanged.connect(self._try)
        self.cache.currentIndexChanged.connect(self._try)
        self.adopt.clicked.connect(lambda: self.adopt_requested.emit(self._tried))
        self.back.clicked.connect(self._go_back)

    def _fill(self, facts: ModelFacts) -> None:
        least, known = int(OPTIONS["context_tokens"].least or 1), int(OPTIONS["context_tokens"].most or 0)
        most = min(known, facts.context_tokens or known)
        with QSignalBlocker(self.context):
            self.context.setRange(min(least, most), most)
            self.context.setSuffix(tr(" tokens"))
            self.context.setValue(self._tried.context_tokens)
        own = (self._loaded_as.key_cache, self._loaded_as.value_cache)
        with QSignalBlocker(self.cache):
            self.cache.clear()
            if own[0] != own[1]:
                self.cache.addItem(" / ".join(own), own)
            for name in CACHES:
                self.cache.addItem(name, (name, name))
            wanted = (self._tried.key_cache, self._tried.value_cache)
            at = [self.cache.itemData(row) for row in range(self.cache.count())]
            self.cache.setCurrentIndex([tuple(each) for each in at].index(wanted))

    @Slot()
    def _try(self) -> None:
        keys, values = self.cache.currentData()
        tokens = self.context.value()
        if tokens == min(self._loaded_as.context_tokens, self.context.maximum()):
            tokens = self._loaded_as.context_tokens  # more than the model knows, which counts as all that it knows
        self._tried = replace(self._tried, context_tokens=tokens, key_cache=keys, value_cache=values)
        self.tried.emit(self._tried)

    @Slot()
    def _go_back(self) -> None:
        self.context.setFocus(Qt.FocusReason.OtherFocusReason)  # the button goes
        with QSignalBlocker(self.context), QSignalBlocker(self.cache):
            self.context.setValue(self._loaded_as.context_tokens)
            self.cache.setCurrentIndex(self.cache.findText(_cache_text(self._loaded_as)))
        self._tried = self._loaded_as
        self.tried.emit(self._tried)

    def _show_need(self, fit: Fit) -> None:
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
        self.need.setText(words)
        restyle(self.need, "" if fit.fits else "bad")
        self.bar.show_fit(fit)
        self.bar.setAccessibleName(words)
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
        self.parts.setText(parts)


def _pair(label: QWidget, field: QWidget) -> QWidget:
    """A field with its label before it, on one line."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE.s)
    row.addWidget(label)
    row.addWidget(field)
    return pair


def _cache_text(options: LoadOptions) -> str:
    keys, values = options.key_cache, options.value_cache
    return keys if keys == values else f"{keys} / {values}"


def measured_words(found: Prospect) -> str:
    """What the header alone told, and how far off that was; "" where nothing was measured."""
    if found.memory_error is None:
        return ""
    reckoned, percent = size_text(found.fit.reckoned_bytes), percent_text(found.memory_error)
    if found.memory_error < 0:
        return tr("The estimate from the file was {size}: {percent} % too little.", size=reckoned, percent=percent)
    return tr("The estimate from the file was {size}: {percent} % too much.", size=reckoned, percent=percent)


def speed_words(found: Prospect) -> str:
    """How fast it should be, how fast it was, and how far off the estimate was; "" where nothing is known."""
    told = []
    expected, measured = found.expected, found.measured
    if measured.writing:
        writes, reads = short_text(measured.writing), short_text(measured.reading)
        words = tr("Measured on this computer: it writes {writes} tokens a second.", writes=writes)
        if measured.reading:
            words = tr("Measured on this computer: it writes {writes} tokens a second and reads {reads}.",
                       writes=writes, reads=reads)  # fmt: skip
        told.append(words)
    writes = short_text(expected.writing)
    if expected.writing and found.like:
        words = tr("Estimate: it writes about {writes} tokens a second, by how fast {name} was here.",
                   writes=writes, name=found.like)  # fmt: skip
        if found.speed_error is not None:
            percent = percent_text(found.speed_error)
            words = tr("The estimate, by how fast {name} was here, was {writes}: {percent} % too much.",
                       name=found.like, writes=writes, percent=percent)  # fmt: skip
            if found.speed_error < 0:
                words = tr("The estimate, by how fast {name} was here, was {writes}: {percent} % too little.",
                           name=found.like, writes=writes, percent=percent)  # fmt: skip
        told.append(words)
    elif expected.writing and not measured.writing:
        told.append(tr("Estimate: it may write {writes} tokens a second, by how fast the memory and the cores are. "
                       "Answers of models here make the estimate better.", writes=writes))  # fmt: skip
    return " ".join(told)


def percent_text(error: float) -> str:
    """ "17", "0.4": how large an error is, without its sign."""
    return number_text(abs(error) * 100, 1 if abs(error) < 0.095 else 0)
