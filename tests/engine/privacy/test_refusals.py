"""What a sealed process's native code tries is refused and told, and it never waits for a hearer that is gone."""

import errno
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import wire
from engine.engine import Engine
from engine.network import Outcome
from engine.operation import Cancel
from engine.privacy import broker, starting
from engine.privacy.broker import MOST_TOLD, Refusals
from engine.runtime.process import Process, hearing
from engine.walls import Reach

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are proven on Linux only")
LONGEST_S = 30.0
BROKER = """
import sys
sys.path.insert(0, {root!r})
from engine.privacy import broker
broker.MODULES["model"] = "tests.fakes.native_leaker"
broker.main()
"""


@pytest.fixture
def leaky_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A broker whose model is one that leaks."""
    program = tmp_path / "broker.py"
    program.write_text(BROKER.format(root=str(ROOT)))
    monkeypatch.setattr(broker, "__file__", str(program))
    starting.begin()
    yield
    starting.end()


def asked(process: Process, *texts: str) -> list[int]:
    """The errors that the process's native code met."""
    (report,) = process.ask(wire.Embed(texts=texts), Cancel())
    assert isinstance(report, wire.Embedded)
    return [int(line) for line in report.vectors.split("\n")]


@pytest.mark.usefixtures("leaky_model")
def test_what_native_code_tries_is_a_line_of_the_ledger_and_what_its_own_walls_try_is_none(engine: Engine) -> None:
    with Process("model", "engine.worker.model", private=engine.places.private) as process:
        errors = asked(process, "2 1", "10 2", "2 3", "1 1", "16 3", "40 1", "38 5", "connect")
        assert "overheard" in process.walls[0].walls
        tried = {channel.name: channel.reach for channel in process.walls[0].channels}
        assert {tried[name] for name in ("tcp4", "udp4", "netlink", "unix path", "name lookup")} == {Reach.REFUSED}
    starting.end()  # what was told has been kept
    assert errors == [errno.EACCES] * 8
    lines = tuple(reversed(engine.ledger.all()))
    ways = ["tcp", "udp", "raw", "unix", "netlink", "vsock", "family 38", "connect"]
    assert [line.channel for line in lines] == ways
    assert {(line.process, line.host, line.outcome) for line in lines} == {("model", "", Outcome.BLOCKED)}
    assert (engine.ledger.totals().connections, engine.ledger.totals().blocked) == (0, len(ways))


@pytest.mark.usefixtures("leaky_model")
def test_a_copy_of_the_process_is_heard_as_well(tmp_path: Path) -> None:
    heard: list[tuple[str, str, int, str]] = []
    with hearing(tmp_path, lambda *told: heard.append(told)):
        with Process("model", "engine.worker.model", private=tmp_path) as process:
            assert asked(process, "fork", "2 2") == [errno.EACCES]
        starting.end()
    assert heard == [("model", "", 0, "udp")]


@pytest.mark.usefixtures("leaky_model")
def test_who_never_stops_trying_fills_no_ledger_and_is_refused_all_the_same(tmp_path: Path) -> None:
    heard: list[str] = []
    with hearing(tmp_path, lambda *told: heard.append(told[3])):
        with Process("model", "engine.worker.model", private=tmp_path) as process:
            errors = asked(process, *["2 2"] * (MOST_TOLD + 50))
        starting.end()
    assert heard == ["udp"] * MOST_TOLD
    assert errors == [errno.EACCES] * MOST_TOLD + [errno.ENOSYS] * 50


def test_honest_work_of_every_process_tells_nothing(tmp_path: Path) -> None:
    starting.begin()
    heard: list[object] = []
    document = tmp_path / "a.txt"
    document.write_text("hello")
    with hearing(tmp_path, lambda *told: heard.append(told)):
        with Process("reader", "engine.worker.reader", private=tmp_path) as process:
            for _ in range(3):
                list(process.ask(wire.Read(path=str(document), reader="text"), Cancel()))
            assert ["overheard" in walls.walls for walls in process.walls] == [True, True]
        with Process("test models", "engine.worker.testmodels", private=tmp_path) as process:
            (made,) = process.ask(wire.MakeModels(folder=str(tmp_path / "models")), Cancel())
        assert isinstance(made, wire.ModelsMade)
        with Process("model", "engine.worker.model", private=tmp_path) as process:
            list(process.ask(wire.Load(path=made.paths[0], context_tokens=64), Cancel()))
            list(process.ask(wire.Generate(prompt="a", max_tokens=4), Cancel()))
        starting.end()
    assert heard == []


TRIES = """
import ctypes, errno, os, struct, sys
from engine.privacy import refusals, seal, system_calls
{before}
seal.seal("model")
refusals.close()
libc = ctypes.CDLL(None, use_errno=True)
print(*seal.walls(), flush=True)
for line in sys.stdin:
    if line == "listener\\n":
        ctypes.set_errno(0)
        program = b"\\6\\0\\0\\0\\0\\0\\xff\\x7f"  # let everything pass
        kept = ctypes.create_string_buffer(program, 8)
        filled = struct.pack("@HP", 1, ctypes.addressof(kept))
        number = system_calls.NUMBERS[os.uname().machine]["seccomp"]
        answer = libc.syscall(ctypes.c_long(number), 1, int(sys.stdin.readline()), filled)
    else:
        answer = libc.socket(2, 2, 0)
    print(0 if answer >= 0 else ctypes.get_errno(), flush=True)
"""


