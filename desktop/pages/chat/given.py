"""What the model was given for one answer, unfolded under it on request: each thing with its tokens, and what was read.

A message is called by its first words, which are looked up when the list is unfolded: it may have come into view later.
"""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from desktop.plain import PlainLabel
from desktop.theme import icon
from desktop.widgets.amounts import count_text
from desktop.widgets.places import place_text
from desktop.words import later, tr
from engine.context import Entry, Part
from engine.types import Message, Speed
from engine.unseen import visible

ICON_PX = 16
MOST_LISTED = 24  # of the messages, the last ones, and of the passages
FIRST_WORDS = 48  # letters of a message
ONE = {
    Part.SYSTEM: later("Instructions: {tokens} tokens"),
    Part.SUMMARY: later("Summary of earlier messages: {tokens} tokens"),
    Part.QUESTION: later("Your question: {tokens} tokens"),
    Part.BEGUN: later("The answer so far: {tokens} tokens"),
    Part.TEMPLATE: later("Chat template: {tokens} tokens"),
}
SEVERAL = {
    Part.TURN: later("Earlier messages ({count}): {tokens} tokens"),
    Part.PASSAGE: later("Passages of your documents ({count}): {tokens} tokens"),
}
WordsOf = Callable[[int], str]  # the text of a message by its id, "" where it is not at hand


class Given(QWidget):
    """The list that `toggle`, which stands among the figures of the answer, unfolds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words_of: WordsOf = lambda _: ""
        self._message: Message | None = None
        self.toggle = QToolButton()
        self.toggle.setIcon(icon("info", "faint"))
        self.toggle.setIconSize(QSize(ICON_PX, ICON_PX))
        self.toggle.setAutoRaise(True)
        self.toggle.setCheckable(True)
        self.toggle.setToolTip(tr("What the model was given"))
        self.toggle.setAccessibleName(tr("What the model was given"))
        self.list = PlainLabel(wordWrap=True)
        self.list.setProperty("role", "small")
        self.list.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.toggle.toggled.connect(self._unfold)
        self.show_message(None)

    def show_message(self, message: Message | None) -> None:
        """List what entered this answer; nothing where it was not counted, or no model was asked."""
        counted = message is not None and message.context is not None and message.context.read
        self._message = message if counted else None
        self.toggle.setVisible(counted)
        self._unfold(self.toggle.isChecked())

    @Slot(bool)
    def _unfold(self, shown: bool) -> None:
        message = self._message
        if shown and message is not None:
            self.list.setText("\n".join(given_lines(message, self.words_of)))
        self.setVisible(shown and message is not None)


def given_lines(message: Message, words_of: WordsOf = lambda _: "") -> Iterator[str]:
    """One line a kind, in the order in which they stand in the prompt, below it each of several; then the sums."""
    context = message.context
    if context is None:
        return
    for part in (Part.SYSTEM, Part.SUMMARY, Part.TURN, Part.PASSAGE, Part.QUESTION, Part.BEGUN, Part.TEMPLATE):
        entries = [entry for entry in context.entries if entry.part is part]
        if not entries:
            continue
        tokens = count_text(context.tokens(part))
        if part in ONE:
            yield tr(ONE[part], tokens=tokens)
        else:
            yield tr(SEVERAL[part], count=count_text(len(entries)), tokens=tokens)
            yield from _each(entries, message, words_of)
    yield tr(
        "{used} of {all} tokens in all", used=count_text(context.prompt_tokens), all=count_text(context.context_tokens)
    )
    if message.speed is not None and message.speed.prompt_tokens:
        yield read_text(message.speed)


def read_text(speed: Speed) -> str:
    """How much of the prompt was read for this answer, and how much was held from before."""
    if not speed.reused_tokens:
        return tr("All of it was read for this answer.")
    read = count_text(speed.prompt_tokens - speed.reused_tokens)
    return tr("{read} of them were read for this answer; the others were held from before.", read=read)


def _each(entries: list[Entry], message: Message, words_of: WordsOf) -> Iterator[str]:
    """A line for each of several; of very many messages the last ones."""
    if hidden := max(0, len(entries) - MOST_LISTED):
        tokens = count_text(sum(entry.tokens for entry in entries[:hidden]))
        yield tr("    the first {count}: {tokens}", count=count_text(hidden), tokens=tokens)
    spots = {source.number: place_text(source) for source in message.sources}
    for entry in entries[hidden:]:
        if entry.part is Part.PASSAGE:
            name = tr("[{number}] {place}", number=entry.of, place=spots.get(entry.of, ""))
        else:
            name = _begun(words_of(entry.of)) or tr("a message that is not on show")
        yield tr("    {name}: {tokens}", name=name, tokens=count_text(entry.tokens))


def _begun(text: str) -> str:
    """The first words of a message, in quotation marks; "" for no text."""
    line = " ".join(visible(text[: 4 * FIRST_WORDS]).split())
    if not line:
        return ""
    return tr("“{words}”", words=line if len(line) <= FIRST_WORDS else line[: FIRST_WORDS - 1].rstrip() + "…")
