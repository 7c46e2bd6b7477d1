"""What the tests of the window share: Qt offscreen, an engine on an empty folder, the window on it."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent  # noqa: E402 - the platform is chosen before Qt is there
from pytestqt.qtbot import QtBot  # noqa: E402

from desktop.garbage import collect_what_is_due  # noqa: E402
from desktop.jobs import Jobs  # noqa: E402
from desktop.remember import Remembered  # noqa: E402
from desktop.theme import RESOURCES, theme  # noqa: E402
from desktop.window import Window  # noqa: E402
from desktop.words import choose  # noqa: E402
from engine.engine import Engine, Places  # noqa: E402
from tests.fakes import tiny_gguf  # noqa: E402


@pytest.fixture(scope="package", autouse=True)
def garbage_stays() -> Iterator[None]:
    """As in the application: garbage is looked for on Qt's thread alone, here between the tests."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def garbage(garbage_stays: None) -> Iterator[None]:
    """What a test left is gone before the next one."""
    yield
    collect_what_is_due()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins and ends in English."""
    choose("en", RESOURCES / "translations")
    yield
    choose("en", RESOURCES / "translations")


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The guide lies in the program."""
    (tmp_path / "program").mkdir()
    path = tiny_gguf.write(tmp_path / "program" / "guide.gguf")
    monkeypatch.setattr("engine.places.GUIDE", path)
    return path


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A real engine on an empty data folder."""
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    """The bridge, shut down after the test."""
    made = Jobs()
    yield made
    made.shut_down()


@pytest.fixture
def window(engine: Engine, jobs: Jobs) -> Iterator[Window]:
    """The real window on the real engine."""
    theme().choose("light")
    made = Window(engine, jobs, Remembered(engine.places.data))
    made.show()
    yield made
    jobs.shut_down()
    made.close()
    made.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # before the engine goes
