"""What the cards of a model do: read its header, reckon what is tried, have its file come to a sum."""

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.details import Details
from engine.engine import Engine
from engine.events import Event, Progressed
from engine.loading import LoadOptions
from engine.types import KnownCard, Model


class CardPresenter(QObject):
    """Lives exactly as long as the details it fills."""

    changed = Signal()  # the model on show is loaded otherwise now

    def __init__(self, details: Details, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(details)
        self._details, self._engine, self._jobs, self._notices = details, engine, jobs, notices
        self._model: Model | None = None
        self._reading: Job | None = None
        self._reckoning: Job | None = None
        self._looking: Job | None = None
        details.memory.tried.connect(self._reckon)
        details.memory.adopt_requested.connect(self._adopt)
        details.about.checksum_requested.connect(self._read_for_checksum)
        details.about.stop_requested.connect(self._stop)

    def show_model(self, model: Model, options: LoadOptions) -> None:
        """Show a model that is loaded as `options`."""
        known = self._model
        self._model = model
        self._details.memory.show_model(model, options)
        self._reckon(self._details.memory.options)
        if known is not None and known.id != model.id:
            self._details.about.hide()
            if self._reckoning is not None:
                self._reckoning.silence()
                self._reckoning = None
        self._read(model)

    # Its own affairs.

    def _read(self, model: Model) -> None:
        if self._reading is not None:
            self._reading.silence()
        self._reading = self._jobs.start(
            partial(self._engine.models.cards.of, model.id),
            on_done=partial(self._show, model),
            on_error=lambda _: self._details.about.hide(),  # the state of the model says what is wrong with it
            owner=self._details,
        )

    def _show(self, model: Model, known: KnownCard) -> None:
        if self._reckoning is None:
            self._details.about.show_card(model, known)
        self._details.template.show_diff(known.template)

    @Slot(object)
    def _reckon(self, options: LoadOptions) -> None:
        """Show what comes of what is tried."""
        if self._model is not None:
            found = self._engine.models.prospects.of(self._model, options)
            self._details.memory.show_prospect(found)
            if self._model.facts.use == "chat" and not found.expected.writing:
                self._look()

    @Slot(object)
    def _adopt(self, options: LoadOptions) -> None:
        assert self._model is not None
        wanted = {name: getattr(options, name) for name in ("context_tokens", "key_cache", "value_cache")}
        model_id = self._model.id
        if self._notices.attempt(lambda: self._engine.models.set_loading(model_id, **wanted)):
            self.changed.emit()

    def _look(self) -> None:
        """Once: before a model has answered, nothing else tells how fast one will be."""
        prospects = self._engine.models.prospects
        if prospects.knows_pace or self._looking is not None:
            return
        self._looking = self._jobs.start(
            prospects.look_at_computer,
            on_done=lambda _: self._reckon(self._details.memory.options),
            owner=self._details,
        )

    @Slot()
    def _read_for_checksum(self) -> None:
        model = self._model
        assert model is not None
        self._details.about.show_reckoning(None)
        self._reckoning = self._jobs.start(
            partial(self._engine.models.cards.reckon_checksum, model),
            on_event=self._follow,
            on_done=lambda _: self._end_reckoning(),
            on_error=self._fail_reckoning,
            on_stopped=self._end_reckoning,
            owner=self._details,
        )

    def _follow(self, event: Event) -> None:
        if isinstance(event, Progressed) and self._reckoning is not None:
            self._details.about.show_reckoning(event)

    def _fail_reckoning(self, error: Exception) -> None:
        self._notices.error(error)
        self._end_reckoning()

    def _end_reckoning(self) -> None:
        self._reckoning = None
        assert self._model is not None
        self._details.about.show_checksum(self._engine.models.cards.known_checksum(self._model))

    @Slot()
    def _stop(self) -> None:
        if self._reckoning is not None:
            self._reckoning.stop()
