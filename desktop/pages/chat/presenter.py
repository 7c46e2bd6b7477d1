"""What the chat page does: its wishes go to the engine, what the engine reports comes back to it.

An answer belongs to its chat, not to the page: the person may go to another chat while it is
written, and finds it grown on return.
"""

import time
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.error_text import error_text
from desktop.jobs import Jobs, Start
from desktop.notices import Notices
from desktop.pages.chat.form_presenter import FormPresenter
from desktop.pages.chat.list_presenter import ChatListPresenter
from desktop.pages.chat.message_card import AnswerCard
from desktop.pages.chat.models_here import ChatModels
from desktop.pages.chat.odds import OddsHeld
from desktop.pages.chat.pictures import ChatPictures
from desktop.pages.chat.support import ChatSupport
from desktop.pages.chat.thinking import ChatThinking
from desktop.pages.chat.view import ChatView
from desktop.pages.chat.writing import Writing
from desktop.widgets.amounts import count_text
from desktop.widgets.memory_ways import loading_text, may_load_anyway, problem_text
from desktop.words import tr
from engine.context import WhenFull
from engine.engine import Engine
from engine.errors import EngineError, NoModel
from engine.events import (
    CheckerFailed,
    Event,
    MessageKept,
    ModelLoading,
    PassagesFound,
    PictureReached,
    Progressed,
    PromptRead,
    SearchedFor,
    SummaryBegun,
    TextAdded,
    TextHeld,
    ThoughtAdded,
    TokenWeighed,
)
from engine.types import Message, MessageState, Role


