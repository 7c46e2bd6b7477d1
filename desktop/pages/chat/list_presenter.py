"""What is done with whole chats: the list at the left, other titles, the trash and back, and for good."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.chat.view import ChatView
from desktop.widgets.amounts import count_text
from desktop.words import tr
from engine.engine import Engine
from engine.types import Chat


class ChatListPresenter(QObject):
    """Lives exactly as long as its view."""

    leaving = Signal(int)  # a chat is about to be deleted
    deleted = Signal(int)
    restored = Signal(int)

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        view.rename_requested.connect(self._rename)
        view.delete_requested.connect(self._delete)
        view.restore_requested.connect(self._restore)
        view.erase_requested.connect(self._erase)
        jobs.changed.connect(self._on_changed)

    def refresh(self) -> tuple[Chat, ...]:
        """List the chats and what lies in the trash; the chats."""
        chats = self._engine.chats.all()
        self._view.show_chats(chats)
        self._view.show_trash(self._engine.chats.trash())
        return chats

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "chats":
            self.refresh()

    @Slot(int, str)
    def _rename(self, chat_id: int, title: str) -> None:
        self._notices.attempt(lambda: self._engine.chats.rename(chat_id, title))
        self.refresh()

    @Slot(int)
    def _delete(self, chat_id: int) -> None:
        self.leaving.emit(chat_id)
        chat = self._engine.chats.get(chat_id)
        if not self._notices.attempt(lambda: self._engine.chats.delete(chat_id)):
            return
        self.refresh()
        self.deleted.emit(chat_id)
        self._notices.toast(
            tr("“{title}” was moved to the trash.", title=chat.title), tr("Undo"), partial(self._restore, chat_id)
        )

    @Slot(int)
    def _restore(self, chat_id: int) -> None:
        if self._notices.attempt(lambda: self._engine.chats.restore(chat_id)):
            self.refresh()
            self.restored.emit(chat_id)

    @Slot(object)
    def _erase(self, chat_ids: tuple[int, ...]) -> None:
        """For good: not from the store's free pages, nor from its log, can it be read again."""
        count = count_text(len(chat_ids))
        sure = self._notices.ask(
            tr("Erase for good?"),
            tr("{count} chats will be erased and cannot be brought back. Backups keep them until they are replaced.",
               count=count) if len(chat_ids) > 1 else
            tr("The chat will be erased and cannot be brought back. Backups keep it until they are replaced."),
            tr("Erase"), tr("Keep"), danger=True,
        )  # fmt: skip
        if sure:
            self._jobs.start(
                partial(self._engine.chats.erase, chat_ids), on_error=self._notices.error, owner=self._view
            )
