"""What the Models page does with the hub's access token: the keychain keeps it when it is told to, and forgets it."""

from functools import partial

from PySide6.QtCore import QObject, Slot

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.models.download import DownloadWish
from desktop.pages.models.view import ModelsView
from desktop.words import tr
from engine.engine import Engine


class TokenPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        view.download_requested.connect(self._heed_wish)
        view.token_forget_requested.connect(self._forget)
        jobs.changed.connect(self._heed)
        self._refresh()

    def keep(self, token: str) -> None:
        """Have the keychain keep it. Whatever was begun with it goes on meanwhile."""

        def tell(_: None) -> None:
            self._notices.toast(tr("The keychain keeps the access token."))

        work = partial(self._engine.hub_token.keep, token)
        self._jobs.start(work, on_done=tell, on_error=self._notices.error, owner=self._view)

    # Its own affairs.

    @Slot(object)
    def _heed_wish(self, wish: DownloadWish) -> None:
        if wish.keep_token:
            self.keep(wish.token)

    @Slot()
    def _forget(self) -> None:
        def tell(_: None) -> None:
            self._notices.toast(tr("The access token is forgotten."))

        self._jobs.start(self._engine.hub_token.forget, on_done=tell, on_error=self._notices.error, owner=self._view)

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what == "token":
            self._refresh()

    def _refresh(self) -> None:
        self._view.show_token(bool(self._engine.hub_token.kept_in))
