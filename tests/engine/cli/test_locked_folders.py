"""What a command does to a folder as a whole asks for the passphrase where the key needs one, behind the walls."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Locked
from engine.places import followed
from engine.ways import Unlock, WayIn
from tests.fakes.keychain_worker import Ring
from tests.fakes.keychains import Finder, InMemory

PASSPHRASE = "seven quiet geese"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def locked(places: Places) -> Places:
    """A closed folder with a chat and a backup, which only a passphrase opens."""
    with Engine.open(places) as engine:
        finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
        engine.chats.rename(engine.chats.new().id, "still there")
        finish(engine.backups.make(Cancel()))
    with pytest.raises(Locked):
        Engine.open(places)
    return places


@pytest.fixture
def descriptor() -> int:
    """A file descriptor with the passphrase in it."""
    hear, say = os.pipe()
    os.write(say, f"{PASSPHRASE}\n".encode())
    os.close(say)
    return hear


def titles(data: Path) -> list[str]:
    with Engine.open(Places(followed(data)), unlock=Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)) as engine:
        return [chat.title for chat in engine.chats.all()]


def test_a_locked_folder_is_moved_with_its_passphrase_and_not_without(
    locked: Places, descriptor: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["move", str(tmp_path / "new"), "--data", str(locked.data)]
    assert main(command) == 1
    assert "--passphrase-fd" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    assert main([*command, "--passphrase-fd", str(descriptor)]) == 0
    assert followed(locked.data) == tmp_path / "new"
    assert titles(locked.data) == ["still there"]


def test_a_locked_folder_is_mended_with_a_passphrase_that_is_handed_over_once(locked: Places, descriptor: int) -> None:
    locked.store.write_bytes(bytes(locked.store.stat().st_size))
    command = ["backup", "restore", "newest", "--data", str(locked.data), "--passphrase-fd", str(descriptor)]
    assert main(command) == 0
    assert titles(locked.data) == ["still there"]


def test_somebody_at_the_terminal_is_asked_and_may_mistype(
    locked: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["seven quite geese", PASSPHRASE])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.unlocking.getpass", lambda _: next(typed))
    assert main(["move", str(tmp_path / "new"), "--data", str(locked.data)]) == 0
    assert "not the passphrase" in capsys.readouterr().err
    assert next(typed, None) is None


BEHIND = """
import sys
from engine.walls import is_shut, raise_walls
raise_walls()
from engine.cli.__main__ import main
print(main(sys.argv[1:]), is_shut())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there are walls")
@pytest.mark.parametrize("command", [["move", "new"], ["backup", "restore", "newest"], ["erase"]])
def test_the_walls_are_shut_before_anything_is_done(locked: Places, command: list[str], descriptor: int) -> None:
    locked.store.write_bytes(bytes(locked.store.stat().st_size))
    run = subprocess.run(
        [sys.executable, "-c", BEHIND, *command, "--data", str(locked.data), "--passphrase-fd", str(descriptor)],
        cwd=locked.data.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, pass_fds=[descriptor],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    os.close(descriptor)
    assert run.stdout.splitlines()[-1].endswith("True"), run.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only there are walls that need it")
def test_erasing_behind_the_walls_makes_the_keychain_forget_its_part(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = InMemory()
    Engine.open(places, find=Finder(ring=backend)).close()
    assert backend.kept
    monkeypatch.setattr("engine.privacy.seal._kind", "command")
    monkeypatch.setattr("engine.runtime.keychain_at_hand.MODULE", "tests.fakes.keychain_worker")
    with Ring(places.data, lambda: Finder(ring=backend)) as ring:
        assert main(["erase", "--yes-erase-everything", "--data", str(places.data)]) == 0
    assert ring.asked == ["find", "delete_password"]
    assert not backend.kept
    assert not places.store.exists()