class ChatPresenter(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._chat_id: int | None = None
        self._writings: dict[int, Writing] = {}
        self._odds = OddsHeld()
        view.transcript.odds_of = self._odds.of
        self.forms = FormPresenter(view, engine, jobs, notices)
        self._models = ChatModels(view, engine, jobs, notices)
        view.came_into_view.connect(self._look_around)
        view.new_requested.connect(self._begin_new)
        view.temporary_requested.connect(self._begin_temporary)
        view.chat_chosen.connect(self._open)
        view.send_requested.connect(self._send)
        view.stop_requested.connect(self._stop)
        view.regenerate_requested.connect(self._regenerate)
        view.more_requested.connect(self._go_on)
        view.anyway_requested.connect(self._load_anyway)
        view.shorter_requested.connect(self._shorten)
        view.when_full_chosen.connect(self._set_when_full)
        view.edit_requested.connect(self._edit)
        view.step_requested.connect(self._step)
        ChatPictures(view, engine, jobs, notices)
        ChatThinking(view, engine, jobs, notices)
        self._support = ChatSupport(view, engine, jobs)
        self._list = ChatListPresenter(view, engine, jobs, notices)
        self._list.leaving.connect(self._stop_writing)
        self._list.deleted.connect(self._leave)
        self._list.restored.connect(self._open)
        jobs.changed.connect(self._on_changed)
        self._look_around()
        if chats := self._list.refresh():
            self._open(chats[0].id)
        else:
            self._begin_new()

    # Which chat is on show.

    @Slot()
    def _look_around(self) -> None:
        """Models and documents may have come or gone while another page was on show."""
        self._models.look()
        self._view.show_documents_usable(self._engine.documents.counts().passages > 0)

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what in ("models", "documents"):
            self._look_around()

    @Slot()
    def _begin_new(self) -> None:
        self._chat_id = None
        self._view.show_chat(None, ())
        self._view.show_busy(False)
        self._view.composer.box.setFocus()

    @Slot()
    def _begin_temporary(self) -> None:
        """A temporary chat is one from its beginning: nothing of it may be written before one says so."""
        chat = self._engine.chats.new(temporary=True)
        self._list.refresh()
        self._open(chat.id)
        self._view.composer.box.setFocus()

    @Slot(int)
    def _leave(self, chat_id: int) -> None:
        if self._chat_id == chat_id:
            self._begin_new()

    @Slot(int)
    def _open(self, chat_id: int) -> None:
        try:
            chat, messages = self._engine.chats.get(chat_id), self._engine.chats.messages(chat_id)
        except EngineError as error:
            self._notices.error(error)
            self._list.refresh()
            return
        self._chat_id = chat_id
        writing = self._writings.get(chat_id)
        if writing is not None and writing.message is not None:
            live = replace(writing.message, text=writing.text, thoughts=writing.thoughts, thinking_s=writing.thinking_s)
            messages = tuple(live if message.id == live.id else message for message in messages)
        self._view.show_chat(chat, messages)
        self._support.look(messages)
        if chat.model_id is not None:
            answers = [message.model for message in messages if message.model]
            self._models.choose(chat.model_id, answers[-1] if answers else "")
        self._view.show_busy(writing is not None)
        if writing is not None:
            self._show_phase(writing)
            self._show_filled(writing)

    # Writing.

    @Slot(str)
    def _send(self, text: str) -> None:
        model_id = self._view.picker.model_id
        if model_id is None:
            self._view.show_no_model(error_text(NoModel()))
            return
        with_documents = self._view.documents.isChecked()
        if self._chat_id is None:
            try:
                chat = self._engine.chats.new()
            except EngineError as error:
                self._view.show_problem(error_text(error))
                return
            self._chat_id = chat.id
            self._view.begin(chat)
        chat_id, chats, pictures = self._chat_id, self._engine.chats, self._view.composer.pictures
        self._write(lambda cancel: chats.send(chat_id, text, cancel, model_id, with_documents, pictures=pictures))

    @Slot(int)
    def _regenerate(self, message_id: int) -> None:
        model_id, chats = self._view.picker.model_id, self._engine.chats
        self._write(lambda cancel: chats.regenerate(message_id, cancel, model_id))

    @Slot(int)
    def _go_on(self, message_id: int) -> None:
        """The answer grows in its place; how it ended before is the version beside it."""
        model_id, chats = self._view.picker.model_id, self._engine.chats
        self._write(lambda cancel: chats.go_on(message_id, cancel, model_id))

    @Slot(int)
    def _load_anyway(self, message_id: int) -> None:
        model = self._view.picker.model
        if model is not None and may_load_anyway(self._notices, model.name):
            self._engine.runtime.load_anyway(model.id)
            self._regenerate(message_id)

    @Slot(int)
    def _shorten(self, message_id: int) -> None:
        self._set_when_full(WhenFull.OLDEST)
        self._regenerate(message_id)

    @Slot(object)
    def _set_when_full(self, chosen: WhenFull | None) -> None:
        chat_id = self._chat_id
        if chat_id is not None and self._notices.attempt(lambda: self._engine.chats.set_when_full(chat_id, chosen)):
            self._view.show_when_full(chosen)

    @Slot(int, str)
    def _edit(self, message_id: int, text: str) -> None:
        model_id, chats = self._view.picker.model_id, self._engine.chats
        self._write(lambda cancel: chats.edit(message_id, text, cancel, model_id))

    def _write(self, operation: Start) -> None:
        """Start an answer in the chat on show, unless one is being written there."""
        if self._chat_id is None or self._chat_id in self._writings:
            return
        writing = Writing(self._chat_id)
        self._writings[self._chat_id] = writing
        self._view.show_problem(None)
        self._view.show_busy(True)
        writing.job = self._jobs.start(
            operation,
            on_event=partial(self._on_event, writing),
            on_done=partial(self._on_done, writing),
            on_error=partial(self._on_error, writing),
            on_stopped=partial(self._on_stopped, writing),
            owner=self._view,
        )

    @Slot()
    def _stop(self) -> None:
        writing = self._writings.get(self._chat_id or 0)
        if writing is not None and writing.job is not None:
            writing.phase = tr("Stopping…")
            self._show_phase(writing)
            writing.job.stop()

    @Slot(int)
    def _stop_writing(self, chat_id: int) -> None:
        writing = self._writings.get(chat_id)
        if writing is not None and writing.job is not None:
            writing.job.stop()

    @Slot(int, int)
    def _step(self, message_id: int, step: int) -> None:
        """Show the version before or after."""
        if self._chat_id is None or self._chat_id in self._writings:
            return
        versions = self._engine.chats.versions(message_id)
        at = [message.id for message in versions].index(message_id) + step
        if 0 <= at < len(versions) and self._notices.attempt(lambda: self._engine.chats.show_version(versions[at].id)):
            self._open(self._chat_id)

    # What the engine reports of one answer.

    def _on_event(self, writing: Writing, event: Event) -> None:
        match event:
            case MessageKept(message=message):
                self._on_kept(writing, message)
            case SearchedFor(text=words):
                writing.phase = tr("Searched for: {words}", words=words)
            case PassagesFound(sources=sources):
                writing.phase = tr("Reading {count} passages…", count=count_text(len(sources)))
            case SummaryBegun(messages=count):
                writing.phase = tr("Summing up {count} earlier messages…", count=count_text(count))
            case ModelLoading():
                writing.phase = loading_text(event)
            case PromptRead(done=done, total=total, context_tokens=context_tokens):
                writing.prompt_tokens, writing.context_tokens = total, context_tokens
                self._show_filled(writing)
                writing.phase = tr("Reading prompt {done}/{total}", done=count_text(done), total=count_text(total))
            case PictureReached():
                writing.phase = tr("Looking at the picture…")
            case CheckerFailed(error=error):
                self._notices.error(error)
            case Progressed(unit="passages"):
                writing.phase = tr("Comparing with your documents…")
            case TextHeld(tokens=tokens):
                writing.tokens, writing.phase = tokens, tr("Writing… The answer is shown once it has been checked.")
                self._end_thoughts(writing)
            case ThoughtAdded(text=text, tokens=tokens):
                writing.tokens = tokens
                self._on_thought(writing, text)
                return
            case TokenWeighed(odds=odds):
                self._odds.add(writing.message.id if writing.message else 0, odds)
                return
            case TextAdded(text=text, tokens=tokens):
                writing.tokens = tokens
                self._on_text(writing, text)
                return
        self._show_phase(writing)

    def _on_kept(self, writing: Writing, message: Message) -> None:
        if message.role is Role.ASSISTANT:
            writing.message = message
            writing.text, writing.thoughts, writing.thinking_s = message.text, message.thoughts, message.thinking_s
            writing.phase = writing.phase or tr("Waiting for the model…")
        else:
            writing.question_kept = True
        if self._chat_id == writing.chat_id:
            self._view.show_kept(message)

    def _on_thought(self, writing: Writing, text: str) -> None:
        now = time.monotonic()
        writing.thought_at = writing.thought_at or now - writing.thinking_s
        writing.thoughts, writing.thinking_s, writing.phase = writing.thoughts + text, now - writing.thought_at, ""
        card = self._card(writing)
        if card is not None:
            card.add_thought(text)
            self._show_filled(writing)

    def _on_text(self, writing: Writing, text: str) -> None:
        writing.text += text
        writing.phase = ""
        card = self._card(writing)
        if card is not None:
            card.add_text(text, writing.thinking_s)
            self._show_filled(writing)

    def _end_thoughts(self, writing: Writing) -> None:
        card = self._card(writing)
        if card is not None:
            card.thoughts.end(writing.thinking_s)
            self._show_filled(writing)

    def _show_filled(self, writing: Writing) -> None:
        """The gauge moves while the answer grows."""
        if self._card(writing) is not None and writing.message is not None and writing.context_tokens:
            used = writing.prompt_tokens + writing.tokens
            self._view.gauge.show_filled(used, writing.context_tokens, writing.message.model)

    def _show_phase(self, writing: Writing) -> None:
        card = self._card(writing)
        if card is not None and (writing.phase or not (writing.text or writing.thoughts)):
            card.show_phase(writing.phase)

    def _on_done(self, writing: Writing, message: Message) -> None:
        card = self._card(writing)
        self._end(writing)
        if card is not None:
            card.body.settle()
            card.show_message(replace(message, version=card.message.version, versions=card.message.versions))
            card.odds.show_odds(self._odds.of(message.id))
            if message.context is None or message.context.read:
                self._view.show_context(message)
            self._support.look([message])

    def _on_stopped(self, writing: Writing) -> None:
        self._end(writing)
        if self._chat_id == writing.chat_id:
            self._open(writing.chat_id)

    def _on_error(self, writing: Writing, error: Exception) -> None:
        self._end(writing)
        if self._chat_id != writing.chat_id:
            self._notices.error(error)
            return
        if writing.question_kept or writing.message is not None:
            self._open(writing.chat_id)
        card, problem = self._card(writing), problem_text(error, self._engine.models.ways_down)
        if card is not None and card.message.state is not MessageState.WRITING:
            card.show_message(card.message, problem)
        else:
            self._view.show_problem(problem)

    def _end(self, writing: Writing) -> None:
        self._writings.pop(writing.chat_id, None)
        if self._chat_id == writing.chat_id:
            self._view.show_busy(False)
        self._look_around()

    def _card(self, writing: Writing) -> AnswerCard | None:
        if self._chat_id != writing.chat_id or writing.message is None:
            return None
        return self._view.answer(writing.message.id)
