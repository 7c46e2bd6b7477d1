"""Behind the walls the keychain is asked by a process of its own, which can do that and nothing else."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import KeyMissing, Locked
from engine.privacy import starting
from engine.privacy.keychain import KeychainError, NotKept
from engine.privacy.landlock import version
from engine.runtime import keychain_at_hand
from engine.runtime.keychain_at_hand import KeychainAtHand
from engine.runtime.process import running
from engine.ways import Unlock, WayIn
from tests.fakes.keychain_worker import Ring
from tests.fakes.keychains import Finder, InMemory

WORKER = "tests.fakes.keychain_worker"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there are walls that need it")


@pytest.fixture
def backend(places: Places) -> Iterator[InMemory]:
    """A keychain in this program, and a socket by which the process reaches it."""
    made = InMemory()
    with Ring(places.data, lambda: Finder(ring=made)):
        yield made
    if made.hangs is not None:
        made.hangs.set()


@pytest.fixture
def shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the walls are shut behind the window: this program may not ask by itself."""
    monkeypatch.setattr("engine.privacy.seal._kind", "app")
    monkeypatch.setattr(keychain_at_hand, "MODULE", WORKER)
    monkeypatch.setattr("engine.privacy.keychain._made", None)


def test_what_is_written_is_read_and_forgotten(places: Places, backend: InMemory) -> None:
    at_hand = KeychainAtHand(places.private, module=WORKER)
    with at_hand:
        ring = at_hand.find_far("")
        assert ring is not None
        assert ring.name == "ring"
        ring.write("entry", "secret")
        assert backend.kept == {("Hanare", "entry"): "secret"}
        assert ring.read("entry") == "secret"
        ring.forget("entry")
        assert not backend.kept
        with pytest.raises(NotKept, match="ring has no entry for it"):
            ring.read("entry")
        assert at_hand.find_far("another") is None
        (process,) = running(places.private)
    assert not psutil.pid_exists(process.pid)
    assert running(places.private) == ()


def test_what_the_keychain_refuses_is_said_as_where_it_is_asked_here(places: Places, backend: InMemory) -> None:
    at_hand = KeychainAtHand(places.private, module=WORKER)
    with at_hand:
        ring = at_hand.find_far("ring")
        assert ring is not None
        backend.failing = PermissionError("the person said no")
        with pytest.raises(KeychainError, match=r"ring refused \(OSError\)") as refused:
            ring.read("entry")
        assert not isinstance(refused.value, NotKept)
        backend.failing, backend.hangs = None, threading.Event()
        with pytest.raises(KeychainError, match="did not answer for 0 seconds"):
            ring.read("entry", 0.2)


def test_a_process_that_dies_or_cannot_be_started_is_a_keychain_that_refuses(places: Places, tmp_path: Path) -> None:
    at_hand = KeychainAtHand(places.private, module="tests.fakes.no_such_worker")
    with at_hand, pytest.raises(KeychainError, match="could not be asked \\(WorkerDied\\)"):
        at_hand.find_far("")


def test_while_no_wall_is_shut_it_is_asked_here(places: Places) -> None:
    with KeychainAtHand(places.private) as find:
        find("no such keychain")
        assert running(places.private) == ()


def test_one_thread_at_a_time_has_it_at_hand(places: Places) -> None:
    at_hand, order = KeychainAtHand(places.private, Finder()), []

    def second() -> None:
        with at_hand:
            order.append("second")

    thread = threading.Thread(target=second)
    with at_hand:
        thread.start()
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


@pytest.mark.usefixtures("shut")
def test_behind_the_walls_it_keeps_the_access_token_of_the_hub_too(places: Places, backend: InMemory) -> None:
    with Engine.open(places) as engine:
        finish(engine.hub_token.keep("hf_secret", Cancel()))
        assert len(backend.kept) == 2  # with the store's key
        assert finish(engine.hub_token.read(Cancel())) == "hf_secret"
        finish(engine.hub_token.forget(Cancel()))
        assert len(backend.kept) == 1
        assert running(places.private) == ()


