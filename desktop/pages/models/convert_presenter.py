"""What "Convert a folder…" does: looks what is in it, asks for the form, has it made, and shows how far it is."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.convert_dialog import ConvertDialog
from desktop.pages.models.view import ModelsView
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.events import Event, Progressed
from engine.types import Checkpoint, Model


class ConvertPresenter(QObject):
    """Lives exactly as long as its page."""

    made = Signal(object)  # the new Model

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._looking: Job | None = None
        view.convert_requested.connect(self._ask)

    @Slot(object)
    def _ask(self, folder: Path) -> None:
        def look(cancel: Cancel) -> Operation[tuple[Checkpoint, Sequence[Model]]]:
            """Beside the window: a folder may lie on a slow disk."""
            yield from ()
            checkpoint = self._engine.converting.look(folder)
            cancel.check()
            return checkpoint, self._engine.models.for_chat() if checkpoint.adapter else ()

        if self._looking is not None:  # only what was chosen last is asked about
            self._looking.silence()
        self._looking = self._jobs.start(
            look, on_done=self._choose, on_error=self._notices.error, owner=self._view
        )  # fmt: skip

    def _choose(self, found: tuple[Checkpoint, Sequence[Model]]) -> None:
        checkpoint, bases = found
        dialog = ConvertDialog(checkpoint, bases, self._view)
        dialog.accepted.connect(lambda: self._convert(checkpoint, dialog))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _convert(self, checkpoint: Checkpoint, dialog: ConvertDialog) -> None:
        title = tr("Converting {name}", name=checkpoint.name)
        work = partial(
            self._engine.converting.convert, checkpoint.folder, form=dialog.form, base_id=dialog.base_id,
            deletes=dialog.deletes,
        )  # fmt: skip
        row = self._view.add_progress(title)
        job = self._jobs.start(
            work,
            on_event=partial(self._show, row),
            on_done=partial(self._end, row, dialog.goes_on),
            on_error=partial(self._fail, row),
            on_stopped=partial(self._view.end_progress, row),
            owner=self._view,
            title=title,
        )
        row.stop_requested.connect(job.stop)
        row.stop_requested.connect(row.show_stopping)

    def _show(self, row: ProgressRow, event: Event) -> None:
        if isinstance(event, Progressed):
            row.show_progress(event)

    def _end(self, row: ProgressRow, goes_on: bool, model: Model) -> None:
        self._view.end_progress(row)
        self.made.emit(model)
        self._notices.toast(tr("{name} is here.", name=model.name))
        if goes_on:
            self._view.smaller_requested.emit(model.id)

    def _fail(self, row: ProgressRow, error: Exception) -> None:
        self._view.end_progress(row)
        self._notices.error(error)
