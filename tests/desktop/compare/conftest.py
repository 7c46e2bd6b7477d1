"""The compare page on a real engine whose model processes are the fake that speaks the real wire."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import engine.documents.documents as engine_documents
from desktop.jobs import Jobs
from desktop.notices import Notices
from desktop.pages.compare.column import Column
from desktop.pages.compare.presenter import ComparePresenter
from desktop.pages.compare.view import CompareView
from desktop.theme import theme
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from tests.fakes import tiny_gguf


class ComparePage:
    """The page with its engine, and what a person does to it."""

    def __init__(self, engine: Engine, jobs: Jobs, qtbot: QtBot, folder: Path) -> None:
        self.engine, self.qtbot, self._jobs, self._folder = engine, qtbot, jobs, folder
        self.window = QWidget()
        self.view = CompareView(self.window)
        self.view.resize(1000, 700)
        self.notices = Notices(self.window)
        ComparePresenter(self.view, engine, jobs, self.notices)
        self.window.show()

    def add_model(self, name: str) -> int:
        """Put a model in the library, as the models page does."""
        model = finish(self.engine.models.add(tiny_gguf.write(self._folder / f"{name}.gguf"), Cancel()))
        self._jobs.changed.emit("models")
        return model.id

    def begin(self, prompt: str) -> None:
        """Write a prompt and press Enter."""
        self.view.composer.write(prompt)
        self.qtbot.keyClick(self.view.composer.box, Qt.Key.Key_Return)

    def run(self, prompt: str) -> None:
        """Compare, and wait for the end."""
        self.begin(prompt)
        self.until(lambda: not self.busy)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until it is so."""
        self.qtbot.waitUntil(condition, timeout=20_000)

    @property
    def busy(self) -> bool:
        """Whether the button says Stop."""
        return self.view.composer.button.text() == "Stop"

    @property
    def left(self) -> Column:
        """The left column."""
        return self.view.columns[0]

    @property
    def right(self) -> Column:
        """The right column."""
        return self.view.columns[1]

    def close(self) -> None:
        """Take the page down, as the window does at its end."""
        self._jobs.shut_down()
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A real engine whose model process needs no model, and whose embedder needs no torch."""
    monkeypatch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.embedder_worker"))
    with Engine.open(Places(tmp_path / "data"), model_process="tests.fakes.model_worker") as opened:
        yield opened


@pytest.fixture
def empty_page(engine: Engine, jobs: Jobs, qtbot: QtBot, tmp_path: Path) -> Iterator[ComparePage]:
    """The page before there is any model."""
    theme().choose("light")
    made = ComparePage(engine, jobs, qtbot, tmp_path)
    yield made
    made.close()


@pytest.fixture
def page(empty_page: ComparePage) -> ComparePage:
    """The page with two models."""
    empty_page.add_model("first")
    empty_page.add_model("second")
    return empty_page
