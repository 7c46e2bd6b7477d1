"""Keeps the folders in step while the window is open, and does what a folder's menu asks for."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs, Start
from desktop.notices import Notices
from desktop.pages.documents.folder_row import FolderRow
from desktop.pages.documents.rules_dialog import RulesDialog
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.events import Event, Progressed
from engine.types import Folder, IndexReport

FIRST_MS = 1500  # the page comes first
DUE_MS = 1000


class FolderKeeper(QObject):
    """Lives as long as the page. `read` reads, after what is being read now; `show` shows what is there."""

    def __init__(
        self, row: FolderRow, engine: Engine, jobs: Jobs, notices: Notices,
        read: Callable[[Start], None], read_quietly: Callable[[Start], None], show: Callable[[], None],
    ) -> None:  # fmt: skip
        super().__init__(row)
        self._row, self._engine, self._jobs, self._notices = row, engine, jobs, notices
        self._read, self._read_quietly, self._show = read, read_quietly, show
        self._counting: Job | None = None
        row.look_requested.connect(self._look)
        row.pause_requested.connect(self._pause)
        row.rules_requested.connect(self._ask_rules)
        row.remove_requested.connect(self._remove)
        self._timer = QTimer(self, interval=DUE_MS)
        self._timer.timeout.connect(self._look_if_due)
        if engine.newer is None:
            QTimer.singleShot(FIRST_MS, self, self._begin)

    # Its own affairs.

    @Slot()
    def _begin(self) -> None:
        self._timer.start()
        self._look_if_due()

    @Slot()
    def _look_if_due(self) -> None:
        due = self._engine.documents.in_step.due()
        if due is not None and (due.paths is not None or self._engine.documents.folders.all()):
            self._read_quietly(partial(self._look_at, due.paths))

    def _look_at(self, paths: tuple[Path, ...] | None, cancel: Cancel) -> Operation[IndexReport]:
        return self._engine.documents.look_again(cancel, paths)

    @Slot(object)
    def _look(self, folder: Folder) -> None:
        self._read(partial(self._look_at, (folder.path,)))

    @Slot(object, bool)
    def _pause(self, folder: Folder, paused: bool) -> None:
        if self._notices.attempt(lambda: self._engine.documents.folders.pause(folder.id, paused)):
            self._show()
            if not paused:
                self._read_quietly(partial(self._look_at, None))

    @Slot(object)
    def _remove(self, folder: Folder) -> None:
        gone: list[int] = []
        documents = self._engine.documents
        if self._notices.attempt(lambda: gone.extend(documents.folders.remove(folder.id))):
            self._show()
            self._notices.toast(
                tr("{name} is no longer kept in step, and its documents are in the trash. The files are untouched.",
                   name=folder.path.name),
                tr("Undo"), partial(self._bring_back, folder, tuple(gone)),
            )  # fmt: skip

    def _bring_back(self, folder: Folder, document_ids: tuple[int, ...]) -> None:
        if self._notices.attempt(lambda: self._engine.documents.folders.restore(folder.id, document_ids)):
            self._show()

    # Rules.

    @Slot(object)
    def _ask_rules(self, folder: Folder) -> None:
        folders = self._engine.documents.folders
        dialog = RulesDialog(folder, folders.rules_of(folder), folders.own_rules, self._row.window())
        dialog.count_requested.connect(partial(self._count, dialog, folder))
        dialog.keep_requested.connect(partial(self._keep, dialog, folder))
        dialog.open()
        dialog.finished.connect(dialog.deleteLater)

    def _count(self, dialog: RulesDialog, folder: Folder, rules: str, most_bytes: int) -> None:
        if self._counting:
            self._counting.silence()

        def moved(event: Event) -> None:
            if isinstance(event, Progressed):
                dialog.show_counting(event.done)

        self._counting = self._jobs.start(
            lambda cancel: self._engine.documents.folders.left_out(folder.id, rules, most_bytes, cancel),
            on_event=moved,
            on_done=dialog.show_counted,
            on_error=lambda error: dialog.show_problem(error_text(error).sentence),
            owner=dialog,
        )

    def _keep(self, dialog: RulesDialog, folder: Folder, rules: str, most_bytes: int) -> None:
        if self._notices.attempt(lambda: self._engine.documents.folders.change(folder.id, rules, most_bytes)):
            dialog.accept()
            self._show()
            self._read_quietly(partial(self._look_at, (folder.path,)))