def test_its_walls_leave_it_the_programs_of_this_computer_and_nothing_else(places: Places, backend: InMemory) -> None:
    at_hand = KeychainAtHand(places.private, module=WORKER)
    with at_hand:
        at_hand.find_far("")
    (walls,) = at_hand.walls
    assert (walls.kind, walls.ended) == ("keychain", True)
    opened = {way.name for way in walls.channels if way.reach == "open"}
    assert "unix path" in opened
    if version() >= 6:
        assert opened <= {"unix path", "unix abstract", "name lookup"}
        assert walls.holds


def test_it_alone_is_told_where_the_session_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/tmp/a-bus")
    starting.begin()
    request.addfinalizer(starting.end)
    told = {}
    for module in ("engine.worker.keychain", "engine.worker.reader"):
        child = starting.start(module, tmp_path, print)
        try:
            while not (environment := psutil.Process(child.pid).environ()):  # it is still being started
                continue
            told[module] = environment.get("DBUS_SESSION_BUS_ADDRESS")
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout, child.stderr):
                assert pipe
                pipe.close()
    assert told == {"engine.worker.keychain": "unix:path=/tmp/a-bus", "engine.worker.reader": None}


@pytest.mark.usefixtures("shut")
def test_a_store_that_only_the_keychain_opens_is_locked_and_unlocked_behind_the_walls(
    places: Places, backend: InMemory
) -> None:
    with Engine.open(places) as engine:
        assert engine.keys.ways.only_keychain
        engine.chats.rename(engine.chats.new().id, "still there")
        held = engine.lock()
        unlock = Unlock(way=WayIn.KEYCHAIN)
        backend.failing = OSError("locked")
        with pytest.raises(KeyMissing, match="ring refused"):
            finish(Engine.unlocking(places, unlock, Cancel(), held=held))
        backend.failing = None
    again = finish(Engine.unlocking(places, unlock, Cancel(), held=held))
    with again:
        assert [chat.title for chat in again.chats.all()] == ["still there"]
        assert [walls.kind for walls in again.walls()] == ["app", "keychain"]
        assert again.walls()[1].ended


@pytest.mark.usefixtures("shut")
def test_a_keychain_that_lost_the_key_is_given_it_again_behind_the_walls(places: Places, backend: InMemory) -> None:
    with Engine.open(places) as engine:
        code = engine.keys.new_recovery_code()
        engine.keys.keep_recovery_code(code)
    backend.kept.clear()
    with pytest.raises(Locked) as locked:
        Engine.open(places)
    assert locked.value.keychain_gone
    unlocking = partial(Unlock, way=WayIn.RECOVERY, text=code)
    Engine.open(places, unlock=unlocking(renew_keychain=True)).close()
    with Engine.open(places) as engine:
        assert engine.keys.ways.opened_by is WayIn.KEYCHAIN


SESSION = """
import subprocess, sys
with subprocess.Popen([sys.executable, "-m", "tests.fakes.secret_service"], stdout=subprocess.PIPE) as service:
    assert service.stdout.readline() == b"here\\n"
    try:
        subprocess.run([sys.executable, "-c", sys.argv[1], sys.argv[2]], check=True)
    finally:
        service.kill()
"""
APP = """
import os
import shutil
import subprocess
import sys
from pathlib import Path
from engine.walls import raise_walls, shut
raise_walls()
from engine.engine import Cancel, Engine, Places, finish
from engine.privacy import keychain
from engine.ways import Unlock, WayIn
places = Places(Path(sys.argv[1]))
engine = Engine.open(places)
print(*engine.keys.ways.ways, engine.keys.ways.keychain)
shut("app")
held = engine.lock()
print(keychain.found("Secret Service"))
again = finish(Engine.unlocking(places, Unlock(way=WayIn.KEYCHAIN), Cancel(), held=held))
print(again.keys.ways.opened_by, *(walls.kind for walls in again.walls() if walls.holds))
again.close()
"""


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no session bus to be had")
def test_on_a_real_session_bus_an_app_behind_its_walls_cannot_ask_and_its_process_can(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = {name: value for name, value in os.environ.items() if name != "HANARE_KEYCHAIN"}
    run = subprocess.run(
        ["dbus-run-session", "--", sys.executable, "-P", "-c", SESSION, APP, str(tmp_path / "data")],
        cwd=root, env=environment | {"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["keychain Secret Service", "None", "keychain app broker keychain"]
