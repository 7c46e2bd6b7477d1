"""What the compare page does: one prompt to two models, what each reports into its column."""

from PySide6.QtCore import QObject, Slot

from desktop.error_text import ErrorText, error_text
from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.compare.view import CompareView
from desktop.widgets.amounts import count_text
from desktop.widgets.memory_ways import loading_text, may_load_anyway, problem_text
from desktop.words import tr
from engine.engine import Engine
from engine.events import (
    Event,
    ModelLoading,
    PassagesFound,
    PromptRead,
    TextAdded,
    ThoughtAdded,
    TrialEnded,
    TrialMoved,
)
from engine.types import Comparison


class ComparePresenter(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: CompareView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._job: Job | None = None
        self._fair = True
        self._prompt = ""
        self._problems: dict[int, ErrorText] = {}
        view.came_into_view.connect(self._look_around)
        view.run_requested.connect(self._run)
        view.stop_requested.connect(self._stop)
        view.again_requested.connect(self._run_again)
        view.anyway_requested.connect(self._load_anyway)
        jobs.changed.connect(self._on_changed)
        self._look_around()

    @Slot()
    def _look_around(self) -> None:
        """Models and documents may have come or gone while another page was on show."""
        self._view.show_models(self._engine.models.for_chat(), self._engine.runtime.loaded())
        self._view.show_documents_usable(self._engine.documents.counts().passages > 0)

    @Slot(str)
    def _on_changed(self, what: str) -> None:
        if what in ("models", "documents"):
            self._look_around()

    @Slot(str)
    def _run(self, prompt: str) -> None:
        if self._job is not None:
            return
        self._prompt, self._problems = prompt, {}
        model_ids, without_adapters = self._view.model_ids, self._view.without_adapters
        at_once, with_documents = self._view.at_once.isChecked(), self._view.documents.isChecked()
        self._fair = not at_once
        self._view.begin()
        self._view.show_busy(True)
        self._show_waiting(at_once)
        comparisons = self._engine.comparisons
        self._job = self._jobs.start(
            lambda cancel: comparisons.run(prompt, model_ids, cancel, with_documents, at_once, without_adapters),
            on_event=self._on_event,
            on_done=self._on_done,
            on_error=self._on_error,
            on_stopped=self._end,
            owner=self._view,
        )

    @Slot()
    def _run_again(self) -> None:
        self._run(self._prompt)

    @Slot(int)
    def _load_anyway(self, at: int) -> None:
        model = self._view.columns[at].picker.model
        if self._job is None and model is not None and may_load_anyway(self._notices, model.name):
            self._engine.runtime.load_anyway(model.id)
            self._run_again()

    def _show_waiting(self, at_once: bool) -> None:
        left, right = self._view.columns
        left.show_phase(tr("Starting…"))
        right.show_phase(tr("Starting…") if at_once else tr("Waits until the left one has finished."))

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.stop()

    def _on_event(self, event: Event) -> None:
        match event:
            case PassagesFound(sources=sources):
                self._view.show_sources(sources)
            case TrialMoved(column=column, event=inner):
                self._on_moved(column, inner)
            case TrialEnded(column=column, speed=speed, note=note, error=error):
                self._view.columns[column].show_end(speed, note)
                if error is not None:
                    self._problems[column] = problem_text(error, self._engine.models.ways_down)
                    self._view.columns[column].show_problem(self._problems[column])
                self._view.mark_better(self._fair)

    def _on_moved(self, at: int, event: Event) -> None:
        column = self._view.columns[at]
        match event:
            case ModelLoading():
                column.show_phase(loading_text(event))
            case PromptRead(done=done, total=total):
                read = tr("Reading prompt {done}/{total}", done=count_text(done), total=count_text(total))
                column.show_phase(read)
            case ThoughtAdded(text=text):
                column.add_thought(text)
            case TextAdded(text=text):
                column.add_text(text)

    def _on_done(self, comparison: Comparison) -> None:
        for column, trial in zip(self._view.columns, comparison.trials, strict=True):
            column.show_trial(trial)
        for at, problem in self._problems.items():
            self._view.columns[at].show_problem(problem)
        self._view.mark_better(self._fair)
        self._end()

    def _on_error(self, error: Exception) -> None:
        self._end()
        self._view.show_problem(error_text(error))

    def _end(self) -> None:
        self._job = None
        self._view.show_busy(False)
        for column in self._view.columns:
            column.settle()
        self._look_around()
