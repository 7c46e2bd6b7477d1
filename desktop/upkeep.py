"""What the window does from time to time without being asked, and the one lasting thing it then says.

Soon after the window has opened, and every hour, the engine does what is due: the trash, the day's backup,
the room that is held in reserve. A full disk and a folder of a newer Hanare stand in a strip above the pages.
"""

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.widgets.banner import Banner
from desktop.words import tr
from engine.engine import Engine

FIRST_MS = 4000  # the window and its first page come first
EVERY_MS = 60 * 60 * 1000
FULL_MS = 30 * 1000  # how often to look whether there is room again


class Upkeep(QObject):
    """Lives as long as the window."""

    def __init__(self, engine: Engine, jobs: Jobs, notices: Notices, banner: Banner, parent: QObject) -> None:
        super().__init__(parent)
        self._engine, self._jobs, self._notices, self._banner = engine, jobs, notices, banner
        self._job: Job | None = None
        self._timer = QTimer(self, interval=FIRST_MS)
        self._timer.timeout.connect(self.run)
        self._timer.start()
        jobs.changed.connect(self.look)
        self.look()

    @Slot()
    def run(self) -> None:
        """Do what is due, unless that goes on already."""
        if self._job is None or not self._job.running:
            self._job = self._jobs.start(
                self._engine.upkeep, on_done=self._done, on_error=self._fail, on_stopped=self._done, owner=self
            )

    @Slot()
    def look(self, _: object = None) -> None:
        """Show or hide the strip. Called whenever something was kept: a full disk is noticed then."""
        if self._engine.newer is not None:
            text = tr("A newer Hanare has written these data. You can read and search them; nothing can be changed.")
        elif self._engine.reserve.used:
            text = tr("The disk is full. What you wrote last was saved in room that Hanare held back. "
                      "Please make room on the disk.")  # fmt: skip
        else:
            text = ""
        self._banner.setVisible(bool(text))
        if text:
            self._banner.show_text(text, "warn")
        if self._engine.reserve.used and self._timer.interval() != FULL_MS:  # setting it begins the interval anew
            self._timer.setInterval(FULL_MS)

    # Its own affairs.

    def _done(self, _: object = None) -> None:
        if not self._engine.reserve.used:
            self._timer.setInterval(EVERY_MS)
        self.look()

    def _fail(self, error: Exception) -> None:
        self._done()
        self._notices.error(error)
