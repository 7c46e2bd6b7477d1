"""Which models the chat page offers, and which of them answers where nobody has said."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.chat.view import ChatView
from desktop.words import tr
from engine.engine import Engine


class ChatModels(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._any_own = True  # as far as was seen
        view.test_models_requested.connect(self._make_test_models)

    def look(self) -> None:
        """Models may have come or gone. The first of the person's own answers in place of the guide from then on."""
        former, here = self._view.picker.model, self._engine.models.for_chat()
        own = any(model.is_own for model in here)
        first, self._any_own = own and not self._any_own, own
        self._view.show_models(here, self._engine.runtime.loaded())
        if self._view.picker.model_id is None:
            self.choose(former.id if former else None, former.name if former else "")
        elif first and former is not None and former.built_in and self._view.chat_id is None:
            self.choose(None)

    def choose(self, wanted: int | None, name: str = "") -> None:
        """The model wanted; else the one last used in any chat, else a real one, else the guide, else any.

        The guide is never taken for having been used. Where it is not the one wanted, the picker says instead of
        which (`name`).
        """
        here = {model.id: model for model in self._engine.models.for_chat()}
        used = [chat.model_id for chat in self._engine.chats.all() if chat.model_id in here]
        real_first = sorted(here.values(), key=lambda model: (not model.is_own, model.is_test))
        order = [
            wanted,
            *(each for each in used if each and not here[each].built_in),
            *(each.id for each in real_first),
        ]
        chosen = next((model_id for model_id in order if model_id in here), None)
        self._view.picker.choose(chosen, name if wanted is not None and chosen != wanted else "")

    # Its own affairs.

    @Slot()
    def _make_test_models(self) -> None:
        self._view.welcome.show_making(True)
        self._jobs.start(
            self._engine.models.make_test_models,
            on_done=lambda _: self._view.welcome.show_making(False),
            on_error=self._fail_making,
            on_stopped=partial(self._view.welcome.show_making, False),
            owner=self._view,
            title=tr("Making the test models…"),
        )

    def _fail_making(self, error: Exception) -> None:
        self._view.welcome.show_making(False)
        self._notices.error(error)
