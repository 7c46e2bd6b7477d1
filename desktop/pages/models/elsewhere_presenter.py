"""What "Models on this computer…" does: looks for files, shows them, and adds those that are chosen."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.elsewhere_dialog import ElsewhereDialog
from desktop.pages.models.view import ModelsView
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.errors import EngineError
from engine.events import Event, Progressed
from engine.types import Model, ModelElsewhere


class ElsewherePresenter(QObject):
    """Lives exactly as long as its page."""

    added = Signal(object)  # the last Model of those added

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._looking: Job | None = None
        view.elsewhere_requested.connect(self._ask)

    @Slot()
    def _ask(self) -> None:
        dialog = ElsewhereDialog(self._view)
        dialog.folder_chosen.connect(partial(self._look, dialog))
        dialog.accepted.connect(lambda: self._take(dialog.chosen))
        dialog.finished.connect(self._stop_looking)
        dialog.open()
        self._look(dialog, None)

    def _look(self, dialog: ElsewhereDialog, folder: Path | None) -> None:
        self._stop_looking()
        dialog.show_looking()

        def show(event: Event) -> None:
            if isinstance(event, Progressed):
                dialog.show_looking(event.done)

        def fail(error: Exception) -> None:
            if not isinstance(error, EngineError):
                self._notices.error(error)
                return
            text = error_text(error)
            dialog.show_problem(f"{text.sentence} {text.advice}")

        def work(cancel: Cancel) -> Operation[tuple[ModelElsewhere, ...]]:
            return self._engine.elsewhere.find(cancel, folder)

        self._looking = self._jobs.start(work, on_event=show, on_done=dialog.show_found, on_error=fail, owner=dialog)

    @Slot()
    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.silence()
            self._looking.stop()
            self._looking = None

    def _take(self, chosen: Sequence[ModelElsewhere]) -> None:
        def work(cancel: Cancel) -> Operation[list[Model]]:
            models = []
            for one in chosen:
                models.append((yield from self._engine.elsewhere.take(one, cancel)))
            return models

        self._jobs.start(work, on_done=self._tell, on_error=self._notices.error, owner=self._view)

    def _tell(self, models: Sequence[Model]) -> None:
        self.added.emit(models[-1])
        if len(models) == 1:
            self._notices.toast(tr("{name} is here.", name=models[0].name))
        else:
            self._notices.toast(tr("{count} models are here.", count=len(models)))
