"""The real window on a real engine whose chats, documents and model all hold the given texts."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QEvent, QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from desktop.jobs import Jobs
from desktop.remember import Remembered
from desktop.window import PAGES, Window
from engine.engine import Cancel, Engine, Places, finish
from tests.fakes import tiny_gguf

SETTLES_MS = 400


@contextmanager
def opened(texts: Sequence[str]) -> Iterator[Iterator[tuple[str, QWidget]]]:
    """Every page of the window by name, and every chat, each as it comes to the front."""
    with tempfile.TemporaryDirectory() as made, Engine.open(
        Places(Path(made) / "data"), model_process="tests.fakes.model_worker"
    ) as engine:  # fmt: skip
        fill(engine, Path(made), texts)
        jobs = Jobs()
        window = Window(engine, jobs, Remembered(engine.places.data))
        window.show()
        try:
            yield shown(window, engine)
        finally:
            jobs.shut_down()
            window.close()
            window.deleteLater()
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def fill(engine: Engine, folder: Path, texts: Sequence[str]) -> None:
    """Put the texts everywhere they can come from."""
    papers = folder / "papers"
    papers.mkdir()
    model = finish(engine.models.add(tiny_gguf.write(folder / "<b>model.gguf"), Cancel()))
    for number, text in enumerate(texts):
        (papers / f"<img src=x> {number}.md").write_text(text, encoding="utf-8")
        chat = engine.chats.new()
        finish(engine.chats.send(chat.id, text, Cancel(), model.id))
        engine.chats.rename(chat.id, text)
    finish(engine.documents.add([papers], Cancel()))


def shown(window: Window, engine: Engine) -> Iterator[tuple[str, QWidget]]:
    """Bring each to the front and let it settle."""
    for name in PAGES:
        window.show_page(name)
        settle()
        yield f"page {name}", window
    window.show_page("chat")
    view = window.built("chat")
    for chat in engine.chats.all():
        view.chat_chosen.emit(chat.id)
        settle()
        yield f"chat {chat.id}", window


def settle() -> None:
    """Let the window's work come in."""
    deadline = QDeadlineTimer(SETTLES_MS)
    while not deadline.hasExpired():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        threading.Event().wait(0.01)
