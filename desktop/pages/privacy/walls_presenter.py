"""What the card of the walls does: it measures when the page comes to the front, and again when asked."""

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.walls_card import WallsCard
from engine.engine import Engine
from engine.walls import taken_out


class WallsPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: WallsCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine = card, engine
        card.measure_requested.connect(self.measure)
        jobs.changed.connect(self._heed)
        card.show_environment(*taken_out())
        self.measure()

    @Slot()
    def measure(self) -> None:
        """Try every way out now."""
        self._card.show_walls(self._engine.walls())

    @Slot(str)
    def _heed(self, what: str) -> None:
        """A job of any kind may have started or ended processes."""
        if self._card.isVisible():
            self.measure()
