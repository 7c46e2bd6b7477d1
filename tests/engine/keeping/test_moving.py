"""Moving is all or nothing: cut off anywhere, one whole folder is in use, and it is found."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, Places, erase_everything, finish, moved
from engine.errors import AlreadyRunning, Cancelled, FileMissing, TextNotAccepted
from engine.keeping import finish_moves
from engine.kept import BackupKind
from engine.places import followed
from engine.types import Role

ROOT = Path(__file__).resolve().parents[3]
CHILD = """
import os, signal, sys
from pathlib import Path
from engine.engine import Cancel, Places, moved
from engine.keeping import leftovers, moving
left = int(sys.argv[3])

def counted(where, name):
    real = getattr(where, name)
    def call(*values, **named):
        global left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return real(*values, **named)
    return call

for name in ("_copy", "synced", "written", "removed", "looked_into"):
    setattr(moving, name, counted(moving, name))
for name in ("written", "_unlink", "removed"):
    setattr(leftovers, name, counted(leftovers, name))
Path.unlink = counted(Path, "unlink")
for _ in moved(Places(Path(sys.argv[1])), Path(sys.argv[2]), Cancel()):
    pass
"""


@pytest.fixture
def filled(places: Places) -> Places:
    """A closed folder with a chat and a backup."""
    with Engine.open(places) as engine:
        chat = engine.chats.new()
        engine._store.chats.add_message(chat.id, None, Role.USER, "Hello")
        finish(engine.backups.make(Cancel(), BackupKind.REGULAR))
    return places


def held(data: Path) -> tuple[int, int]:
    """How many chats and backups are in use when Hanare is started as before."""
    with Engine.open(Places(followed(data))) as engine:
        finish(engine.upkeep(Cancel()))
        return len(engine.chats.all()), len(engine.backups.all())


def test_everything_is_in_the_new_place_and_is_found_from_the_old_one(filled: Places, tmp_path: Path) -> None:
    done = finish(moved(filled, tmp_path / "new", Cancel()))
    assert done.data == tmp_path / "new" == followed(filled.data)
    assert done.left == ()
    assert held(filled.data) == (1, 1)
    assert [path.name for path in filled.data.iterdir()] == ["moved.json"]
    assert not filled.backups.exists()


def test_what_was_moved_and_erased_can_be_begun_anew_in_the_old_place(filled: Places, tmp_path: Path) -> None:
    for name in ("new", "newer"):
        finish(moved(Places(followed(filled.data)), tmp_path / name, Cancel()))
    assert followed(filled.data) == tmp_path / "newer"
    finish(erase_everything(Places(followed(filled.data)), True, Cancel()))
    assert followed(filled.data) == filled.data
    assert held(filled.data) == (0, 0)


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
def test_killed_at_any_step_one_whole_folder_is_in_use(filled: Places, tmp_path: Path) -> None:
    for step in range(100):
        target = tmp_path / f"new{step}"
        run = subprocess.run(
            [sys.executable, "-c", CHILD, str(followed(filled.data)), str(target), str(step)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert held(filled.data) == (1, 1), f"killed at step {step}"
        here = followed(filled.data)
        for folder in set(tmp_path.iterdir()) - {here, Places(here).backups}:  # places that it was in before
            assert [path.name for path in folder.iterdir()] == ["moved.json"], f"killed at step {step}"
        assert not Places(here).moving.exists()
        if run.returncode == 0:
            assert step > 10
            return
        assert run.returncode == -signal.SIGKILL, run.stderr
    pytest.fail("it never came to its end")


def test_what_was_put_into_the_old_place_since_a_kill_is_not_removed(filled: Places, tmp_path: Path) -> None:
    finish(moved(filled, tmp_path / "new", Cancel()))
    said = json.loads(filled.moved.read_text())
    filled.models.mkdir()
    (filled.models / "old.gguf").write_text("a copy of it was moved")
    (filled.models / "mine.gguf").write_text("put there since")
    filled.moved.write_text(json.dumps(said | {"remove": [str(filled.models / "old.gguf")]}))  # as a kill leaves it
    assert held(filled.data) == (1, 1)
    assert [path.name for path in filled.models.iterdir()] == ["mine.gguf"]
    assert json.loads(filled.moved.read_text()) == {"to": str(tmp_path / "new"), "remove": []}


def test_a_copy_that_somebody_has_opened_meanwhile_is_theirs(filled: Places, tmp_path: Path) -> None:
    copy = Places(tmp_path / "new")
    shutil.copytree(filled.data, copy.data)
    filled.moving.write_text(json.dumps({"part": str(tmp_path / "new.part"), "to": str(copy.data), "backups": []}))
    copy.moving.write_text(json.dumps({"from": str(filled.data)}))
    with Engine.open(copy) as engine:
        finish_moves(filled)
        assert copy.store.exists()
        finish(engine.upkeep(Cancel()))
    finish_moves(filled)
    assert copy.store.exists()


def test_a_stop_leaves_everything_where_it_was(filled: Places, tmp_path: Path) -> None:
    cancel = Cancel()
    operation = moved(filled, tmp_path / "new", cancel)
    next(operation)
    cancel.press()
    with pytest.raises(Cancelled):
        finish(operation)
    assert followed(filled.data) == filled.data
    assert held(filled.data) == (1, 1)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.part").exists()


def test_a_place_that_will_not_do_is_refused(filled: Places, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    for place in (tmp_path / "full", filled.data / "inside", tmp_path, tmp_path / "no" / "such"):
        with pytest.raises(TextNotAccepted):
            finish(moved(filled, place, Cancel()))
    assert held(filled.data) == (1, 1)


def test_an_open_folder_is_not_moved(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(AlreadyRunning):
        finish(moved(engine.places, tmp_path / "new", Cancel()))


def test_where_the_new_place_is_not_connected_no_empty_one_is_begun(filled: Places, tmp_path: Path) -> None:
    finish(moved(filled, tmp_path / "new", Cancel()))
    (tmp_path / "new").rename(tmp_path / "unplugged")
    with pytest.raises(FileMissing):
        followed(filled.data)
    assert main(["models", "list", "--data", str(filled.data)]) == 1
    assert not (tmp_path / "new").exists()


def test_the_command_moves_and_the_next_command_finds_it(
    filled: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["move", str(tmp_path / "new"), "--data", str(filled.data)]) == 0
    assert str(tmp_path / "new") in capsys.readouterr().out
    assert main(["backup", "list", "--data", str(filled.data)]) == 0
    assert str(tmp_path / "new-backups") in capsys.readouterr().out
