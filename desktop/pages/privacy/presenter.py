"""What the Privacy page does: every card has a presenter of its own, and this one makes them."""

from PySide6.QtCore import QObject

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.backups_presenter import BackupsPresenter
from desktop.pages.privacy.keys_presenter import KeysPresenter
from desktop.pages.privacy.leaving_presenter import LeavingPresenter
from desktop.pages.privacy.place_presenter import PlacePresenter
from desktop.pages.privacy.reopening_presenter import ReopeningPresenter
from desktop.pages.privacy.report_presenter import ReportPresenter
from desktop.pages.privacy.view import PrivacyView
from desktop.pages.privacy.walls_presenter import WallsPresenter
from engine.engine import Engine


class PrivacyPresenter(QObject):
    """Lives exactly as long as its page. A card's presenter is made with the card, which owns it."""

    def __init__(self, view: PrivacyView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        walls = WallsPresenter(view.walls, engine, jobs, notices)
        leaving = LeavingPresenter(view.leaving, engine, jobs, notices)
        KeysPresenter(view.keys, engine, jobs, notices)
        place = PlacePresenter(view.place, engine, notices)
        place.parting_requested.connect(view.parting_requested)
        backups = BackupsPresenter(view.backups, engine, jobs, notices)
        backups.parting_requested.connect(view.parting_requested)
        reopening = ReopeningPresenter(view.reopening, engine, jobs, notices)
        ReportPresenter(view.report, engine, jobs, notices)
        view.came_into_view.connect(walls.measure)
        view.came_into_view.connect(leaving.refresh)
        view.came_into_view.connect(reopening.refresh)
