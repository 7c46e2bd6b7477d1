"""What the Settings page does: a chosen value goes to the engine at once."""

from typing import Any

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.settings.view import SettingsView
from desktop.theme import theme
from desktop.words import told, tr
from engine.engine import Engine, Settings, described

# What a setting that is a model may be: a model for this use, or one of these words of the engine's.
MODELS = {
    "meaning_model": ("embedding", ("built-in", "llama.cpp", "sentence-transformers")),
    "reranker": ("reranking", ("none",)),
    "checker": ("entailment", ("none",)),
}


class SettingsPresenter(QObject):
    """Lives exactly as long as its page."""

    def __init__(self, view: SettingsView, engine: Engine, jobs: Jobs, notices: Notices) -> None:
        super().__init__(view)
        self._view, self._engine, self._jobs, self._notices = view, engine, jobs, notices
        view.build(described(), engine.settings, Settings())
        view.show_place(engine.places.data)
        self._offer_models("models")
        jobs.changed.connect(self._offer_models)
        self._show_library("documents")
        jobs.changed.connect(self._show_library)
        view.value_chosen.connect(self._change)
        view.reset_requested.connect(self._reset)
        view.folder_requested.connect(self._show_folder)

    @Slot(str, object)
    def _change(self, name: str, value: Any) -> None:
        self._notices.attempt(lambda: self._engine.change_settings(**{name: value}))
        self._view.show_value(name, getattr(self._engine.settings, name))
        if name == "theme":
            theme().choose(self._engine.settings.theme)
        if name == "language":
            self._notices.toast(tr("The language changes at the next start."))
        self._jobs.changed.emit("settings")

    @Slot(str)
    def _reset(self, name: str) -> None:
        self._change(name, getattr(Settings(), name))

    @Slot(str)
    def _offer_models(self, what: str) -> None:
        """The models that a setting may be are those whose files are here now."""
        if what == "models":
            for name, (use, words) in MODELS.items():
                self._view.offer_models(name, words, self._engine.models.for_use(use))

    @Slot(str)
    def _show_library(self, what: str) -> None:
        """Which library reads many passages, and why: it may be another after they were read."""
        if what in ("settings", "documents"):
            library = self._engine.documents.library()
            self._view.show_note("meaning_model", told(library.why) if library else "")

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._engine.places.data)))
