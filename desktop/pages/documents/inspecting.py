"""Looking into a search or an answer: the dialog's wishes go to the engine, and what came of them back to it."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.documents.inspection_dialog import InspectionDialog
from desktop.pages.documents.view import DocumentsView
from desktop.widgets.memory_ways import loading_text
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.events import Event, ModelLoading, Progressed, PromptRead
from engine.types import Answer, Inspected

Look = Callable[[Cancel, Path | None], Operation[Inspected]]
Named = Callable[[str, Cancel], Operation[tuple[Path, ...]]]


class Inspecting(QObject):
    """Opens the dialogs. Lives exactly as long as its page."""

    def __init__(self, view: DocumentsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices

    def show_search(self, query: str, newest: bool) -> InspectionDialog:
        """Why a search has these results."""

        def look(cancel: Cancel, file: Path | None) -> Operation[Inspected]:
            return self._engine.documents.inspect(query, cancel, question=False, newest=newest, file=file)

        return self._open(query, None, look)

    def show_answer(self, answer: Answer, model_id: int | None) -> InspectionDialog:
        """Why an answer says what it says."""

        def look(cancel: Cancel, file: Path | None) -> Operation[Inspected]:
            return self._engine.documents.inspect(answer.question, cancel, question=True, answer=answer, file=file)

        dialog = self._open(answer.question, answer, look)
        measuring = _Measuring(dialog, self._jobs, lambda cancel: self._engine.chats.why(answer, cancel, model_id))
        dialog.measure_requested.connect(measuring.begin)
        dialog.stop_requested.connect(measuring.stop)
        return dialog

    # Its own affairs.

    def _open(self, asked: str, answer: Answer | None, look: Look) -> InspectionDialog:
        documents = self._engine.documents
        dialog = InspectionDialog(asked, answer, (*documents.all(), *documents.trash()), self._view.window())
        dialog.source_requested.connect(self._view.source_requested)
        looking = _LookingFor(dialog, self._jobs, look, documents.named)
        dialog.file_requested.connect(looking.begin)
        dialog.name_requested.connect(looking.begin_by_name)
        dialog.stop_file_requested.connect(looking.stop)
        self._jobs.start(
            lambda cancel: look(cancel, None),
            on_done=dialog.show_found,
            on_error=self._notices.error,
            owner=dialog,
        )
        dialog.show()
        return dialog


class _LookingFor(QObject):
    """A file that is missing, from its name to where it stands. Lives as long as its dialog."""

    def __init__(self, dialog: InspectionDialog, jobs: Jobs, look: Look, named: Named) -> None:
        super().__init__(dialog)
        self._dialog, self._jobs, self._look, self._named = dialog, jobs, look, named
        self._job: Job | None = None

    def begin(self, path: Path) -> None:
        """Look for it."""
        self._start(path.name, lambda cancel: self._look(cancel, path))

    def begin_by_name(self, words: str) -> None:
        """Look for the file that is called so, where it is one."""

        def work(cancel: Cancel) -> Operation[Inspected | tuple[Path, ...]]:
            paths = yield from self._named(words, cancel)
            return (yield from self._look(cancel, paths[0])) if len(paths) == 1 else paths

        self._start(words, work)

    def _start(self, name: str, work: Callable[[Cancel], Operation[object]]) -> None:
        if self._job:
            self._job.silence()
        self._dialog.show_looking(name)
        self._job = self._jobs.start(
            work,
            on_event=self._on_event,
            on_done=self._on_done,
            on_error=lambda error: self._dialog.show_not_looked(error_text(error).sentence),
            on_stopped=lambda: self._dialog.show_not_looked(tr("Stopped.")),
            owner=self._dialog,
        )

    def stop(self) -> None:
        """The person has had enough."""
        if self._job:
            self._job.stop()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, Progressed) and self._dialog.looking.stop.isEnabled():
            self._dialog.looking.show_progress(event)

    def _on_done(self, came: Inspected | tuple[Path, ...]) -> None:
        if not isinstance(came, Inspected):
            self._dialog.show_fitting(came)
        elif came.file is not None:
            self._dialog.show_file(came.file)


class _Measuring(QObject):
    """What an answer leans on, from the button to the shares. Lives as long as its dialog."""

    def __init__(self, dialog: InspectionDialog, jobs: Jobs, work: Callable[[Cancel], Operation[object]]) -> None:
        super().__init__(dialog)
        self._dialog, self._jobs, self._work = dialog, jobs, work
        self._job: Job | None = None
        self._done, self._total = 0, 1

    def begin(self) -> None:
        """Measure."""
        self._dialog.show_measuring(0, 1, "")
        self._job = self._jobs.start(
            self._work,
            on_event=self._on_event,
            on_done=self._dialog.show_shares,
            on_error=lambda error: self._dialog.show_not_measured(error_text(error).sentence),
            on_stopped=lambda: self._dialog.show_not_measured(tr("Stopped.")),
            owner=self._dialog,
        )

    def stop(self) -> None:
        """The person has had enough."""
        if self._job:
            self._job.stop()

    def _on_event(self, event: Event) -> None:
        part, words = 0.0, ""
        match event:
            case Progressed(unit="readings"):
                self._done, self._total = event.done, event.total
            case ModelLoading():
                words = loading_text(event)
            case PromptRead():
                part = event.done / max(event.total, 1)
        words = words or tr("Reading {number} of {total}", number=self._done + 1, total=self._total)
        self._dialog.show_measuring(self._done + part, self._total, words)
