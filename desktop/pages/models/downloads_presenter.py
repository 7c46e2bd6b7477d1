"""What the Models page does with downloads: what is wished for enters the queue, and one job carries the queue out."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from desktop.jobs import Job, Jobs
from desktop.notices import Notices
from desktop.pages.models.download import DownloadWish
from desktop.pages.models.projector_dialog import ProjectorDialog
from desktop.pages.models.token_dialog import TokenDialog
from desktop.pages.models.token_field import TokenField
from desktop.pages.models.view import ModelsView
from desktop.widgets.amounts import size_text
from desktop.widgets.progress_row import ProgressRow
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError, HubRefused, TokenKeychainRefused
from engine.events import DownloadEnded, DownloadNoted, Event, Progressed
from engine.types import Download, DownloadState, HubFile, Model


class DownloadsPresenter(QObject):
    """Lives exactly as long as its page."""

    arrived = Signal(object)  # a Model

    def __init__(
        self, view: ModelsView, engine: Engine, jobs: Jobs, notices: Notices, keep_token: Callable[[str], None]
    ) -> None:
        super().__init__(view)
        self._keep_token = keep_token
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        self._job: Job | None = None
        view.download_requested.connect(self._ask)
        card = view.downloads
        card.pause_requested.connect(self._pause)
        card.resume_requested.connect(self._resume)
        card.cancel_requested.connect(self._give_up)
        card.move_requested.connect(self._move)
        card.pause_all_requested.connect(self._pause_all)
        card.resume_all_requested.connect(self._resume_all)
        jobs.changed.connect(self._heed)
        self.refresh()

    @Slot(str)
    def _heed(self, what: str) -> None:
        if what in ("downloads", "token"):
            self.refresh()

    def refresh(self) -> None:
        """Show the queue as it is now."""
        self._view.downloads.show_downloads(self._engine.downloads.all())

    # From a wish into the queue.

    @Slot(object)
    def _ask(self, wish: DownloadWish) -> None:
        """Ask first whether there is a projector: then the person says whether it is fetched too."""
        title = tr("Asking for {file}", file=wish.file)
        row = self._view.add_progress(title)
        job = self._jobs.start(
            partial(
                self._engine.downloads.projectors_of,
                wish.repository,
                wish.file,
                revision=wish.revision,
                token=wish.token,
                kept_token=wish.kept_token,
            ),
            on_done=partial(self._offer, row, wish),
            on_error=partial(self._refused, row),
            on_stopped=partial(self._view.end_progress, row),
            owner=self._view,
            title=title,
        )
        row.stop_requested.connect(job.stop)
        row.stop_requested.connect(row.show_stopping)

    def _refused(self, row: ProgressRow, error: Exception) -> None:
        self._view.end_progress(row)
        self._notices.error(error)

    def _offer(self, row: ProgressRow, wish: DownloadWish, found: Sequence[HubFile]) -> None:
        self._view.end_progress(row)
        if not found:
            self._add(wish, None)
            return
        dialog = ProjectorDialog(wish.file, found, self._view)
        dialog.accepted.connect(lambda: self._add(wish, dialog.projector))
        dialog.open()

    def _add(self, wish: DownloadWish, projector: HubFile | None) -> None:
        self._do(
            partial(
                self._engine.downloads.add, wish.repository, wish.file, wish.revision, token=wish.token,
                projector=projector, kept_token=wish.kept_token,
            )
        )  # fmt: skip

    # What can be done with those in it.

    @Slot(int)
    def _pause(self, number: int) -> None:
        self._do(lambda: self._engine.downloads.pause(number))

    @Slot(int)
    def _resume(self, number: int) -> None:
        download = self._get(number)
        if download is None:
            return
        if not download.needs_token and not isinstance(download.error, HubRefused | TokenKeychainRefused):
            self._do(lambda: self._engine.downloads.resume(number))
            return
        dialog = TokenDialog(download.file, self._view.token_kept, self._view)
        dialog.token.forget_requested.connect(self._view.token_forget_requested)
        dialog.accepted.connect(lambda: self._resume_with(number, dialog.token))
        dialog.open()

    def _resume_with(self, number: int, token: TokenField) -> None:
        if token.keep:
            self._keep_token(token.text)
        self._do(partial(self._engine.downloads.resume, number, token.text, kept_token=token.uses_kept))

    @Slot(int, int)
    def _move(self, number: int, by: int) -> None:
        self._do(lambda: self._engine.downloads.move(number, by))

    @Slot()
    def _pause_all(self) -> None:
        for download in self._engine.downloads.all():
            if download.state in (DownloadState.RUNNING, DownloadState.WAITING):
                self._pause(download.id)

    @Slot()
    def _resume_all(self) -> None:
        for download in self._engine.downloads.all():
            self._resume(download.id)

    @Slot(int)
    def _give_up(self, number: int) -> None:
        download = self._get(number)
        if download is None or (download.done_bytes and not self._may_give_up(download)):
            return
        self._jobs.start(partial(self._engine.downloads.remove, number), on_error=self._notices.error, owner=self._view)

    def _may_give_up(self, download: Download) -> bool:
        return self._notices.ask(
            tr("Give this download up?"),
            tr("{size} of {file} have arrived and are deleted.", size=size_text(download.done_bytes),
               file=download.file),
            tr("Give it up"),
            tr("Keep"),
            danger=True,
        )  # fmt: skip

    def _get(self, number: int) -> Download | None:
        """One that may be gone by now."""
        try:
            return self._engine.downloads.get(number)
        except EngineError as error:
            self._notices.error(error)
            return None

    def _do(self, act: Callable[[], Any]) -> None:
        """Change the queue, and see that somebody is at work on it."""
        self._notices.attempt(act)
        self._carry_out()
        self.refresh()

    # Carrying it out.

    def _carry_out(self) -> None:
        """One job for the whole queue, as long as there is something to fetch."""
        if not self._engine.downloads.due or (self._job is not None and self._job.running):
            return
        files = [one.file for one in self._engine.downloads.all()]
        title = tr("Downloading {file}", file=files[0]) if len(files) == 1 else tr("Downloading models")
        self._job = self._jobs.start(
            self._engine.downloads.work,
            on_event=self._hear,
            on_done=lambda _: self._ended(),
            on_error=self._failed,
            on_stopped=self._ended,
            owner=self._view,
            title=title,
        )

    def _hear(self, event: Event) -> None:
        if isinstance(event, Progressed | DownloadNoted):
            self.refresh()
        elif isinstance(event, DownloadEnded):
            if event.model is not None:
                self._tell(event.model)
            elif event.folder is not None:
                self._tell_of_folder(event.download, event.folder)
            elif event.error is not None:
                self._notices.error(event.error)

    def _tell(self, model: Model) -> None:
        self.arrived.emit(model)
        self._notices.toast(tr("{name} is here.", name=model.name))

    def _tell_of_folder(self, download: Download, folder: Path) -> None:
        """What has to be converted is not a model yet: the question how comes at once, where the page is on show."""
        self._view.folder_to_convert = folder
        if self._view.isVisible():
            self._view.convert_requested.emit(folder)
            return
        self._notices.toast(
            tr("{repository} is here and can be converted.", repository=download.repository),
            tr("Convert…"),
            partial(self._view.convert_requested.emit, folder),
        )

    def _failed(self, error: Exception) -> None:
        self._notices.error(error)
        self._ended()

    def _ended(self) -> None:
        """What was added while the job was ending gets another one."""
        self.refresh()
        self._carry_out()
