"""What the card of the problem report does."""

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.privacy.report_card import ReportCard
from desktop.words import tr
from engine.engine import Engine, Report
from engine.errors import EngineError


class ReportPresenter(QObject):
    """Lives exactly as long as its card."""

    def __init__(self, card: ReportCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._jobs, self._notices = card, engine, jobs, notices
        self._report: Report | None = None  # what is on show, and nothing else, is saved
        card.report_requested.connect(self._make)
        card.save_requested.connect(self._save)

    @Slot()
    def _make(self) -> None:
        self._card.show_making(True)
        self._jobs.start(
            self._engine.report,
            on_done=self._show,
            on_error=self._fail,
            on_stopped=lambda: self._card.show_making(False),
            owner=self._card,
            title=tr("Making a problem report…"),
        )

    def _show(self, report: Report) -> None:
        self._report = report
        self._card.show_making(False)
        self._card.show_report(report.text)

    def _fail(self, error: Exception) -> None:
        self._card.show_making(False)
        self._notices.error(error)

    @Slot(object)
    def _save(self, path: Path) -> None:
        assert self._report is not None  # the button that asks comes with the report
        try:
            self._engine.save_report(self._report, path)
        except EngineError as error:
            self._notices.error(error)
            return
        self._notices.toast(tr("The report was saved as {file}. It was not sent.", file=path.name))
