"""What the card of a model's pictures does: has a projector tied to the model, or none."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from desktop.notices import Notices
from desktop.pages.models.pictures_card import PicturesCard
from engine.engine import Engine
from engine.types import Fit, Model


class PicturesPresenter(QObject):
    """Lives exactly as long as its card."""

    changed = Signal()  # the model on show has another projector now

    def __init__(self, card: PicturesCard, engine: Engine, notices: Notices) -> None:
        super().__init__(card)
        self._card, self._engine, self._notices = card, engine, notices
        self._model_id = 0
        card.file_chosen.connect(self._choose)
        card.none_requested.connect(partial(self._choose, None))
        card.found_requested.connect(self._take_found)

    def show_model(self, model: Model, fit: Fit) -> None:
        """Show with what a model sees; what cannot chat, what is not here and the guide see nothing."""
        self._model_id = model.id
        self._card.setVisible(model.facts.use == "chat" and not model.missing and not model.built_in)
        models = self._engine.models
        names = {one.path: one.name for one in models.all()}  # a fetched file is called by its hash on the disk
        name = names.get(model.projector, model.projector.name) if model.projector else ""
        self._card.show_projector(model, name, fit.seeing_bytes, models.found_projector(model))

    @Slot(object)
    def _choose(self, path: Path | None) -> None:
        self._notices.attempt(lambda: self._engine.models.choose_projector(self._model_id, path))
        self.changed.emit()

    @Slot()
    def _take_found(self) -> None:
        self._notices.attempt(lambda: self._engine.models.choose_projector(self._model_id, None, by_itself=True))
        self.changed.emit()
