"""What "Make smaller…" does: asks for the form, has the model made, and shows how far it is."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.error_text import error_text
from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.smaller_dialog import SmallerDialog
from desktop.pages.models.view import ModelsView
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.engine import Cancel, Engine, Hold, Operation
from engine.errors import EngineError
from engine.events import Event, ModelLoading, Progressed
from engine.quantizations import Recipe
from engine.types import Importance, Model, PreviewedSize


class SmallerPresenter(QObject):
    """Lives exactly as long as its page."""

    made = Signal(object)  # the new Model
    cost_wanted = Signal(int)  # of a model that was made

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._reckoning: Job | None = None
        view.smaller_requested.connect(self._ask)

    @Slot(int)
    def _ask(self, model_id: int) -> None:
        try:
            model = self._engine.models.get(model_id)
            collections = self._engine.documents.collections.all()
            documents, chats = self._engine.documents.counts().documents > 0, bool(self._engine.chats.all())
        except EngineError as error:
            self._notices.error(error)
            return
        dialog = SmallerDialog(model, self._view)
        dialog.offer_texts(collections, documents=documents, chats=chats)
        dialog.sizes_wanted.connect(partial(self._reckon, dialog, model_id))
        dialog.accepted.connect(lambda: self._make(model, dialog.recipe, dialog.importance))
        dialog.finished.connect(self._stop_reckoning)
        dialog.ask()
        dialog.open()

    def _reckon(self, dialog: SmallerDialog, model_id: int, recipe: Recipe, weighed: bool) -> None:
        self._stop_reckoning()

        def show(sizes: Sequence[PreviewedSize]) -> None:
            dialog.show_sizes(sizes)

        def fail(error: Exception) -> None:
            if not isinstance(error, EngineError):
                self._notices.error(error)
                return
            text = error_text(error)
            dialog.show_problem(f"{text.sentence} {text.advice}")

        work: Callable[[Cancel], Operation[tuple[PreviewedSize, ...]]] = partial(
            self._engine.quantizing.preview, model_id, recipe=recipe, weighed=weighed
        )
        self._reckoning = self._jobs.start(work, on_done=show, on_error=fail, owner=dialog)

    def _stop_reckoning(self) -> None:
        if self._reckoning is not None:
            self._reckoning.silence()
            self._reckoning = None

    def _make(self, model: Model, recipe: Recipe, importance: Importance | None) -> None:
        title = tr("Making {form} of {name}", form=recipe.quantization, name=model.name)
        row, hold = self._view.add_progress(title), Hold()
        row.offer_pause()
        row.pause_chosen.connect(lambda resting: hold.press(resting=resting))
        job = self._jobs.start(
            lambda cancel: self._engine.quantizing.quantize(
                model.id, recipe, cancel, importance=importance, hold=hold
            ),
            on_event=partial(self._show, row),
            on_done=partial(self._end, row),
            on_error=partial(self._fail, row),
            on_stopped=partial(self._view.end_progress, row),
            owner=self._view,
            title=title,
        )  # fmt: skip
        row.stop_requested.connect(job.stop)
        row.stop_requested.connect(row.show_stopping)

    def _show(self, row: ProgressRow, event: Event) -> None:
        if isinstance(event, Progressed):
            row.show_progress(event)
        elif isinstance(event, ModelLoading):
            row.show_words(tr("Loading the model…"))

    def _end(self, row: ProgressRow, model: Model) -> None:
        self._view.end_progress(row)
        self.made.emit(model)
        words = tr("{name} is here.", name=model.name)
        if model.facts.use == "chat":
            self._notices.toast(words, tr("What it cost…"), partial(self.cost_wanted.emit, model.id))
        else:
            self._notices.toast(words)

    def _fail(self, row: ProgressRow, error: Exception) -> None:
        self._view.end_progress(row)
        self._notices.error(error)
