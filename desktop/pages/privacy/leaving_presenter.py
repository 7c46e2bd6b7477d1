"""What the card of what leaves this computer does: it follows the ledger and writes it to a file."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.leaving_card import LeavingCard
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError


class LeavingPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: LeavingCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._notices = card, engine, notices
        card.save_requested.connect(self._save)
        jobs.changed.connect(self._heed)
        jobs.ended.connect(self.refresh)  # a download that was stopped has left a line too
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the ledger as it is now."""
        self._card.show_ledger(self._engine.ledger.all(), self._engine.ledger.totals())

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "connections":
            self.refresh()

    @Slot(object)
    def _save(self, path: Path) -> None:
        try:
            lines = self._engine.ledger.export(path)
        except EngineError as error:
            self._notices.error(error)
            return
        self._notices.toast(tr("{count} lines were written to {file}.", count=lines, file=path.name))