class Sealed:
    """A sealed process of which this one is the broker: nothing is answered unless it is asked to."""

    def __init__(self, before: str = "") -> None:
        self.told: list[str] = []
        self.refusals = Refusals(self.told.append)
        with self.refusals.theirs as theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", TRIES.format(before=before)], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, bufsize=0, pass_fds=(theirs.fileno(),),
                env={**os.environ, "PYTHONPATH": str(ROOT), broker.REFUSALS: str(theirs.fileno())},
            )  # fmt: skip
        assert self.process.stdout
        self.walls = self.process.stdout.readline().decode().split()

    def __enter__(self) -> "Sealed":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate(timeout=LONGEST_S)
        self.refusals.close()

    def try_it(self, *lines: str) -> None:
        """Let it try, without waiting for what comes of it."""
        assert self.process.stdin
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())

    def came_of_it(self) -> int:
        """The number of the error; fails where it is held."""
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], LONGEST_S)[0], "it is held"
        return int(self.process.stdout.readline())

    def heed(self) -> None:
        """Wait for something to do, and do it."""
        poll = select.poll()
        for file in self.refusals.files():
            poll.register(file, select.POLLIN)
        self.refusals.heed(dict(poll.poll(LONGEST_S * 1000)))


def test_a_try_is_answered_and_what_is_said_before_it_is_heard_before_it() -> None:
    with Sealed() as sealed:
        assert "overheard" in sealed.walls
        sealed.heed()
        assert sealed.told == []  # it is still quiet
        sealed.try_it("socket")
        sealed.heed()
        assert (sealed.came_of_it(), sealed.told) == (errno.EACCES, [])


def test_who_is_held_goes_on_when_the_hearer_is_gone_and_has_no_socket() -> None:
    with Sealed() as sealed:
        sealed.heed()
        sealed.try_it("socket", "socket")
        select.select([sealed.refusals.files()[-1]], [], [], LONGEST_S)  # the kernel holds it now
        sealed.refusals.close()
        assert [sealed.came_of_it(), sealed.came_of_it()] == [errno.ENOSYS] * 2


def test_who_dies_while_it_is_held_holds_nobody_up() -> None:
    with Sealed() as sealed:
        sealed.heed()
        sealed.try_it("socket")
        select.select([sealed.refusals.files()[-1]], [], [], LONGEST_S)
        ready = {sealed.refusals.files()[-1]: select.POLLIN}
        sealed.process.kill()
        sealed.process.wait()
        sealed.refusals.heed(ready)
        sealed.heed()
        assert len(sealed.refusals.files()) == 0


@pytest.mark.parametrize("flags", [8, 8 | 1 | 16])
def test_a_sealed_process_cannot_make_itself_a_listener_that_would_let_it_pass(flags: int) -> None:
    with Sealed() as sealed:
        sealed.heed()
        sealed.refusals.close()  # else the kernel would refuse a second one by itself
        sealed.try_it("listener", str(flags), "socket")
        assert [sealed.came_of_it(), sealed.came_of_it()] == [errno.EPERM, errno.ENOSYS]


def test_a_kernel_without_listeners_refuses_all_the_same_and_nobody_claims_to_hear() -> None:
    none = "def none(rights): raise OSError(errno.EINVAL, 'seccomp')\nseal.filter_and_tell = none"
    with Sealed(before=none) as sealed:
        assert "filter" in sealed.walls
        assert "overheard" not in sealed.walls
        sealed.try_it("socket")
        assert sealed.came_of_it() == errno.EACCES


def test_a_broker_that_is_gone_before_it_was_given_anything_leaves_the_walls_standing() -> None:
    with Sealed(
        before="import socket; socket.send_fds = lambda *_: (_ for _ in ()).throw(BrokenPipeError())"
    ) as sealed:
        assert "filter" in sealed.walls
        assert "overheard" not in sealed.walls
        sealed.try_it("socket")
        assert sealed.came_of_it() == errno.ENOSYS


@pytest.mark.parametrize("said", [b"x", b"q", b"-1", b"\xff" * 16, b"41"])
def test_what_no_process_of_ours_would_say_ends_the_talk_and_leaves_no_file_open(said: bytes) -> None:
    heard = Refusals(lambda _: None)
    files = len(os.listdir("/proc/self/fd"))
    with heard.theirs as theirs:
        for _ in range(3):
            socket.send_fds(theirs, [said], [0])
        heard.heed({})
    heard.close()
    assert len(os.listdir("/proc/self/fd")) == files - 2


def test_a_process_that_has_the_network_is_not_heard_and_keeps_nothing_of_it() -> None:
    tries = TRIES.replace('seal.seal("model")', 'seal.seal("fetcher")').format(before="")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        run = subprocess.run(
            [sys.executable, "-P", "-c", f"{tries}\nprint(os.path.exists('/proc/self/fd/{theirs.fileno()}'))"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, pass_fds=(theirs.fileno(),),
            env={**os.environ, "PYTHONPATH": str(ROOT), broker.REFUSALS: str(theirs.fileno())},
        )  # fmt: skip
    walls, kept = run.stdout.splitlines()
    assert "filter" in walls
    assert "overheard" not in walls
    assert kept == "False"
