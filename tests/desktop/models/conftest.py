"""The Models page on the real engine, with small real GGUF files and a hub on this computer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from desktop.jobs import Jobs
from desktop.notices import Notice, Notices
from desktop.pages.models.presenter import ModelsPresenter
from desktop.pages.models.view import ModelsView
from desktop.theme import theme
from engine.engine import Engine, Places
from engine.types import Model
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.hub import FakeHub

WAIT_MS = 60_000  # a busy machine; nothing is measured


class Page:
    """The page in a window of its own, and everything behind it."""

    def __init__(self, engine: Engine, hub: FakeHub, folder: Path, qtbot: QtBot) -> None:
        self.engine, self.hub, self.folder, self.qtbot = engine, hub, folder, qtbot
        self.window = QMainWindow()
        self.window.resize(1000, 700)
        self.view = ModelsView()
        self.window.setCentralWidget(self.view)
        self.jobs = Jobs(self.window)
        self.notices = Notices(self.window)
        self.presenter = ModelsPresenter(self.view, engine, self.jobs, self.notices)
        self.window.show()

    def wait(self, true: object) -> None:
        """Until `true()` is."""
        self.qtbot.waitUntil(true, timeout=WAIT_MS)

    def file(self, name: str = "small.gguf") -> Path:
        """A small real GGUF file of the person's own."""
        path = self.folder / name
        path.write_bytes(model_bytes({"llama.embedding_length": 64}))
        return path

    def add(self, *paths: Path) -> None:
        """As choosing files does."""
        self.view.files_chosen.emit(list(paths))
        self.wait(lambda: not self.jobs.busy)

    @property
    def listed(self) -> tuple[Model, ...]:
        """What the list shows."""
        return self.view.list.model().models

    @property
    def names(self) -> list[str]:
        """The names in the list."""
        return [model.name for model in self.listed]

    def close(self) -> None:
        """As the app closes."""
        self.jobs.shut_down()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # before the engine goes


@pytest.fixture
def page(tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """An open, empty Models page."""
    theme().choose("light")
    folder = tmp_path / "mine"
    folder.mkdir()
    with FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        with Engine.open(Places(tmp_path / "data")) as engine:
            made = Page(engine, hub, folder, qtbot)
            made.wait(lambda: not made.jobs.busy)  # with what suits this computer
            yield made
            made.close()


def press(page: Page, words: str) -> None:
    """Press the button on the newest notice that says `words`."""
    buttons = [button for notice in page.window.findChildren(Notice) for button in notice.findChildren(QPushButton)]
    next(button for button in buttons if button.text() == words).click()
