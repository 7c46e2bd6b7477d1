"""How far the passages support an answer that was written from documents: reckoned anew whenever it is on show."""

from collections.abc import Iterable

from PySide6.QtCore import QObject

from desktop.jobs import Jobs
from desktop.pages.chat.view import ChatView
from engine.engine import Cancel, Engine, Operation
from engine.forms import FormKind
from engine.types import Checked, Message, MessageState

Found = list[tuple[Message, tuple[Checked, ...]]]


class ChatSupport(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs = view, engine, jobs

    def look(self, messages: Iterable[Message]) -> None:
        """Mark those of `messages` that have sentences and passages."""
        written = [
            message
            for message in messages
            if message.sources
            and (message.text or message.withheld)
            and message.form is FormKind.TEXT
            and message.state is not MessageState.WRITING
        ]
        if written:
            self._jobs.start(lambda cancel: self._checked(written, cancel), on_done=self._show, owner=self._view)

    # Its own affairs.

    def _checked(self, messages: Iterable[Message], cancel: Cancel) -> Operation[Found]:
        found: Found = []
        for message in messages:
            found.append((message, (yield from self._engine.chats.check(message, cancel))))
        return found

    def _show(self, found: Found) -> None:
        for message, checked in found:
            card = self._view.answer(message.id)
            if card is not None and (card.message.text, card.message.withheld) == (message.text, message.withheld):
                card.show_support(checked)
