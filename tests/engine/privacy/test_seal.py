"""What the rules forbid a kind of process, the operating system refuses it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.privacy import landlock
from engine.privacy.rules import RULES, Given, allowed

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are proven on Linux only")

SEALED = """
import json, sys
from engine.privacy import landlock
from engine.privacy.probe import probe
from engine.privacy.seal import confine, seal, walls
kind, private, given, version = sys.argv[1:]
if version:
    landlock.version = lambda: int(version)
seal(kind)
if given:
    confine(kind, [given])
print(json.dumps({"walls": walls(), "tried": probe(kind, private)}))
"""
HALF = {"read outside", "read store", "write", "signal"}  # what only Landlock can refuse


def sealed(kind: str, places_data: Path, *, version: str = "", program: str = SEALED) -> dict[str, list[str]]:
    """What a process of this kind tells of itself; with `version`, as if the kernel had that Landlock."""
    given = str(places_data / "given") if RULES[kind].given is not Given.NOTHING else ""
    run = subprocess.run(
        [sys.executable, "-P", "-c", program, kind, str(places_data / "private"), given, version],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    told: dict[str, list[str]] = json.loads(run.stdout)
    return told


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a store, and one thing to be given."""
    (tmp_path / "private").mkdir()
    (tmp_path / "hanare.db").write_text("private")
    (tmp_path / "given").mkdir()
    return tmp_path


@pytest.mark.parametrize("kind", sorted(set(RULES) - {"broker"}))
def test_nothing_is_open_that_the_rules_forbid(kind: str, data: Path) -> None:
    told = sealed(kind, data)
    forbidden = {name for name, reach in told["tried"] if reach == "open" and not allowed(kind, name)}
    assert "filter" in told["walls"]
    if landlock.version() >= 6:
        assert not forbidden
    else:
        assert forbidden <= HALF


READY = """
import json, os, sys
from engine.privacy.probe import probe
from engine.privacy.seal import confine, make_ready, seal, walls

def opened():
    found = []
    for number in range(64):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found

before = opened()
make_ready("document")
between = len(opened()) - len(before)
seal("reader")  # in the order in which the reader does it
confine("document", [sys.argv[3]] if sys.argv[4] else ())
left = opened() != before
print(json.dumps({"walls": walls(), "tried": probe("document", sys.argv[2]), "between": between, "left": left}))
"""


@pytest.mark.parametrize("given", ["", "given"])
def test_rules_that_were_made_ready_hold_and_nobody_can_add_to_them_afterwards(data: Path, given: str) -> None:
    told = sealed("document", data, version=given, program=READY)
    assert told["between"] == (landlock.version() > 0)
    assert not told["left"]
    if landlock.version() >= 6:
        assert "files" in told["walls"]
        assert not {name for name, reach in told["tried"] if reach == "open"}


@pytest.mark.parametrize("kind", ["model", "document", "reader", "app"])
def test_a_kernel_without_landlock_still_has_the_filter_and_the_network_stays_shut(kind: str, data: Path) -> None:
    told = sealed(kind, data, version="0")
    assert told["walls"] == ["filter"]
    assert {name for name, reach in told["tried"] if reach == "open" and not allowed(kind, name)} <= HALF


@pytest.mark.skipif(landlock.version() < 4, reason="this kernel's Landlock knows no network")
def test_an_older_landlock_is_asked_only_for_what_it_knows(data: Path) -> None:
    assert sealed("model", data, version="1")["walls"] == ["filter", "files"]
    assert sealed("model", data, version="4")["walls"] == ["network", "filter", "files"]
    assert sealed("model", data)["walls"][:2] == ["network", "scope"]


TURNED = """
import ctypes, socket, struct, sys
from engine.privacy.seal import seal
listener, beyond = socket.socket(), socket.socket()
for one in (listener, beyond):
    one.bind(("127.0.0.1", 0))
    one.listen()
if sys.argv[1]:
    seal(sys.argv[1])
c = ctypes.CDLL(None)
c.connect(listener.fileno(), struct.pack("=H14x", 0), 16)  # AF_UNSPEC: listens no more
port = beyond.getsockname()[1]
beyond_address = struct.pack("=H", 2) + struct.pack(">H", port) + bytes([127, 0, 0, 1]) + bytes(8)
print(c.connect(listener.fileno(), beyond_address, 16))
"""


@pytest.mark.parametrize("kind", ["", "starting", "app", "model"])
def test_a_socket_that_listens_cannot_be_turned_outward(kind: str) -> None:
    command = [sys.executable, "-P", "-c", TURNED, kind]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert (run.stdout.strip() == "0") is (kind == "" or (kind == "starting" and landlock.version() < 4))


SEVERAL_THREADS = """
import socket, sys, threading
from engine.privacy.seal import seal, walls
go, said = threading.Event(), []
def run():
    go.wait()
    try:
        socket.socket(socket.AF_INET)
    except PermissionError:
        said.append("refused")
thread = threading.Thread(target=run)
thread.start()
seal("app")
go.set()
thread.join()
print(*said, *walls())
"""


def test_a_thread_from_before_is_held_by_the_filter_and_the_rest_is_not_claimed() -> None:
    command = [sys.executable, "-P", "-c", SEVERAL_THREADS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert run.stdout.split() == ["refused", "filter"]
