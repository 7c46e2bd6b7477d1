"""The chat page on a real engine whose model process is the fake that speaks the real wire."""

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
from desktop.pages.chat.message_card import AnswerCard, UserCard
from desktop.pages.chat.presenter import ChatPresenter
from desktop.pages.chat.view import ChatView
from desktop.theme import theme
from engine.documents.embedding import Embedder
from engine.engine import Cancel, Engine, Places, finish
from engine.types import Message, Model
from tests.fakes import tiny_gguf

FAKE = "tests.fakes.model_worker"


class ChatPage:
    """The page with its engine, and what a person does to it."""

    def __init__(self, engine: Engine, jobs: Jobs, qtbot: QtBot) -> None:
        self.engine, self.qtbot = engine, qtbot
        self.closed = False
        self.window = QWidget()
        self.window.resize(1000, 700)
        self.notices = Notices(self.window)
        self.view = ChatView(self.window)
        self.view.resize(1000, 700)
        ChatPresenter(self.view, engine, jobs, self.notices)
        self.window.show()

    def type(self, text: str) -> None:
        """Write into the composer."""
        self.view.composer.write(text)

    def press(self, key: Qt.Key, widget: QWidget | None = None) -> None:
        """Press a key in the composer, or elsewhere."""
        self.qtbot.keyClick(widget or self.view.composer.box, key)

    def begin(self, text: str) -> AnswerCard:
        """Send `text` and wait until its answer has some words."""
        before = self.cards[-1].message.id if self.cards else 0
        self.type(text)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: bool(self.cards) and self.cards[-1].message.id > before + 1 and bool(self.answer.body.text))
        return self.answer

    def say(self, text: str) -> AnswerCard:
        """Send `text` and wait for the end of its answer."""
        self.type(text)
        self.press(Qt.Key.Key_Return)
        self.until(lambda: not self.busy)
        return self.answer

    def until(self, condition: Callable[[], bool]) -> None:
        """Let the window work until it is so."""
        self.qtbot.waitUntil(condition, timeout=20_000)

    @property
    def busy(self) -> bool:
        """Whether the button says Stop."""
        return self.view.composer.button.text() == "Stop"

    @property
    def cards(self) -> list[UserCard | AnswerCard]:
        """The messages on show."""
        return self.view.transcript.cards

    @property
    def answer(self) -> AnswerCard:
        """The last message, which is an answer."""
        card = self.cards[-1]
        assert isinstance(card, AnswerCard)
        return card

    @property
    def kept(self) -> tuple[Message, ...]:
        """The messages of the latest chat as the store has them."""
        return self.engine.chats.messages(self.engine.chats.all()[0].id)

    @property
    def titles(self) -> list[str]:
        """The rows of the list of chats, headings included."""
        model = self.view.panel.model
        return [model.index(row).data() for row in range(model.rowCount())]

    def close(self) -> None:
        """Take the page down, as the window does at its end."""
        if self.closed:
            return
        self.closed = True
        self.window.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A real engine whose model process needs no model, and whose embedder needs no torch."""
    monkeypatch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.embedder_worker"))
    with Engine.open(Places(tmp_path / "data"), model_process=FAKE, vision_process=FAKE) as opened:
        yield opened


@pytest.fixture
def model(engine: Engine, tmp_path: Path) -> Model:
    """A model file in the library."""
    return finish(engine.models.add(tiny_gguf.write(tmp_path / "parrot.gguf"), Cancel()))


@pytest.fixture
def empty_page(engine: Engine, jobs: Jobs, qtbot: QtBot) -> Iterator[ChatPage]:
    """The page before there is any model."""
    theme().choose("light")
    page = ChatPage(engine, jobs, qtbot)
    yield page
    jobs.shut_down()
    page.close()


@pytest.fixture
def page(model: Model, empty_page: ChatPage, jobs: Jobs) -> ChatPage:
    """The page with a model to chat with."""
    jobs.changed.emit("models")
    return empty_page
