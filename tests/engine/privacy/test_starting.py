"""The broker starts our processes and nothing else, and everything ends with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine import wire
from engine.errors import WorkerDied
from engine.operation import Cancel
from engine.privacy import starting
from engine.runtime.process import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the broker is for Linux")
END_S = 20.0


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psutil.Process]:
    """A running broker; the desktop's opener writes down what it was given."""
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\necho "$#:$1" > {tmp_path}/opened\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    starting.begin()
    pid = starting.broker_pid()
    assert pid
    yield psutil.Process(pid)
    starting.end()


def test_a_process_of_the_broker_works_as_any_other(broker: psutil.Process, tmp_path: Path) -> None:
    document = tmp_path / "a.txt"
    document.write_text("hello")
    with Process("reader", "engine.worker.reader", private=tmp_path / "private") as process:
        reports = list(process.ask(wire.Read(path=str(document), reader="text"), Cancel()))
        assert psutil.Process(process.pid).ppid() == broker.pid
        assert [walls.kind for walls in process.walls] == ["reader", "document"]
    assert [report.text for report in reports if isinstance(report, wire.PageRead)] == ["hello"]
    assert not psutil.pid_exists(process.pid)


def test_a_killed_process_of_the_broker_is_explained(broker: psutil.Process, tmp_path: Path) -> None:
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        process.await_greeting(Cancel())
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(WorkerDied, match="signal SIGKILL"):
            list(process.ask(wire.Load(path="x", context_tokens=8), Cancel()))


def test_what_a_broker_started_ends_with_it_and_what_comes_after_is_explained(
    broker: psutil.Process, tmp_path: Path
) -> None:
    with Process("model", "engine.worker.model", private=tmp_path / "private") as process:
        process.await_greeting(Cancel())
        worker = psutil.Process(process.pid)
        broker.kill()
        worker.wait(END_S)
        with pytest.raises(WorkerDied):
            list(process.ask(wire.Load(path="x", context_tokens=8), Cancel()))
    with pytest.raises(WorkerDied, match="could not be started"):
        Process("reader", "engine.worker.reader", private=tmp_path / "private")


def test_the_broker_knows_no_module_but_those_of_its_table(broker: psutil.Process, tmp_path: Path) -> None:
    assert starting._broker
    with pytest.raises(StopIteration):
        starting._broker.start("http.server", tmp_path, print)


@pytest.mark.parametrize("kind", ["file", "folder", "address"])
def test_the_broker_hands_files_and_addresses_to_the_desktop(broker: psutil.Process, tmp_path: Path, kind: str) -> None:
    what = {"file": str(tmp_path / "xdg-open"), "folder": str(tmp_path), "address": "https://example.invalid/?a=b c"}
    assert starting.open_outside(what[kind])
    for opener in broker.children():
        opener.wait(END_S)
    assert (tmp_path / "opened").read_text().strip() == f"1:{what[kind]}"


@pytest.mark.parametrize("what", ["", "--help", "//host/share", "/nowhere/at/all", "ftp://host/x", "javascript:x"])
def test_the_broker_opens_nothing_else(broker: psutil.Process, tmp_path: Path, what: str) -> None:
    assert not starting.open_outside(what)
    assert not broker.children()
    assert not (tmp_path / "opened").exists()


APP = """
import sys
from pathlib import Path
from engine.walls import measured, raise_walls, shut
raise_walls()
from engine.operation import Cancel
from engine.runtime.process import Process
shut("app")
with Process("reader", "engine.worker.reader", private=Path(sys.argv[1])) as process:
    process.await_greeting(Cancel())
    app, broker = measured(Path(sys.argv[1]))
    print(app.kind, app.holds, broker.kind, broker.channels, *app.walls)
"""


def test_an_app_behind_its_walls_starts_its_processes_and_nothing_that_is_forbidden_is_open(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[3]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-P", "-c", APP, str(tmp_path / "private")]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.startswith("app True broker ()")
    assert run.stdout.split()[-1] == "filter"
