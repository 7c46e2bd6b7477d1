"""What every test may ask for, and what every test must leave behind: no thread and no key."""

import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, finish
from engine.places import Places
from engine.store import Store
from engine.types import Model
from tests.fakes import tiny_gguf

SHARED = Path(__file__).resolve().parents[2] / "shared"
# Threads that belong to a library's own pool and live as long as the process.
LASTING = ("asyncio_", "ThreadPoolExecutor", "pytest_timeout", "tqdm", "QThread", "Dummy-")


@pytest.fixture(autouse=True)
def no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test, and no process a test starts, touches the keychain of whoever runs the tests."""
    monkeypatch.setenv("HANARE_KEYCHAIN", "off")


@pytest.fixture(autouse=True)
def no_guide(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The library of a test holds what the test put into it: the model that comes with Hanare is not among it."""
    monkeypatch.setattr("engine.places.GUIDE", tmp_path_factory.getbasetemp() / "no-guide.gguf")


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test whose threads outlive it."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        if not thread.name.startswith(LASTING):
            thread.join(timeout=10.0)
            assert not thread.is_alive(), f"the thread {thread.name!r} outlives its test"


@pytest.fixture
def shared() -> Path:
    """Data that is too large for the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED.name}/ is not beside the repository")
    return SHARED


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A data folder of its own."""
    found = Places(tmp_path / "data")
    found.make()
    return found


@pytest.fixture
def key() -> bytes:
    """A key of its own."""
    return secrets.token_bytes(32)


@pytest.fixture
def store(places: Places, key: bytes) -> Iterator[Store]:
    """An open, empty store."""
    opened = Store(places.store, key)
    yield opened
    opened.close()


@pytest.fixture
def engine(places: Places) -> Iterator[Engine]:
    """An open engine with a model process that writes back what it is told; see `fakes/model_worker.py`."""
    with Engine.open(places, model_process="tests.fakes.model_worker") as opened:
        yield opened


@pytest.fixture
def add_model(engine: Engine, tmp_path: Path) -> Callable[..., Model]:
    """Adds a tiny model file of a name to the library."""

    def add(name: str = "echo") -> Model:
        path = tiny_gguf.write(tmp_path / f"{name}.gguf")
        return finish(engine.models.add(path, Cancel()))

    return add
