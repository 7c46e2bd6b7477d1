"""What the chat page does with pictures: has them taken in, and opens them."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from desktop.jobs import Jobs, Start
from desktop.notices import Notices
from desktop.pages.chat.view import ChatView
from desktop.widgets.guide_words import shown_name
from desktop.widgets.picture_data import ENDINGS
from desktop.widgets.picture_window import PictureWindow
from desktop.words import tr
from engine.engine import Engine
from engine.errors import EngineError
from engine.types import Picture


class ChatPictures(QObject):
    """Lives exactly as long as its view."""

    def __init__(self, view: ChatView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        view.composer.attach_requested.connect(self._choose)
        view.composer.pictures_dropped.connect(self._take_files)
        view.composer.picture_pasted.connect(self._take_pasted)
        view.composer.picture_opened.connect(self._open)
        view.transcript.picture_opened.connect(self._open)

    @Slot()
    def _choose(self) -> None:
        kinds = " ".join(f"*{ending}" for ending in ENDINGS)
        names, _ = QFileDialog.getOpenFileNames(
            self._view, tr("Attach pictures"), "", tr("Pictures ({kinds})", kinds=kinds)
        )
        self._take_files([Path(name) for name in names])

    @Slot(object)
    def _take_files(self, paths: list[Path]) -> None:
        for path in paths:
            self._take(partial(self._engine.pictures.take, path))

    @Slot(object)
    def _take_pasted(self, raw: bytes) -> None:
        self._take(partial(self._engine.pictures.take_pasted, raw))

    def _take(self, work: Start) -> None:
        """It belongs to the chat that is on show now."""
        self._jobs.start(
            work,
            on_done=partial(self._add, self._view.chat_id),
            on_error=self._notices.error,
            owner=self._view,
        )

    def _add(self, chat_id: int | None, picture: Picture) -> None:
        """Keep it with its chat, and say with the first where the chosen model will not see it."""
        self._view.add_picture(chat_id, picture)
        model = self._view.picker.model
        if model is not None and model.projector is None and len(self._view.composer.pictures) == 1:
            words = tr("{name} sees no pictures. Choose another model above, or its projector on the Models page.",
                       name=shown_name(model))  # fmt: skip
            self._notices.toast(words)

    @Slot(object)
    def _open(self, picture: Picture) -> None:
        try:
            data = self._engine.chats.picture_data(picture)
        except EngineError as error:
            self._notices.error(error)
            return
        PictureWindow(picture, data, self._view).open()
