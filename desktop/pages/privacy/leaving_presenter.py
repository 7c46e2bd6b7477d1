"""What the card of what leaves this computer does: it follows the library."""

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.leaving_card import LeavingCard
from engine.engine import Engine
from engine.types import ModelOrigin


class LeavingPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: LeavingCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine = card, engine
        jobs.changed.connect(self._heed)
        self._refresh()

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "models":
            self._refresh()

    def _refresh(self) -> None:
        origins = [model.origin for model in self._engine.models.all()]
        self._card.show_count(origins.count(ModelOrigin.HUB))
