"""What the card of a model's adapters does: attaches, takes off, changes strengths."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.adapters_card import AdaptersCard
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError
from engine.types import Model


class AdaptersPresenter(QObject):
    """Lives exactly as long as its card."""

    changed = Signal(int)  # the model whose adapters are others now

    def __init__(self, card: AdaptersCard, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._jobs, self._notices = card, engine, jobs, notices
        self._model_id = 0
        card.attach_requested.connect(self._attach)
        card.detach_requested.connect(self._detach)
        card.strength_chosen.connect(self._set_strength)

    def show_model(self, model: Model) -> None:
        """Show what is attached to a model; what cannot chat has no adapters, nor has the guide."""
        self._model_id = model.id
        self._card.setVisible(model.facts.use == "chat" and not model.built_in)
        self._card.show_adapters(model, self._engine.models.adapters.fitting(model.id))

    @Slot(int)
    def _attach(self, adapter_id: int) -> None:
        self._attach_to(self._model_id, adapter_id, 1.0)

    def _attach_to(self, model_id: int, adapter_id: int, strength: float) -> None:
        self._jobs.start(
            partial(self._engine.models.adapters.attach, model_id, adapter_id, strength=strength),
            on_done=lambda _: self.changed.emit(model_id),
            on_error=self._notices.error,
            owner=self._card,
        )

    @Slot(int)
    def _detach(self, adapter_id: int) -> None:
        model_id = self._model_id
        try:
            model = self._engine.models.get(model_id)
            self._engine.models.adapters.detach(model_id, adapter_id)
        except EngineError as error:
            self._notices.error(error)
        else:
            adapter = next(adapter for adapter in model.adapters if adapter.id == adapter_id)
            words = tr("{adapter} was taken off {name}.", adapter=adapter.name, name=model.name)
            again = partial(self._attach_to, model_id, adapter_id, adapter.strength)
            self._notices.toast(words, tr("Undo"), again)
        self.changed.emit(model_id)

    @Slot(int, float)
    def _set_strength(self, adapter_id: int, strength: float) -> None:
        """The row stays as it is: the person may be turning it still."""
        adapters, model_id = self._engine.models.adapters, self._model_id
        if not self._notices.attempt(lambda: adapters.set_strength(model_id, adapter_id, strength)):
            self.changed.emit(model_id)
