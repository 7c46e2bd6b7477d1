"""Has pages that are pictures read by OCR in the background, once the files themselves are read."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.documents.ocr_row import OcrRow
from desktop.words import tr
from engine.engine import Engine
from engine.events import Event, Progressed
from engine.types import Ocr, PicturesRead

FIRST_MS = 3000  # the page, the folders and the search come first
DUE_MS = 1000


class OcrKeeper(QObject):
    """Lives as long as the page. `busy` tells whether files are being read; `read` is called when pages were."""

    def __init__(
        self, row: OcrRow, engine: Engine, jobs: Jobs, notices: Notices, busy: Callable[[], bool],
        read: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(row)
        self._row, self._engine, self._jobs, self._notices = row, engine, jobs, notices
        self._busy, self._read = busy, read
        self._job: Job | None = None
        self._due = self._looks = True  # at first also whether pages are to be read in other languages
        self._held = False  # until the person wants it, or the settings change
        self._asked = False  # the person wanted it
        self._ocr: Ocr | None = None  # what there is, once it was looked for
        self._wanted = self._settings()
        row.read_requested.connect(self._ask)
        row.stop_requested.connect(self._stop)
        jobs.changed.connect(self._on_changed)
        self._timer = QTimer(self, interval=DUE_MS)
        self._timer.timeout.connect(self._begin_if_due)
        if engine.newer is None:
            QTimer.singleShot(FIRST_MS, self._timer, self._timer.start)

    # Its own affairs.

    def _settings(self) -> tuple[bool, str]:
        return self._engine.settings.ocr, self._engine.settings.ocr_languages

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what == "documents":
            self._due = True
            if self._held:
                self._show()
        elif what == "settings" and self._settings() != self._wanted:
            self._wanted, self._held = self._settings(), False
            self._due = self._looks = True
            if self._job:
                self._job.stop()  # and begins again, if it is still wanted
            self._show()

    @Slot()
    def _begin_if_due(self) -> None:
        if not self._due or self._job or self._held or self._busy() or self._engine.documents.rests:
            return
        looks, self._due, self._looks = self._looks, False, False
        if self._engine.settings.ocr and (looks or self._engine.documents.pictures.waiting):
            self._begin()
        else:
            self._show()

    def _begin(self) -> None:
        self._job = self._jobs.start(
            self._engine.documents.pictures.read,
            on_event=self._on_event,
            on_done=self._on_done,
            on_error=self._on_error,
            on_stopped=self._on_stopped,
            owner=self._row,
        )

    @Slot()
    def _ask(self) -> None:
        """Also for what could not be read, and after Tesseract was installed."""
        if self._job or not self._notices.attempt(self._engine.documents.pictures.try_again):
            return
        self._held, self._asked = False, True
        self._begin()

    @Slot()
    def _stop(self) -> None:
        self._held = True
        if self._job:
            self._job.stop()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Progressed):
            self._row.show_progress(event)

    def _on_done(self, read: PicturesRead) -> None:
        self._job = None
        if read.ocr.version or read.waiting:
            self._ocr = read.ocr
        self._held = bool(read.waiting)
        if self._asked and read.waiting and not read.ocr.version:
            self._notices.toast(tr("Tesseract was not found on this computer."))
        self._asked = False
        self._show()
        if read.words:
            self._read()

    def _on_error(self, error: Exception) -> None:
        self._job, self._held, self._asked = None, True, False
        self._notices.error(error)
        self._show()

    def _on_stopped(self) -> None:
        self._job, self._asked = None, False
        self._show()
        self._read()

    def _show(self) -> None:
        """What waits, or could not be read, and what it takes."""
        pictures = self._engine.documents.pictures
        waiting, failed = pictures.waiting, pictures.failed
        if self._job:
            return
        if not self._engine.settings.ocr or not (waiting or failed):
            self._row.show_nothing()
        elif not waiting:
            self._row.show_failed(failed)
        elif self._ocr and not self._ocr.version:
            self._row.show_missing(waiting, pictures.install_command)
        elif self._ocr and not pictures.languages(self._ocr):
            self._row.show_no_language(waiting)
        elif self._held:
            self._row.show_waiting(waiting)
