"""What "Find a model" does: reckons what suits this computer, and asks the hub when somebody says so."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.find_panel import FindPanel
from desktop.pages.models.view import ModelsView
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.events import Event, Progressed
from engine.types import HubFound, HubKind, HubRepository, HubSort, Recommendations

_NAME = re.compile(r"[\w.-]+/[\w.-]+")  # of a repository


class FindPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._panel: FindPanel = view.finder
        self._asking: tuple[Job, ProgressRow] | None = None  # what the hub is asked now
        self._asked = ""  # which repository is shown or asked about
        self._panel.shown.connect(self._recommend)
        self._panel.search_requested.connect(self._search)
        self._panel.repository_requested.connect(self._open)
        self._panel.refresh_requested.connect(self._refresh)
        jobs.changed.connect(self._heed)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if not self._panel.isVisible():
            return
        if what in ("models", "settings", "catalogue"):
            self._recommend()
        elif what == "downloads":
            self._show_queued()

    @Slot()
    def _recommend(self) -> None:
        """What suits this computer as it is now; the network has no part in it."""

        def show(found: Recommendations) -> None:
            self._panel.show_recommended(found)
            self._show_queued()

        self._jobs.start(
            self._engine.finding.recommended, on_done=show, on_error=self._notices.error, owner=self._panel
        )

    @Slot(str, object, object)
    def _search(self, words: str, kind: HubKind, sort: HubSort) -> None:
        def show(found: HubFound) -> None:
            self._asked = ""
            self._panel.show_results(found)
            if not found.models and self._view.token_kept and _NAME.fullmatch(words.strip()):
                self._open(words.strip())  # a search finds nothing private

        work = partial(self._engine.finding.search, words, kind=kind, sort=sort)
        self._ask(work, tr("Searching for {words}", words=words), show)

    @Slot(str)
    def _open(self, repository: str) -> None:
        if repository == self._asked:
            return  # a second click says the same
        self._asked = repository

        def show(found: HubRepository) -> None:
            self._panel.show_repository(found)

        work = partial(self._engine.finding.open, repository, kept_token=True)
        self._ask(work, tr("Asking about {repository}", repository=repository), show)

    @Slot()
    def _refresh(self) -> None:
        def show(told: int) -> None:
            self._notices.toast(tr("The hub told the sizes of {count} models.", count=told))

        self._ask(self._engine.finding.refresh, tr("Asking for the sizes"), show)

    # Its own affairs.

    def _show_queued(self) -> None:
        queued = {download.repository for download in self._engine.downloads.all()}
        self._panel.recommended.show_queued(queued)

    def _ask(self, work: Callable[[Cancel], Operation[Any]], title: str, show: Callable[[Any], None]) -> None:
        """One question at a time: a new one takes the place of the one before."""
        if self._asking is not None:
            job, row = self._asking
            job.silence()
            self._view.end_progress(row)
        row = self._view.add_progress(title)
        job = self._jobs.start(
            work,
            on_event=partial(self._hear, row),
            on_done=partial(self._end, row, show),
            on_error=partial(self._fail, row),
            on_stopped=partial(self._stopped, row),
            owner=self._view,
            title=title,
        )
        self._asking = job, row
        row.stop_requested.connect(job.stop)
        row.stop_requested.connect(row.show_stopping)

    def _hear(self, row: ProgressRow, event: Event) -> None:
        if isinstance(event, Progressed):
            row.show_progress(event)

    def _end(self, row: ProgressRow, show: Callable[[Any], None], found: Any) -> None:
        self._over(row)
        show(found)

    def _fail(self, row: ProgressRow, error: Exception) -> None:
        self._stopped(row)
        self._notices.error(error)

    def _stopped(self, row: ProgressRow) -> None:
        self._over(row)
        self._asked = ""  # so that it can be asked again

    def _over(self, row: ProgressRow) -> None:
        self._asking = None
        self._view.end_progress(row)
