"""The bar below every page: work in the background, where the key lives, and whether we are offline, as measured."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QToolButton, QWidget

from desktop.jobs import Job, Jobs
from desktop.plain import PlainLabel
from desktop.theme import SPACE, icon
from desktop.widgets.progress_row import STEPS, progress_text
from desktop.widgets.wall_words import badge_words
from desktop.words import later, tr
from engine.events import Progressed
from engine.unseen import visible
from engine.walls import Walls

HEIGHT_PX = 34
BAR_PX = 110

KEY_PLACES = {
    "keychain": (
        later("Encrypted · key in this computer's keychain"),
        later(
            "Your chats, the text of your documents and their index are kept in one encrypted file. The key that "
            "opens it is in the keychain of this computer, which your login protects. Whoever takes the file "
            "without the keychain cannot read it."
        ),
    ),
    "file": (
        later("Encrypted · key in a file on this computer"),
        later(
            "Your chats, the text of your documents and their index are kept in one encrypted file. This computer "
            "offers no keychain, so the key lies beside it in a file that only your user account may read. That "
            "protects a copy of the store alone; whoever can read all your files can read the store too. "
            "A passphrase, set on the Privacy page, or encrypting the whole disk closes that gap."
        ),
    ),
    "passphrase": (
        later("Encrypted · opens with your passphrase"),
        later(
            "Your chats, the text of your documents and their index are kept in one encrypted file. The key that "
            "opens it is locked with your passphrase, and with your recovery code where you made one. Whoever takes "
            "the whole folder cannot read it without one of them, and neither can Hanare."
        ),
    ),
}


class StatusBar(QFrame):
    """Shows the jobs that have a title, one at a time, with a Stop button."""

    explain_requested = Signal(str, str)  # a title, a text
    walls_requested = Signal()

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setFixedHeight(HEIGHT_PX)
        self._running: list[Job] = []
        self._latest: dict[int, Progressed] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE.m, 0, SPACE.s, 0)
        row.setSpacing(SPACE.s)
        self.work = PlainLabel("")
        self.work.setProperty("role", "small")
        self._bar = QProgressBar(textVisible=False)
        self._bar.setFixedWidth(BAR_PX)
        self.stop = QPushButton(tr("Stop"))
        self.stop.setProperty("role", "link")
        self.stop.setProperty("compact", True)
        self.stop.clicked.connect(self._stop)
        self._key_place = ""
        self.key = self._note("lock")
        self.key.clicked.connect(self._explain_key)
        self.offline = self._note("offline")
        self.offline.setText(tr("Not measured yet"))
        self.offline.setToolTip(tr("What was measured of the walls around every process. A click shows each."))
        self.offline.clicked.connect(self.walls_requested)
        for widget in (self._bar, self.work, self.stop):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.key)
        row.addWidget(self.offline)
        jobs.began.connect(self._begin)
        jobs.moved.connect(self._move)
        jobs.ended.connect(self._end)
        self._refresh()

    def show_key_place(self, place: str) -> None:
        """Say plainly where the key comes from: "keychain", "file" or "passphrase"."""
        self._key_place = place
        self.key.setText(tr(KEY_PLACES[place][0]))
        self.key.setIcon(icon("key" if place == "file" else "lock", "faint"))

    def show_walls(self, walls: Sequence[Walls]) -> None:
        """Say what was just measured of every process."""
        words, tone = badge_words(walls)
        self.offline.setText(words)
        self.offline.setIcon(icon("warning" if tone else "offline", tone or "faint"))

    # Its own affairs.

    def _explain_key(self) -> None:
        short, long = KEY_PLACES[self._key_place]
        self.explain_requested.emit(tr(short), tr(long))

    def _note(self, icon_name: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "note")
        button.setIcon(icon(icon_name, "faint"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _begin(self, job: Job) -> None:
        self._running.append(job)
        self._refresh()

    def _move(self, job: Job, event: Progressed) -> None:
        self._latest[id(job)] = event
        self._refresh()

    def _end(self, job: Job) -> None:
        self._running.remove(job)
        self._latest.pop(id(job), None)
        self._refresh()

    def _stop(self) -> None:
        if self._running:
            self._running[-1].stop()
            self.stop.setEnabled(False)

    def _refresh(self) -> None:
        """Show the newest job; the others are counted."""
        for widget in (self.work, self._bar, self.stop):
            widget.setVisible(bool(self._running))
        if not self._running:
            return
        job = self._running[-1]
        event = self._latest.get(id(job))
        words = [job.title]
        total = event.total if event else 0
        self._bar.setRange(0, STEPS if total else 0)
        if event:
            words.append(progress_text(event))
            if total:
                self._bar.setValue(min(STEPS, event.done * STEPS // total))
        if len(self._running) > 1:
            words.append(tr("{count} more", count=len(self._running) - 1))
        self.work.setText(" · ".join(words))
        self._bar.setAccessibleName(visible(job.title))
        self.stop.setAccessibleDescription(visible(job.title))
        self.stop.setEnabled(not job.cancel.pressed)
