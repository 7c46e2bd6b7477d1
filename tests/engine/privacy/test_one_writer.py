"""One program at a time writes a data folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import AlreadyRunning
from engine.places import Places
from engine.privacy.one_writer import OneWriter

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, threading
from pathlib import Path
from engine.places import Places
from engine.privacy.one_writer import OneWriter
lock = OneWriter(Places(Path(sys.argv[1])))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_writer_is_refused_until_the_first_lets_go(places: Places) -> None:
    first = OneWriter(places)
    with pytest.raises(AlreadyRunning) as caught:
        OneWriter(places)
    assert caught.value.folder == str(places.data)
    first.release()
    OneWriter(places).release()


def test_a_killed_program_leaves_no_lock(places: Places) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(places.data)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(AlreadyRunning):
            OneWriter(places)
        os.kill(holder.pid, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        holder.wait()
    OneWriter(places).release()


def test_other_folders_are_free(places: Places, tmp_path: Path) -> None:
    other = Places(tmp_path / "other")
    other.make()
    first, second = OneWriter(places), OneWriter(other)
    first.release()
    second.release()
