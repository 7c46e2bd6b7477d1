"""What "What it cost…" does: shows what was measured, has a model measured, and shows how far that is."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.cost_dialog import CostDialog
from desktop.pages.models.variants_model import sentence
from desktop.pages.models.view import ModelsView
from desktop.pages.models.work_row import start_in_row
from desktop.words import tr
from engine.engine import Engine, Hold
from engine.errors import EngineError
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
        hold = Hold()
        start_in_row(
            self._view, self._jobs, self._notices, title,
            lambda cancel: self._engine.measuring.measure(model_id, cancel, text=text, hold=hold), self._end, hold,
        )  # fmt: skip

    def _end(self, cost: Cost) -> None:
        words = f"{cost.small.name}: {sentence(cost)}"
        self._notices.toast(words, tr("What it cost…"), partial(self.show_cost, cost.model_id))
