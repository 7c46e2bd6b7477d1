"""The messages of one chat, in a column that follows new text only while the person is at its end.

Long chats are built from their end: the last `BUILT` messages, the ones before on request.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.pages.chat.message_card import AnswerCard, MessageCard, UserCard, card_for
from desktop.theme import SPACE
from desktop.widgets.banner import Banner
from desktop.widgets.following_scroll import FollowingScroll
from desktop.words import tr
from engine.context import Context
from engine.sampling import Odds
from engine.types import Message, Role

BUILT = 40
AT_ONCE_CHARS = 5000  # more than a page shows
COLUMN_PX = 800
LAYOUT_ROUNDS = 3  # width goes down to the text, its height comes up again


class Transcript(FollowingScroll):
    """Shows messages; every wish of a card passes through."""

    edit_requested = Signal(int, str)
    regenerate_requested = Signal(int)
    anyway_requested = Signal(int)
    shorter_requested = Signal(int)
    more_requested = Signal(int)
    step_requested = Signal(int, int)
    source_requested = Signal(object)
    link_chosen = Signal(str)
    picture_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[UserCard | AnswerCard] = []
        self._earlier: list[Message] = []
        self._frozen = False
        self._cut: Context | None = None
        self.odds_of: Callable[[int], Sequence[Odds]] = lambda _: ()  # how likely the tokens of an answer were
        self._waiting: list[Message] = []  # to be built above, one at each turn of the event loop
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._build_next)
        self.setAccessibleName(tr("Conversation"))
        self.earlier_button = QPushButton(tr("Show earlier"))
        self.earlier_button.setProperty("role", "quiet")
        self.earlier_button.clicked.connect(self.show_earlier)
        self.problem = Banner(tone="bad", icon_name="warning")
        self.again_button = self.problem.add_button(tr("Try again"))
        self.again_button.clicked.connect(self._on_again)
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, SPACE.l, 0, SPACE.l)
        self._column.setSpacing(SPACE.m)
        self._column.addWidget(self.earlier_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self.problem)
        self._column.addStretch(1)
        sheet = QWidget()
        sheet.setMaximumWidth(COLUMN_PX)
        sheet.setLayout(self._column)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.addStretch(1)
        self._row.addWidget(sheet, 1000)
        self._row.addStretch(1)
        self.setWidget(inside)
        self.verticalScrollBar().rangeChanged.connect(self._on_range)
        QApplication.instance().focusChanged.connect(self._on_focus)  # type: ignore[union-attr]
        self._on_range()
        self.show_messages(())

    # What the view may ask of it.

    def show_messages(self, messages: Sequence[Message]) -> None:
        """Show these instead of what was there, from the end."""
        self.truncate(None)
        spoken = [message for message in messages if message.role is not Role.SYSTEM]
        self._earlier, last = spoken[:-BUILT], spoken[-BUILT:]
        self.setUpdatesEnabled(False)
        for message in self._first_to_build(last):
            self._add(message)
        self.earlier_button.setVisible(bool(self._earlier))
        self.problem.hide()
        self._settle()
        self.follow()
        self.setUpdatesEnabled(True)

    def add(self, message: Message) -> None:
        """One more message at the end of the branch that ends with its parent."""
        self.truncate(message.parent_id)
        self.problem.hide()
        self._add(message)
        self._settle()

    def truncate(self, parent_id: int | None) -> None:
        """Take away what follows message `parent_id`; all of it where that is not on show."""
        keep = next((at + 1 for at, card in enumerate(self.cards) if card.message.id == parent_id), 0)
        for card in self.cards[keep:]:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        del self.cards[keep:]
        if not keep:
            self._earlier, self._waiting = [], []
            self.earlier_button.hide()

    def answer(self, message_id: int | None) -> AnswerCard | None:
        """The card of an answer; None when it is not on show."""
        for card in reversed(self.cards):
            if card.message.id == message_id and isinstance(card, AnswerCard):
                return card
        return None

    def show_problem(self, problem: ErrorText | None) -> None:
        """What went wrong before there was an answer to tell it under."""
        if problem is not None:
            self.problem.show_text(f"{problem.title}\n{problem.sentence} {problem.advice}", "bad")
            self.again_button.setVisible(bool(self.cards) and isinstance(self.cards[-1], UserCard))
            self.follow()
        self.problem.setVisible(problem is not None)

    def show_cut(self, context: Context | None) -> None:
        """Mark from where on the model saw the conversation for its last answer."""
        self._cut = context if context is not None and context.left_out else None
        for card in self.cards:
            self._mark(card)

    def freeze(self, frozen: bool) -> None:
        """While an answer is being written no message can be changed."""
        self._frozen = frozen
        for card in self.cards:
            card.freeze(frozen)

    @Slot()
    def show_earlier(self) -> None:
        """Build the messages before those on show; what is read now stays where it is."""
        more, self._earlier = self._earlier[-BUILT:] + self._waiting, self._earlier[:-BUILT]
        self._waiting = []
        self._insert_above(more)
        self.earlier_button.setVisible(bool(self._earlier))

    # Its own affairs.

    def _first_to_build(self, messages: list[Message]) -> list[Message]:
        """What fills the page at once; the rest waits for its turn."""
        chars, at = 0, len(messages)
        while at and (chars < AT_ONCE_CHARS or len(messages) - at < 2):
            at -= 1
            chars += len(messages[at].text)
        self._waiting = messages[:at]
        if self._waiting:
            self._next.start()
        return messages[at:]

    @Slot()
    def _build_next(self) -> None:
        if self._waiting:
            self._insert_above([self._waiting.pop()])
            self._next.start()

    def _insert_above(self, messages: Sequence[Message]) -> None:
        """Add cards at the top; what is read now stays where it is."""
        bar = self.verticalScrollBar()
        following, from_end = self.following, bar.maximum() - bar.value()
        self.setUpdatesEnabled(False)
        for at, message in enumerate(messages):
            self._add(message, at)
        self._settle()
        bar.setValue(bar.maximum() - from_end)
        self.following = following
        self.setUpdatesEnabled(True)

    def _settle(self) -> None:
        """Lay out now: a card knows its height only when it has been given its width, and nobody should see it grow."""
        for _ in range(LAYOUT_ROUNDS):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def _add(self, message: Message, at: int | None = None) -> None:
        card = card_for(message, self)
        at = len(self.cards) if at is None else at
        self.cards.insert(at, card)
        self._column.insertWidget(1 + at, card)
        card.edit_requested.connect(self.edit_requested)
        card.regenerate_requested.connect(self.regenerate_requested)
        card.anyway_requested.connect(self.anyway_requested)
        card.step_requested.connect(self.step_requested)
        card.source_requested.connect(self.source_requested)
        card.link_chosen.connect(self.link_chosen)
        card.picture_opened.connect(self.picture_opened)
        card.shorter_requested.connect(self.shorter_requested)
        card.more_requested.connect(self.more_requested)
        if isinstance(card, AnswerCard):
            card.given.words_of = self._words_of
            card.odds.show_odds(self.odds_of(message.id))
        card.freeze(self._frozen)
        self._mark(card)
        card.show()
        for other in self.cards[-3:]:
            other.show_last(other is self.cards[-1])

    def _words_of(self, message_id: int) -> str:
        """The text of a message of the conversation, on show or not yet."""
        here = (*self._earlier, *self._waiting, *(card.message for card in self.cards))
        return next((message.text for message in here if message.id == message_id), "")

    def _mark(self, card: UserCard | AnswerCard) -> None:
        """A cut ends before a message of the person's."""
        if isinstance(card, UserCard):
            here = self._cut is not None and self._cut.cut_to == card.message.id
            card.mark.show_cut(self._cut if here else None)

    @Slot()
    def _on_again(self) -> None:
        self.regenerate_requested.emit(self.cards[-1].message.id)

    @Slot()
    def _on_range(self) -> None:
        bar = self.verticalScrollBar()
        used = bar.sizeHint().width() if bar.maximum() else 0
        self._row.setContentsMargins(SPACE.xl, 0, SPACE.xl - used, 0)  # in line with the composer, bar or no bar

    @Slot(QWidget, QWidget)
    def _on_focus(self, before: QObject | None, now: QObject | None) -> None:
        left, reached = _card_of(before), _card_of(now)
        if left is not reached:
            if left in self.cards:
                left.show_focus(False)
            if reached in self.cards:
                reached.show_focus(True)
                self.ensureWidgetVisible(reached, 0, 0)
        elif left is not None:
            left.update()


def _card_of(widget: QObject | None) -> MessageCard | None:
    while widget is not None and not isinstance(widget, MessageCard):
        widget = widget.parent()
    return widget
