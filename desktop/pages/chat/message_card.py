"""One message on show: the person's in a bubble at the right, the model's across the page."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop.error_text import ErrorText
from desktop.pages.chat.cut_mark import CutMark
from desktop.pages.chat.form_mark import FormMark, set_out
from desktop.pages.chat.given import Given
from desktop.pages.chat.message_actions import MessageActions
from desktop.pages.chat.odds import TokenOdds
from desktop.plain import PlainLabel
from desktop.theme import SPACE, body_font, colour
from desktop.widgets.composer import Composer
from desktop.widgets.figures import answer_figures
from desktop.widgets.guide_words import told_name
from desktop.widgets.markdown import MarkdownView
from desktop.widgets.picture_tile import PictureRow
from desktop.widgets.problem_banner import ProblemBanner
from desktop.widgets.prose import Prose
from desktop.widgets.sources import SourceRow
from desktop.widgets.support_words import heard_words, marks_of, refusal_words, summary_words
from desktop.widgets.thoughts import Thoughts
from desktop.words import later, told, tr
from engine.types import Checked, Message, MessageState, Role
from engine.unseen import visible

BUBBLE_SHARE = 0.76  # of the width, at most
BUBBLE_RADIUS_PX = 14
LINES_MEASURED = 200

STATE_NOTES = {
    MessageState.STOPPED: later("You stopped this answer. What was written is kept."),
    MessageState.CUT: later("This answer was cut at the length limit. A longer limit can be set in the settings."),
    MessageState.INTERRUPTED: later("What was written is kept."),
    MessageState.FAILED: later("This answer failed."),
}
UNFINISHED = (MessageState.STOPPED, MessageState.CUT, MessageState.INTERRUPTED)
EMPTY_NOTES = {
    MessageState.COMPLETE: later("The model ended without writing anything."),
    MessageState.STOPPED: later("You stopped before anything was written."),
    MessageState.CUT: STATE_NOTES[MessageState.CUT],
    MessageState.INTERRUPTED: later("This answer was interrupted before anything was written."),
    MessageState.FAILED: STATE_NOTES[MessageState.FAILED],
}


class MessageCard(QFrame):
    """What both kinds share: the message, its actions, and knowing when the person is near."""

    edit_requested = Signal(int, str)
    regenerate_requested = Signal(int)
    anyway_requested = Signal(int)
    shorter_requested = Signal(int)
    more_requested = Signal(int)
    step_requested = Signal(int, int)  # message id, -1 or 1
    source_requested = Signal(object)
    link_chosen = Signal(str)
    picture_opened = Signal(object)

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.buttons = MessageActions(message.role)
        self.buttons.step_requested.connect(self._on_step)
        self._hovered = self._focused = self._last = False

    def freeze(self, frozen: bool) -> None:
        """While an answer is being written nothing here can be changed."""
        self.buttons.freeze(frozen)

    def show_focus(self, focused: bool) -> None:
        """The keyboard is at the card or at something in it."""
        self._focused = focused
        self._show_near()
        self.update()

    def show_last(self, last: bool) -> None:
        """The last card always shows its actions."""
        self._last = last
        self._show_near()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self._show_near()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self._show_near()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(colour("accent"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 6, 6)

    def _show_near(self) -> None:
        self.buttons.show_near(self._hovered or self._focused or self._last)

    @Slot(int)
    def _on_step(self, step: int) -> None:
        self.step_requested.emit(self.message.id, step)


class Bubble(QFrame):
    """A soft ground for the person's words."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent_soft"))
        painter.drawRoundedRect(self.rect(), BUBBLE_RADIUS_PX, BUBBLE_RADIUS_PX)


