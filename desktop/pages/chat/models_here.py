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
        self._own: set[int] = set()  # the models of the person's own, as they were last seen
        view.test_models_requested.connect(self._make_test_models)

    def look(self) -> None:
        """Models may have come or gone. One of the person's own that has come takes a new chat over from the guide."""
        former, here = self._view.picker.model, self._engine.models.for_chat()
        own = {model.id for model in here if model.is_own}
        came, self._own = own - self._own, own
        self._view.show_models(here, self._engine.runtime.loaded())
        if self._view.picker.model_id is None:
            self.choose(former.id if former else None, former.name if former else "")
        elif came and former is not None and former.built_in and self._view.chat_id is None:
            self.choose(None)

    def choose(self, wanted: int | None, name: str = "") -> None:
        """The model wanted; else the one that a new chat begins with, and the picker says instead of which (`name`)."""
        usual, here = self._engine.chats.usual_model(), [model.id for model in self._engine.models.for_chat()]
        chosen = wanted if wanted in here else usual.id if usual else None
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
