"""What the card of reopening does: it tells how much is kept of chats, and has it removed."""

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.reopening_card import ReopeningCard
from engine.engine import Engine


class ReopeningPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: ReopeningCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._jobs, self._notices = card, engine, jobs, notices
        card.removal_requested.connect(self._remove)
        jobs.changed.connect(self._heed)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show how much is kept now; more may be kept at any time."""
        self._card.show_kept(self._engine.states.total())

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what in ("states", "chats"):
            self.refresh()

    @Slot()
    def _remove(self) -> None:
        self._jobs.start(self._engine.remove_states, on_error=self._notices.error, owner=self._card)
