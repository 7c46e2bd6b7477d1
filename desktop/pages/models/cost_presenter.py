"""What "What it cost…" does: shows what was measured, has a model measured, and shows how far that is."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.cost_dialog import CostDialog
from desktop.pages.models.variants_model import sentence
from desktop.pages.models.view import ModelsView
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.engine import Engine, Hold
from engine.errors import EngineError
from engine.events import Event, ModelLoading, Progressed
from engine.types import Cost, CostText, Model


class CostPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        view.cost_requested.connect(self.show_cost)

    def show_model(self, model: Model) -> None:
        """This model is on show now: its details offer what there is to say."""
        self._view.details.offer_cost(
            model.facts.use == "chat" and bool(self._engine.measuring.family(model.id).variants)
        )

    @Slot(int)
    def show_cost(self, model_id: int) -> None:
        """Show what is known of the family of a model, and offer to measure."""
        try:
            family = self._engine.measuring.family(model_id)
            collections = self._engine.documents.collections.all()
            documents, chats = self._engine.documents.counts().documents > 0, bool(self._engine.chats.all())
        except EngineError as error:
            self._notices.error(error)
            return
        dialog = CostDialog(family, model_id, self._view)
        dialog.offer_texts(collections, documents=documents, chats=chats)
        dialog.measure_requested.connect(self._measure)
        dialog.delete_requested.connect(self._view.remove_requested)
        dialog.show_file_requested.connect(self._view.show_file_requested)
        dialog.open()

    # Its own affairs.

    @Slot(int, object)
    def _measure(self, model_id: int, text: CostText) -> None:
        title = tr("Measuring what {name} cost", name=self._engine.models.get(model_id).name)
        row, hold = self._view.add_progress(title), Hold()
        row.offer_pause()
        row.pause_chosen.connect(lambda resting: hold.press(resting=resting))
        job = self._jobs.start(
            lambda cancel: self._engine.measuring.measure(model_id, cancel, text=text, hold=hold),
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

    def _end(self, row: ProgressRow, cost: Cost) -> None:
        self._view.end_progress(row)
        words = f"{cost.small.name}: {sentence(cost)}"
        self._notices.toast(words, tr("What it cost…"), partial(self.show_cost, cost.model_id))

    def _fail(self, row: ProgressRow, error: Exception) -> None:
        self._view.end_progress(row)
        self._notices.error(error)
