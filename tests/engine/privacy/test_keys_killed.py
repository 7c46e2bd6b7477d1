"""The files of keys are written so that a kill or an error at any step leaves a store that still opens.

Every step that reaches the disk (a file made, half of it written, synced, renamed, removed) is the last one in its
turn: once as a kill of the process, once as an error of the operating system.
"""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.engine import Cancel, finish
from engine.errors import DiskFull, FileNotReadable
from engine.places import Places
from engine.privacy import key_file, wrapping
from engine.privacy.keys import open_key
from engine.ways import Unlock, WayIn
from tests.fakes.keychains import Finder, InMemory

ROOT = Path(__file__).resolve().parents[3]
PASSPHRASE = "seven quiet geese"
MOST_STEPS = 20
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")


class Steps:
    """Stands in for `os` and `tempfile` in `key_file`: the step of the given number is the last one, or fails."""

    def __init__(self, last: int, *, kill: bool) -> None:
        self.left, self.kill, self.reached = last, kill, False

    def act(self, real: Any, half: Any = None) -> Any:
        """`real`, counted; where it is the last, `half` of it is done."""

        def call(*values: Any, **named: Any) -> Any:
            self.left -= 1
            if self.left >= 0:
                return real(*values, **named)
            if self.left == -1:  # what comes after a failed step, as cleaning up does, goes well
                self.reached = True
                if half is not None:
                    half(*values)
                if self.kill:
                    os._exit(9)
                raise OSError(errno.EIO, "it failed")
            return real(*values, **named)

        return call

    def opened(self, handle: int, *values: Any, **named: Any) -> Any:
        """A file whose writing is a step of its own, and stops in the middle."""
        file = os.fdopen(handle, *values, **named)
        write = file.write

        def half(text: str) -> None:
            write(text[: len(text) // 2])
            file.flush()

        file.write = self.act(write, half)
        return file


class Counted:
    """A module some of whose functions are counted."""

    def __init__(self, module: Any, **counted: Any) -> None:
        self._module = module
        self.__dict__.update(counted)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def counting(steps: Steps, monkeypatch: Any) -> None:
    """Have `key_file` take these steps."""
    import tempfile

    counted = Counted(
        os, fsync=steps.act(os.fsync), replace=steps.act(os.replace), unlink=steps.act(os.unlink), fdopen=steps.opened
    )
    monkeypatch.setattr(key_file, "os", counted)
    monkeypatch.setattr(key_file, "tempfile", Counted(tempfile, mkstemp=steps.act(tempfile.mkstemp)))


class OnDisk(InMemory):
    """A keychain whose secrets outlive a process that was killed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        if path.exists():
            self.kept = {tuple(name): secret for name, secret in json.loads(path.read_text())}

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password)
        self._path.write_text(json.dumps([[list(name), secret] for name, secret in self.kept.items()]))


def find(places: Places) -> Finder:
    return Finder(ring=OnDisk(places.data.parent / "ring.json"))


def prepare_upgrade(places: Places) -> str:
    """A folder of format 1: one copy without a checksum, the key itself in the keychain. The key."""
    key = "a7" * 32
    OnDisk(places.data.parent / "ring.json").set_password("Hanare", "entry", key)
    way = {"way": "keychain", "keychain": "ring", "entry": "entry"}
    places.keys.write_text(json.dumps({"format": 1, "ways": [way]}))
    places.store.write_bytes(b"a store")
    return key


def upgrade(places: Places) -> None:
    open_key(places, find(places))


def prepare_passphrase(places: Places) -> str:
    """A folder that the keychain and a recovery code open. The key."""
    keys = open_key(places, find(places))
    keys.keep_recovery_code(keys.new_recovery_code())
    places.store.write_bytes(b"a store")
    return keys.secret.hex()


def set_passphrase(places: Places) -> None:
    wrapping.under_passphrase.__defaults__ = (wrapping.Stretching(64, 1, 1),)
    finish(open_key(places, find(places)).set_passphrase(PASSPHRASE, Cancel()))


CASES = {"upgrade": (prepare_upgrade, upgrade), "passphrase": (prepare_passphrase, set_passphrase)}
CHILD = """
import os, sys
from pathlib import Path
from engine.places import Places
from engine.privacy import wrapping
from tests.engine.privacy import test_keys_killed as killed

class Patch:
    def setattr(self, where, name, value):
        setattr(where, name, value)

root, case = Path(sys.argv[1]), sys.argv[2]
for step in range(killed.MOST_STEPS):
    if not (child := os.fork()):
        killed.counting(killed.Steps(step, kill=True), Patch())
        killed.CASES[case][1](Places(root / str(step) / "data"))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def opens(places: Places, key: str) -> None:
    """Whatever was cut off, the keychain opens it with the same key, and then both copies are whole and alike."""
    keys = open_key(places, find(places))
    assert keys.secret.hex() == key
    ways = key_file.read(places)
    assert ways.whole
    assert ways.format == key_file.FORMAT
    keys.keep_recovery_code(keys.new_recovery_code())
    assert not list(places.data.glob(".keys*")), "the next writing left what the one before it had begun"


@pytest.mark.parametrize("case", sorted(CASES))
def test_killed_at_any_step_the_store_still_opens(tmp_path: Path, case: str) -> None:
    folders = [Places(tmp_path / str(step) / "data") for step in range(MOST_STEPS)]
    keys = []
    for places in folders:
        places.make()
        keys.append(CASES[case][0](places))
    run = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path), case], cwd=ROOT, capture_output=True, text=True, check=True
    )
    ends = list(map(int, run.stdout.split()))
    assert len(ends) == MOST_STEPS
    killed = ends.count(9)
    assert killed >= 10, "two copies take ten steps and more"
    assert ends == [9] * killed + [0] * (MOST_STEPS - killed), run.stderr
    for places, key in zip(folders, keys, strict=True):
        opens(places, key)


@pytest.mark.parametrize("case", sorted(CASES))
def test_where_any_step_fails_the_store_still_opens_and_nothing_of_it_is_left(tmp_path: Path, case: str) -> None:
    for step in range(MOST_STEPS):
        places = Places(tmp_path / str(step) / "data")
        places.make()
        key = CASES[case][0](places)
        steps = Steps(step, kill=False)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wrapping.under_passphrase, "__defaults__", (wrapping.Stretching(64, 1, 1),))
            counting(steps, patch)
            try:
                CASES[case][1](places)
            except (DiskFull, FileNotReadable):  # told; an upgrade waits for the next start instead
                assert case == "passphrase"
        assert not list(places.data.glob(".keys*")), f"step {step} left something behind"
        opens(places, key)
        if not steps.reached:
            assert step >= 10
            return
    pytest.fail("it never came to its end")


def test_a_passphrase_counts_wholly_or_not_at_all(tmp_path: Path) -> None:
    """The control: uncut, the passphrase opens it; cut at the first step, it does not and the keychain does."""
    for step, counts in ((MOST_STEPS, True), (0, False)):
        places = Places(tmp_path / str(step) / "data")
        places.make()
        key = prepare_passphrase(places)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(wrapping.under_passphrase, "__defaults__", (wrapping.Stretching(64, 1, 1),))
            counting(Steps(step, kill=False), patch)
            if counts:
                set_passphrase(places)
            else:
                with pytest.raises(FileNotReadable):
                    set_passphrase(places)
        assert (WayIn.PASSPHRASE in open_key(places, find(places)).ways.ways) is counts
        if counts:
            assert open_key(places, Finder(), Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)).secret.hex() == key
