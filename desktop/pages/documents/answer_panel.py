"""The answer to a question: written with citations and its sources, or quotes word for word."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.pages.documents.passage_card import PassageCard
from desktop.pages.documents.reach_panel import ReachPanel
from desktop.plain import PlainLabel
from desktop.theme import SPACE
from desktop.widgets.figures import answer_figures
from desktop.widgets.guide_words import told_name
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.problem_banner import ProblemBanner
from desktop.widgets.support_words import heard_words, marks_of, refusal_words, summary_words
from desktop.widgets.thoughts import Thoughts
from desktop.words import told, tr
from engine.types import Answer, MessageState, Quote, Refusal, Source


class AnswerPanel(QScrollArea):
    """One question and what came of it."""

    source_requested = Signal(object)
    stop_requested = Signal()
    again_requested = Signal()
    anyway_requested = Signal()  # load the model although it does not fit
    why_requested = Signal(object)  # the Answer on show
    working = Signal(bool)  # whether an answer is being made, which can be stopped

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.cards: list[PassageCard] = []
        self._sources: tuple[Source, ...] = ()
        self._quotes: list[Quote] = []
        self.shown: Answer | None = None  # once it is whole
        self._noted = False  # the text on show are notes
        self.question = self._words("heading")
        self.status = self._words("faint")
        self.stop = QPushButton(tr("Stop"))
        self.reach = ReachPanel()
        self.thoughts = Thoughts()
        self.support = self._words("small")
        self.text = MarkdownView()
        self.anyway = QPushButton(tr("Show what was written"))
        self.anyway.setProperty("role", "link")
        self.note = ProblemBanner()
        self.figures = self._words("small")
        self.why = QPushButton(tr("Why this answer"))
        self.why.setProperty("role", "link")
        self.why.setToolTip(tr("How the passages were found, and what the answer leans on"))
        self.sources_title = self._words("small")
        self._lay_out()
        self.stop.clicked.connect(self.stop_requested)
        self.why.clicked.connect(lambda: self.why_requested.emit(self.shown))
        self.text.source_chosen.connect(self._on_citation)
        self.text.mark_chosen.connect(self._on_mark)
        self.anyway.clicked.connect(self._show_withheld)
        self.note.again_requested.connect(self.again_requested)
        self.note.anyway_requested.connect(self.anyway_requested)
        self.show_nothing()

    # What the page may ask of it.

    def show_nothing(self) -> None:
        """Before the first question."""
        self._clear()
        self.question.setText("")
        self.show_status(tr("Write a question above and press Enter. The answer comes from your documents alone."))
        self.stop.hide()

    def show_question(self, question: str) -> None:
        """A question was just asked."""
        self._clear()
        self.question.setText(question)
        self.show_status(tr("Looking in your documents…"))
        self._show_working(True)
        self.verticalScrollBar().setValue(0)

    def show_status(self, words: str) -> None:
        """What is going on, or how it ended; nothing hides the line."""
        self.status.setText(words)
        self.status.setVisible(bool(words))

    def show_sources(self, sources: Sequence[Source]) -> None:
        """The passages the answer is written from."""
        self._sources = tuple(sources)
        self.text.cite(source.number for source in self._sources)
        self._show_cards([PassageCard.of_source(source) for source in self._sources], tr("Sources"))

    def add_quote(self, quote: Quote) -> None:
        """One sentence more that a model has chosen."""
        self.show_status("")
        self.thoughts.end()
        self._quotes.append(quote)
        self._show_quotes(tr("Word for word from your documents"))

    def show_notes(self, text: str, sources: Sequence[Source]) -> None:
        """What was noted so far, while documents are read."""
        self._noted, self._sources = True, tuple(sources)
        self.text.show()
        self.text.show_text(text, [source.number for source in sources])

    def add_thought(self, text: str) -> None:
        """More of what is thought before the answer."""
        self.show_status("")
        self.thoughts.add(text)

    def add_text(self, text: str) -> None:
        """More of the answer."""
        self.show_status("")
        if self._noted:
            self._noted = False
            self.reach.end()
            self.text.show_text("")
            self.text.cite(source.number for source in self._sources)
        self.thoughts.end()
        self.text.show()
        self.text.append(text)

    def show_answer(self, answer: Answer) -> None:
        """The whole answer, at the end."""
        self._show_working(False)
        self.thoughts.show_thoughts(answer.thoughts, answer.thinking_s, growing=False)
        if answer.model and answer.refused is not Refusal.WEAK:
            self.figures.setText(
                answer_figures(answer.speed, answer.model) if answer.speed else told_name(answer.model)
            )
            self.figures.show()
        if answer.verbatim and (answer.quotes or answer.changed or not answer.sources):
            self._quotes = list(answer.quotes)
            self._show_quotes(
                tr("Word for word from your documents; chosen by {model}", model=told_name(answer.model))
                if answer.model
                else tr("Word for word from your documents; no model was used")
            )
        elif answer.refused or answer.verbatim:
            self.anyway.setVisible(bool(answer.withheld))
            self.show_sources(answer.sources)
            self.sources_title.setText(tr("The nearest passages"))
        else:
            self._show_written(answer, answer.text)
            self.show_sources(answer.sources)
        if not answer.withheld:
            self.note.show_remark(told(answer.note))
        self.shown = answer
        self.why.setVisible(answer.coverage is None)  # its prompt held notes
        self.reach.show_answer(answer)
        self.show_status(_how_it_ended(answer))

    def show_stopped(self) -> None:
        """Stop was pressed; what is there stays."""
        self._show_working(False)
        self.reach.end()
        self.thoughts.end()
        self.text.settle()
        self.show_status(tr("Stopped."))

    def show_problem(self, problem: ErrorText) -> None:
        """There is no answer, or no end of it: why, and what helps."""
        self._show_working(False)
        self.reach.end()
        if self._noted:
            self.show_sources(self._sources)
        self.thoughts.end()
        self.text.settle()
        self.show_status(tr("There is no answer."))
        self.note.show_problem(problem)

    # Its own affairs.

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.status, 1)
        head.addWidget(self.stop, 0, Qt.AlignmentFlag.AlignTop)
        over_cards = QHBoxLayout()
        over_cards.addWidget(self.sources_title, 1, Qt.AlignmentFlag.AlignVCenter)
        over_cards.addWidget(self.why, 0, Qt.AlignmentFlag.AlignVCenter)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(SPACE.s)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, SPACE.s, SPACE.s, SPACE.xl)
        column.setSpacing(SPACE.m)
        column.addWidget(self.question)
        column.addLayout(head)
        column.addWidget(self.reach)
        column.addWidget(self.thoughts)
        column.addWidget(self.anyway, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.support)
        column.addWidget(self.text)
        column.addWidget(self.note)
        column.addWidget(self.figures)
        column.addSpacing(SPACE.s)
        column.addLayout(over_cards)
        column.addLayout(self._cards)
        column.addStretch(1)
        self.setWidget(inner)

    def _show_working(self, working: bool) -> None:
        self.stop.setVisible(working)
        self.working.emit(working)

    def _clear(self) -> None:
        self.reach.clear()
        self._noted = False
        self.thoughts.clear()
        self.text.show_text("")
        for part in (self.text, self.support, self.anyway, self.figures, self.why):
            part.hide()
        self.note.show_remark("")
        self._sources = ()
        self._quotes = []
        self._show_cards([], "")

    def _show_written(self, answer: Answer, text: str) -> None:
        self.text.show()
        self.text.show_text(text, [source.number for source in answer.sources], marks_of(answer.checked, text))
        words = summary_words(answer.checked)
        self.support.setText(words)
        self.support.setAccessibleDescription(heard_words(answer.checked, text))
        self.support.setVisible(bool(words))

    @Slot()
    def _show_withheld(self) -> None:
        if self.shown:
            self._show_written(self.shown, self.shown.withheld)
            self.note.show_remark(told(self.shown.note))
            self.anyway.hide()
            if self.shown.refused:
                self.show_status(refusal_words(self.shown.refused, shown=True))

    def _show_quotes(self, title: str) -> None:
        self._show_cards([PassageCard.of_quote(quote) for quote in self._quotes], title if self._quotes else "")

    def _show_cards(self, cards: list[PassageCard], title: str) -> None:
        for card in self.cards:
            self._cards.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = cards
        for card in cards:
            card.source_requested.connect(self.source_requested)
            self._cards.addWidget(card)
        self.sources_title.setText(title)
        self.sources_title.setVisible(bool(title))

    @Slot(int)
    def _on_citation(self, number: int) -> None:
        for card, source in zip(self.cards, self._sources, strict=False):
            card.show_cited(source.number == number)
            if source.number == number:
                self.source_requested.emit(source)

    @Slot(int)
    def _on_mark(self, at: int) -> None:
        """The sentence that supports it is shown where it stands."""
        checked = self.shown.checked if self.shown else ()
        if at < len(checked) and (source := checked[at].source or checked[at].against):
            self.source_requested.emit(source)

    @staticmethod
    def _words(role: str) -> PlainLabel:
        label = PlainLabel()
        label.setWordWrap(True)
        label.setProperty("role", role)
        return label


def _how_it_ended(answer: Answer) -> str:
    """In a sentence where there is something to say."""
    if answer.refused:
        return refusal_words(answer.refused)
    if answer.changed:
        return tr("A sentence was left out: its document is no longer as it was read.")
    if answer.state is MessageState.STOPPED and (answer.sources or answer.coverage):
        return tr("Stopped.")
    if answer.coverage and answer.text and not answer.sources:
        return tr("The answer names no passage, so it cannot be checked against your documents.")
    if answer.verbatim and answer.sources and not answer.quotes:
        return tr("The model chose no sentence as an answer. These are the passages that it was given.")
    if not answer.quotes if answer.verbatim else not answer.sources:
        return tr("Nothing in your documents answers this question.")
    if answer.state is MessageState.CUT:
        return tr("The answer was cut at the longest length set in Settings.")
    return ""
