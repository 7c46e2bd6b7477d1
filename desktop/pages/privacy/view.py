"""How the Privacy page looks: cards, one below the other. It knows no engine and starts no work.

Each card is a file of its own beside this one, and so is what it does. A new card takes one line here
(`self.keys = self._add(KeysCard())`) and one in the presenter.
"""

from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.pages.privacy.backups_card import BackupsCard
from desktop.pages.privacy.keys_card import KeysCard
from desktop.pages.privacy.leaving_card import LeavingCard
from desktop.pages.privacy.place_card import PlaceCard
from desktop.pages.privacy.reopening_card import ReopeningCard
from desktop.pages.privacy.report_card import ReportCard
from desktop.pages.privacy.walls_card import WallsCard
from desktop.theme import SPACE
from desktop.widgets.card import Card
from desktop.widgets.page_header import PageHeader
from desktop.words import tr

WIDTH_PX = 1000

SomeCard = TypeVar("SomeCard", bound=Card)


class PrivacyView(QWidget):
    """The cards, in the order of the lines below."""

    came_into_view = Signal()
    lock_requested = Signal()
    parting_requested = Signal(object)  # Parting: the window goes, then that is done

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout()
        self._lay_out()
        self.walls = self._add(WallsCard())
        self.leaving = self._add(LeavingCard())
        self.keys = self._add(KeysCard())
        self.keys.lock_requested.connect(self.lock_requested)
        self.place = self._add(PlaceCard())
        self.backups = self._add(BackupsCard())
        self.reopening = self._add(ReopeningCard())
        self.report = self._add(ReportCard())

    def came_on_show(self) -> None:
        """The page has come to the front."""
        self.came_into_view.emit()
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)  # the arrows scroll, Tab goes to the first control

    def show_walls(self) -> None:
        """The badge was clicked: bring its card into view and give it the keyboard."""
        self._scroll.ensureWidgetVisible(self.walls)
        self.walls.setFocus(Qt.FocusReason.OtherFocusReason)

    # Its own affairs.

    def _add(self, card: SomeCard) -> SomeCard:
        self._column.insertWidget(self._column.count() - 1, card)
        return card

    def _lay_out(self) -> None:
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside, holder = QWidget(), QWidget()
        sides = QHBoxLayout(inside)
        sides.setContentsMargins(SPACE.xxl, SPACE.xl, SPACE.xxl, SPACE.xxl)
        holder.setMaximumWidth(WIDTH_PX)
        holder.setLayout(self._column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE.l)
        self._column.addWidget(
            PageHeader(tr("Privacy"), tr("What leaves this computer, what stays, and how you can see it for yourself."))
        )
        self._column.addStretch(1)
        sides.addWidget(holder, 10)
        sides.addStretch(1)
        self._scroll.setWidget(inside)
        outer.addWidget(self._scroll)
