"""What the chat page shows before the first message: ways to begin, questions for the guide, or the way to a model."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.theme import SPACE
from desktop.widgets.empty_state import EmptyState
from desktop.widgets.guide_words import QUESTIONS, bigger_link
from desktop.words import later, tr

SUGGESTIONS = (
    later("Explain what a language model is, in simple words"),
    later("Help me write a short, friendly letter"),
    later("Give me three ideas for a rainy afternoon"),
)
NO_MODEL = (
    later("No model yet"),
    later("A chat needs a model on this computer: a GGUF file you have, or one to download. Test models show how it "
          "all works, but write noise. Searching and asking your documents works without any model."),
)  # fmt: skip
READY = (
    later("What would you like to know?"),
    later("Everything you write stays on this computer. Turn on “Use my documents” to get answers with citations."),
)
GUIDE = (
    later("The guide is ready"),
    later("It is a small model that comes with Hanare: it knows this program, and quotes the sentences of your "
          "documents that fit best. For everything else, get a bigger model."),
)  # fmt: skip


class Welcome(QScrollArea):
    """Suggestions go to the composer; they are not sent by themselves."""

    suggestion_chosen = Signal(str)
    models_requested = Signal()
    bigger_requested = Signal()  # than the guide
    test_models_requested = Signal()
    documents_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.state = EmptyState("chat", tr(READY[0]), tr(READY[1]), foot_px=0)  # the suggestions belong to it
        self.pick_button = self.state.add_button(tr("Get a model"), primary=True)
        self.pick_button.clicked.connect(self.models_requested)
        self.make_button = self.state.add_button("")
        self.make_button.clicked.connect(self.test_models_requested)
        self.documents_button = self.state.add_button(tr("Ask your documents"))
        self.documents_button.clicked.connect(self.documents_requested)
        self.show_making(False)
        self.suggestions, self.for_guide = self._make_suggestions(SUGGESTIONS), self._make_suggestions(QUESTIONS)
        self.bigger = bigger_link()
        self.bigger.setProperty("compact", False)  # nothing else stands in its row
        self.bigger.clicked.connect(self.bigger_requested)
        inside = QWidget()
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(0, 0, 0, SPACE.xl)
        whole.setSpacing(0)
        whole.addStretch(2)
        whole.addWidget(self.state)
        whole.addWidget(self.suggestions)
        whole.addWidget(self.for_guide)
        whole.addWidget(self.bigger, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)
        self.setWidget(inside)
        self.show_models(False)

    def show_models(self, any_here: bool, *, guide: bool = False) -> None:
        """Whether there is a model to chat with, and whether it is the `guide` that will answer."""
        title, text = GUIDE if guide else READY if any_here else NO_MODEL
        self.state.show_words(tr(title), tr(text))
        for button in (self.pick_button, self.make_button, self.documents_button):
            button.setVisible(not any_here)
        self.suggestions.setVisible(any_here and not guide)
        for part in (self.for_guide, self.bigger):
            part.setVisible(guide)

    def show_making(self, making: bool) -> None:
        """Whether the test models are being made now."""
        self.make_button.setEnabled(not making)
        self.make_button.setText(tr("Making the test models…") if making else tr("Make test models"))

    def _make_suggestions(self, suggestions: Sequence[str]) -> QWidget:
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(SPACE.xl, SPACE.s, SPACE.xl, SPACE.l)
        column.setSpacing(SPACE.s)
        for words in suggestions:
            button = QPushButton(tr(words))
            button.clicked.connect(self._on_suggestion)
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return sheet

    @Slot()
    def _on_suggestion(self) -> None:
        button = self.sender()
        if isinstance(button, QPushButton):
            self.suggestion_chosen.emit(button.text())
