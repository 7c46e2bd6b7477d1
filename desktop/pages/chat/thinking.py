"""The switch "Think first" of the chat on show: kept with the chat, and there only for models that can be asked."""

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.chat.view import ChatView
from engine.engine import Engine


class ChatThinking(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._notices = view, engine, notices
        view.think_chosen.connect(self._keep)
        view.came_into_view.connect(self._look_around)
        jobs.changed.connect(self._heed)
        self._look_around()

    @Slot()
    def _look_around(self) -> None:
        self._view.show_thinking_default(self._engine.settings.thinking)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "settings":
            self._look_around()

    @Slot(int, bool)
    def _keep(self, chat_id: int, thinking: bool) -> None:
        self._notices.attempt(lambda: self._engine.chats.set_thinking(chat_id, thinking))
