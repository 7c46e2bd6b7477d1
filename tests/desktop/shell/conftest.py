"""A sitting on a real engine with a fake model process, a keychain in memory, and time as a test wants it."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop.pages.chat.view import ChatView
from desktop.sitting import Sitting
from desktop.theme import theme
from desktop.watch import Clocks
from desktop.window import Window
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import AlreadyRunning, Locked
from tests.fakes import tiny_gguf
from tests.fakes.keychains import Finder, InMemory

FAKE = "tests.fakes.model_worker"
PASSPHRASE = "seven quiet geese"


class Clock:
    """Time as a test wants it."""

    def __init__(self) -> None:
        self.awake = self.whole = 1000.0

    def pass_s(self, awake: float, asleep: float = 0.0) -> None:
        self.awake += awake
        self.whole += awake + asleep


class Seat:
    """A sitting, what it stands on, and what a person does at it."""

    def __init__(self, places: Places, qtbot: QtBot) -> None:
        self.places, self.qtbot, self.clock = places, qtbot, Clock()
        self.ring = InMemory()
        clocks = Clocks(lambda: self.clock.awake, lambda: self.clock.whole)
        self.sitting = Sitting(places, clocks, partial(Engine.unlocking, model_process=FAKE, find=self.find))
        self.sitting.watch._timer.stop()  # the clock of the test ticks when the test says so

    def find(self, name: str) -> object:
        return Finder(ring=self.ring)(name)

    def begin(self, *, keychain: bool = False, passphrase: str = PASSPHRASE) -> Window:
        """Open the folder, with a model in it, and show the window."""
        engine = Engine.open(self.places, model_process=FAKE, find=self.find if keychain else lambda _: None)
        if passphrase:
            finish(engine.keys.set_passphrase(passphrase, Cancel()))
        finish(engine.models.add(tiny_gguf.write(self.places.data / "parrot.gguf"), Cancel()))
        self.sitting.begin(engine)
        return self.window

    @property
    def window(self) -> Window:
        assert self.sitting.window is not None
        return self.sitting.window

    @property
    def engine(self) -> Engine:
        assert self.sitting.engine is not None
        return self.sitting.engine

    @property
    def chat(self) -> ChatView:
        view = self.window.built("chat")
        assert isinstance(view, ChatView)
        return view

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=20_000)

    def lock(self) -> None:
        """Lock it and wait until nothing is open behind the screen."""
        self.sitting.lock()
        self.until(lambda: self.sitting.engine is None)

    def unlock(self, text: str = PASSPHRASE) -> Window:
        """Type the passphrase and press Enter."""
        self.type(text)
        self.until(lambda: self.sitting.window is not None)
        return self.window

    def type(self, text: str) -> None:
        assert self.sitting.screen is not None
        self.qtbot.keyClicks(self.sitting.screen.passphrase, text)
        self.qtbot.keyClick(self.sitting.screen.passphrase, Qt.Key.Key_Return)

    def is_free(self) -> bool:
        """Whether somebody else could open the folder."""
        try:
            Engine.open(self.places)
        except AlreadyRunning:
            return False
        except Locked:
            return True
        raise AssertionError("it opened by itself")


@pytest.fixture
def seat(places: Places, qtbot: QtBot) -> Iterator[Seat]:
    """A sitting with nothing open yet."""
    theme().choose("light")
    made = Seat(places, qtbot)
    yield made
    made.sitting.end()
