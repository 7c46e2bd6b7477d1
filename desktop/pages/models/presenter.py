"""What the Models page does: its wishes go to the engine, what comes of them goes back."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.adapters_presenter import AdaptersPresenter
from desktop.pages.models.card_presenter import CardPresenter
from desktop.pages.models.convert_presenter import ConvertPresenter
from desktop.pages.models.cost_presenter import CostPresenter
from desktop.pages.models.downloads_presenter import DownloadsPresenter
from desktop.pages.models.elsewhere_presenter import ElsewherePresenter
from desktop.pages.models.find_presenter import FindPresenter
from desktop.pages.models.pictures_presenter import PicturesPresenter
from desktop.pages.models.smaller_presenter import SmallerPresenter
from desktop.pages.models.token_presenter import TokenPresenter
from desktop.pages.models.view import ModelsView
from desktop.widgets.file_actions import show_in_folder
from desktop.widgets.guide_words import QUESTIONS, shown_name
from desktop.widgets.memory_ways import may_load_anyway
from desktop.words import tr
from engine.engine import Cancel, Engine, Operation
from engine.errors import EngineError
from engine.events import Changed
from engine.types import Model, ModelOrigin, Resident

LOOK_MS = 2000


class ModelsPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._chosen: int | None = None
        self._adapters = AdaptersPresenter(view.details.adapters, engine, jobs, notices)
        self._adapters.changed.connect(self._choose_again)
        self._pictures = PicturesPresenter(view.details.pictures, engine, notices)
        self._pictures.changed.connect(lambda: jobs.changed.emit("models"))
        self._card = CardPresenter(view.details, engine, jobs, notices)
        self._card.changed.connect(lambda: jobs.changed.emit("models"))
        self._token = TokenPresenter(view, engine, jobs, notices)
        self._downloads = DownloadsPresenter(view, engine, jobs, notices, self._token.keep)
        self._downloads.arrived.connect(self._show_added)
        self._elsewhere = ElsewherePresenter(view, engine, jobs, notices)
        self._elsewhere.added.connect(self._show_added)
        self._find = FindPresenter(view, engine, jobs, notices)
        self._cost = CostPresenter(view, engine, jobs, notices)
        self._smaller = SmallerPresenter(view, engine, jobs, notices)
        self._smaller.made.connect(self._show_added)
        self._smaller.cost_wanted.connect(self._cost.show_cost)
        view.shown.connect(self._refresh)  # files that are used where they lie come and go
        self._converting = ConvertPresenter(view, engine, jobs, notices)
        self._converting.made.connect(self._show_added)
        view.files_chosen.connect(self._add)
        view.test_models_requested.connect(self._make_test_models)
        view.remove_requested.connect(self._remove)
        view.model_chosen.connect(self._choose)
        view.show_file_requested.connect(self._show_file)
        view.load_anyway_requested.connect(self._load_anyway)
        view.unload_requested.connect(self._unload)
        self._looking = QTimer(self, interval=LOOK_MS)  # a model leaves by itself too
        self._looking.timeout.connect(self._show_loaded)
        self._looking.start()
        view.option_chosen.connect(self._set_option)
        view.stages_requested.connect(self._add_stages)
        jobs.changed.connect(self._heed)
        self._refresh()

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what in ("models", "settings"):
            self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self._view.show_models(self._engine.models.all(), self._chosen)

    @Slot(int)
    def _choose(self, model_id: int) -> None:
        self._chosen = model_id
        try:
            model = self._engine.models.get(model_id)
        except EngineError as error:
            self._notices.error(error)
            return
        options = self._engine.models.options(model)
        self._view.show_details(model, options, self._engine.models.drafts(model))
        self._card.show_model(model, options)
        self._show_loaded()
        self._adapters.show_model(model)
        self._pictures.show_model(model, self._engine.models.need(model))
        self._cost.show_model(model)
        self._view.details.offer_stages(model.is_guide and bool(self._engine.models.stages.files()))

    @Slot(int)
    def _choose_again(self, model_id: int) -> None:
        """Its adapters are others now; another model may be on show meanwhile."""
        if model_id == self._chosen:
            self._choose(model_id)

    @Slot(int, str, object)
    def _set_option(self, model_id: int, name: str, value: Any) -> None:
        """Keep it, and show what the model needs now; what is not accepted goes back to what it was."""
        try:
            self._engine.models.set_loading(model_id, **{name: value})
        except EngineError as error:
            self._notices.error(error)
        self._jobs.changed.emit("models")

    @Slot()
    def _add_stages(self) -> None:
        self._jobs.start(
            self._engine.models.stages.add,
            on_done=self._compare_stages, on_error=self._notices.error, owner=self._view,
        )  # fmt: skip

    def _compare_stages(self, stages: Sequence[Model]) -> None:
        """The earliest of them and the guide, with a question that the guide knows; the others are to be chosen."""
        guide = next((model for model in self._engine.models.all() if model.is_guide), None)
        if stages and guide is not None:
            self._view.comparison_requested.emit(stages[0].id, guide.id, tr(QUESTIONS[1]))  # the earliest fails it

    @Slot()
    def _show_loaded(self) -> None:
        """Whether the chosen model is loaded now, and since when nobody has asked it."""
        resident = next((one for one in self._engine.runtime.residents() if one.model_id == self._chosen), None)
        if resident is None:
            self._view.details.memory.show_loaded("")
        else:
            self._view.details.memory.show_loaded(loaded_text(resident))

    @Slot(int)
    def _unload(self, model_id: int) -> None:
        """Give its memory back; an answer it is writing ends as if it had been stopped."""

        def work(cancel: Cancel) -> Operation[None]:
            self._engine.runtime.unload(model_id)
            yield Changed(what="models")

        self._jobs.start(work, on_error=self._notices.error, owner=self._view)

    @Slot(int)
    def _load_anyway(self, model_id: int) -> None:
        """The next chat with it loads it."""
        if may_load_anyway(self._notices, self._engine.models.get(model_id).name):
            self._engine.runtime.load_anyway(model_id)
            self._view.chat_requested.emit(model_id)

    @Slot(list)
    def _add(self, paths: list[Path]) -> None:
        for path in paths:
            self._jobs.start(
                partial(self._engine.models.add, path),
                on_done=self._tell_added,
                on_error=self._notices.error,
                owner=self._view,
            )

    @Slot(object)
    def _show_added(self, model: Model) -> None:
        self._chosen = model.id
        self._refresh()

    def _tell_added(self, model: Model) -> None:
        """A projector that lay beside it was taken unasked, so it is told."""
        self._show_added(model)
        if model.projector is not None:
            words = tr("{name} sees pictures with {projector}, which was found with it.",
                       name=model.name, projector=model.projector.name)  # fmt: skip
            self._notices.toast(words)

    @Slot()
    def _make_test_models(self) -> None:
        self._view.show_making(True)
        self._jobs.start(
            self._engine.models.make_test_models,
            on_done=lambda _: self._view.show_making(False),
            on_error=self._fail_making,
            on_stopped=partial(self._view.show_making, False),
            owner=self._view,
            title=tr("Making the test models…"),
        )

    def _fail_making(self, error: Exception) -> None:
        self._view.show_making(False)
        self._notices.error(error)

    @Slot(int)
    def _remove(self, model_id: int) -> None:
        """The person's own file stays where it is; a fetched one is deleted, which is asked first."""
        try:
            model = self._engine.models.get(model_id)
            if model.origin in (ModelOrigin.HUB, ModelOrigin.MADE) and not self._may_delete(model):
                return
            self._engine.runtime.unload(model_id)
            removed = self._engine.models.remove(model_id)
        except EngineError as error:
            self._notices.error(error)
            return
        self._jobs.changed.emit("models")
        if model.origin in (ModelOrigin.DISK, ModelOrigin.STAGE):
            words = tr("{name} was removed from the list. Its file is untouched.", name=shown_name(model))
            self._notices.toast(words, tr("Undo"), partial(self._bring_back, model_id, removed))
        elif model.is_test:
            self._notices.toast(tr("{name} was deleted.", name=model.name), tr("Undo"), self._make_test_models)
        else:
            self._notices.toast(tr("{name} was deleted.", name=model.name))

    def _bring_back(self, model_id: int, removed: Any) -> None:
        if self._notices.attempt(lambda: self._engine.models.bring_back(removed)):
            self._chosen = model_id
            self._jobs.changed.emit("models")

    def _may_delete(self, model: Model) -> bool:
        words = tr("{name} was downloaded by Hanare. Its file is deleted; your chats with it stay.", name=model.name)
        if model.origin is ModelOrigin.MADE:
            words = tr("{name} was made here. Its file is deleted; the model it was made from and your chats stay.",
                       name=model.name)  # fmt: skip
        return self._notices.ask(
            tr("Delete this model?"),
            words,
            tr("Delete"),
            tr("Keep"),
            danger=True,
        )

    @Slot(int)
    def _show_file(self, model_id: int) -> None:
        if not show_in_folder(self._engine.models.get(model_id).path):
            self._notices.toast(tr("The folder could not be opened."))


def loaded_text(resident: Resident) -> str:
    """That a model is loaded, where, and since when nobody has asked it."""
    if resident.answers:
        words = tr("It is loaded and at work now.")
    elif minutes := int(resident.idle_s // 60):
        words = tr("It is loaded. Nobody has asked it for {minutes} min.", minutes=minutes)
    else:
        words = tr("It is loaded.")
    if resident.card_layers:
        where = tr(
            "{layers} of its layers are on the graphics card ({card}).", layers=resident.card_layers, card=resident.card
        )
        words = f"{words} {where}"
    return words