class UserCard(MessageCard):
    """The person's words, shown as they were written; Edit opens them in place."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(message, parent)
        self.setAccessibleName(tr("You: {text}", text=visible(message.text[:400])))
        self.prose = Prose()
        self.prose.show_plain(message.text)
        self.bubble = Bubble()
        self.editor: Composer | None = None
        self.mark = CutMark()
        inside = QHBoxLayout(self.bubble)
        inside.setContentsMargins(SPACE.l, SPACE.s, SPACE.l, SPACE.s)
        inside.addWidget(self.prose)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2, SPACE.s, 2, SPACE.xs)
        self._column.addWidget(self.mark)
        self.pictures = PictureRow()
        self.pictures.show_pictures(message.pictures)
        self.pictures.opened.connect(self.picture_opened)
        seen = QHBoxLayout()
        seen.addStretch(1)
        seen.addWidget(self.pictures)
        self._column.addLayout(seen)
        row = QHBoxLayout()
        row.setSpacing(SPACE.s)
        row.addStretch(1)
        row.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignBottom)
        row.addWidget(self.bubble)
        self._column.addLayout(row)
        self.bubble.setVisible(bool(message.text))
        self.buttons.edit_requested.connect(self.begin_edit)
        self.buttons.show_message(message)
        metrics = QFontMetrics(body_font())
        lines = message.text.split("\n")[:LINES_MEASURED]
        self._natural = max(metrics.horizontalAdvance(line[:LINES_MEASURED]) for line in lines) + 4
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def begin_edit(self) -> None:
        """Open the text for changing; sending it makes a new version beside this one."""
        if self.editor is not None:
            return
        self.editor = Composer(tr("Your message"), tr("Send"), self)
        self.editor.hint.setText(tr("The former version is kept beside the new one"))
        self.editor.write(self.message.text)
        cancel = QPushButton(tr("Cancel"))
        cancel.setProperty("role", "quiet")
        cancel.clicked.connect(self.end_edit)
        self.editor.add_button(cancel)
        self.editor.send_requested.connect(self._on_send)
        self.bubble.hide()
        self.buttons.hide()
        self._column.addWidget(self.editor)
        self.editor.box.setFocus()

    @Slot()
    def end_edit(self) -> None:
        """Put the text back as it was."""
        if self.editor is not None:
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
            self.bubble.setVisible(bool(self.message.text))
            self.buttons.show()

    @Slot(str)
    def _on_send(self, text: str) -> None:
        self.edit_requested.emit(self.message.id, text)

    def _fit(self) -> None:
        room = int(self.width() * BUBBLE_SHARE) - 2 * SPACE.l
        self.prose.setFixedWidth(max(40, min(self._natural, room)))


class AnswerCard(MessageCard):
    """What a model wrote or is writing: text, notes, sources, figures, actions."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(message, parent)
        self._checked: Sequence[Checked] = ()
        self._shown_withheld = 0  # the message of which what was withheld is shown
        self.setAccessibleName(tr("Answer"))
        self.phase = PlainLabel()
        self.phase.setProperty("role", "faint")
        self.thoughts = Thoughts()
        self.form_mark = FormMark()
        self.support = PlainLabel(wordWrap=True)
        self.support.setProperty("role", "small")
        self.body = MarkdownView()
        self.note = ProblemBanner()
        self.searched = PlainLabel(wordWrap=True)
        self.searched.setProperty("role", "small")
        self.sources = SourceRow()
        self.given, self.odds = Given(), TokenOdds()
        self.figures = PlainLabel(wordWrap=True)
        self.figures.setProperty("role", "small")
        foot = QHBoxLayout()
        foot.setSpacing(SPACE.m)
        foot.addWidget(self.figures, 1, Qt.AlignmentFlag.AlignVCenter)
        foot.addWidget(self.odds.toggle, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self.given.toggle, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self.buttons, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, SPACE.xs, 2, SPACE.xs)
        column.setSpacing(SPACE.s)
        parts = (self.support, self.body, self.note, self.searched, self.sources)
        for widget in (self.thoughts, self.phase, self.form_mark, *parts):
            column.addWidget(widget)
        column.addLayout(foot)
        column.addWidget(self.given)
        column.addWidget(self.odds)
        self.body.link_chosen.connect(self.link_chosen)
        self.body.source_chosen.connect(self.sources.show_card)
        self.body.mark_chosen.connect(self._on_mark)
        self.sources.source_requested.connect(self.source_requested)
        self.buttons.regenerate_requested.connect(self._on_regenerate)
        self.note.again_requested.connect(self._on_regenerate)
        self.note.anyway_requested.connect(self._on_anyway)
        self.note.shorter_requested.connect(self._on_shorter)
        self.note.more_requested.connect(self._on_more)
        self.note.withheld_requested.connect(self._on_withheld)
        self.show_message(message)

    # What the transcript may ask of it.

    def show_message(self, message: Message, problem: ErrorText | None = None) -> None:
        """Show a message as the store has it; `problem` adds why it failed and what helps."""
        self.message = message
        self.sources.show_sources(message.sources)
        self.sources.setVisible(bool(message.sources))
        searched = message.context.searched_for if message.context else ""
        self.searched.setText(tr("Searched for: {words}", words=searched))
        self.searched.setVisible(bool(searched))
        numbers = frozenset(source.number for source in message.sources)
        text = message.withheld if self._shows_withheld else set_out(message)
        if (text, numbers) != (self.body.text, self.body.numbers):
            self.body.show_text(text, numbers)
            self._checked = ()
        self.support.setVisible(bool(self._checked and text))
        self.body.settle()
        self.body.setVisible(bool(text))
        growing = message.state is MessageState.WRITING and not message.text
        self.thoughts.show_thoughts(message.thoughts, message.thinking_s, growing=growing)
        self.phase.setVisible(message.state is MessageState.WRITING)
        self.buttons.setVisible(message.state is not MessageState.WRITING)
        self.buttons.show_message(message)
        self.figures.setText(
            answer_figures(message.speed, message.model) if message.speed else told_name(message.model)
        )
        self.given.show_message(message)
        self.form_mark.show_message(message)
        self._show_note(message, problem)
        if message.state is not MessageState.WRITING:
            said = refusal_words(message.refused) if message.refused else visible(message.text[:400])
            self.setAccessibleName(tr("Answer: {text}", text=said))

    def show_support(self, checked: Sequence[Checked]) -> None:
        """How far the passages support each sentence; of what is withheld, it is shown along with it."""
        self._checked = checked
        text = self.message.withheld if self._shows_withheld else self.message.text
        if not text:
            return
        self.body.show_text(text, self.body.numbers, marks_of(checked, text))
        self.support.setText(summary_words(checked))
        self.support.setAccessibleDescription(heard_words(checked, text))
        self.support.setVisible(bool(checked))

    def show_phase(self, text: str) -> None:
        """What is happening while there is nothing to read yet."""
        self.phase.setText(text)
        self.phase.setVisible(bool(text))

    def add_thought(self, text: str) -> None:
        """More of what is thought before the answer."""
        self.phase.hide()
        self.thoughts.add(text)

    def add_text(self, text: str, thinking_s: float = 0.0) -> None:
        """More of the answer; `thinking_s` is how long the model thought before it."""
        self.thoughts.end(thinking_s)
        if self.body.isHidden():
            self.body.show()
        self.phase.hide()
        self.body.append(text)

    # Its own affairs.

    @property
    def _shows_withheld(self) -> bool:
        return bool(self.message.withheld) and self._shown_withheld == self.message.id

    def _show_note(self, message: Message, problem: ErrorText | None) -> None:
        written = message.text or message.refused
        state = STATE_NOTES.get(message.state, "") if written else EMPTY_NOTES.get(message.state, "")
        cut = message.state is MessageState.CUT
        if cut and message.context and message.speed and message.context.is_full(message.speed.tokens):
            state = ""  # no limit of the person's: the note says that the context was full
        refusal = refusal_words(message.refused, shown=self._shows_withheld) if message.refused else ""
        words = " ".join(part for part in (refusal, tr(state), told(message.note)) if part)
        bad = message.state in (MessageState.FAILED, MessageState.INTERRUPTED)
        if problem is not None:
            self.note.show_problem(problem)
        else:
            begun = message.state in UNFINISHED and bool(message.text or message.thoughts)
            withheld = bool(message.withheld) and not self._shows_withheld
            remedy = "withheld" if withheld else "more" if begun and not message.refused else ""
            self.note.show_remark(words, "bad" if bad else "", remedy)
        if message.state is MessageState.WRITING:
            self.note.hide()

    @Slot(int)
    def _on_mark(self, at: int) -> None:
        if at < len(self._checked) and (source := self._checked[at].source or self._checked[at].against):
            self.source_requested.emit(source)

    @Slot()
    def _on_withheld(self) -> None:
        """The person wants to see it all the same; its marks, where they are there, come along."""
        self._shown_withheld, checked = self.message.id, self._checked
        self.show_message(self.message)
        self.show_support(checked)

    @Slot()
    def _on_regenerate(self) -> None:
        self.regenerate_requested.emit(self.message.id)

    @Slot()
    def _on_more(self) -> None:
        self.more_requested.emit(self.message.id)

    @Slot()
    def _on_shorter(self) -> None:
        self.shorter_requested.emit(self.message.id)

    @Slot()
    def _on_anyway(self) -> None:
        self.anyway_requested.emit(self.message.id)


def card_for(message: Message, parent: QWidget) -> UserCard | AnswerCard:
    """The card for a message by who speaks."""
    return UserCard(message, parent) if message.role is Role.USER else AnswerCard(message, parent)
