"""`hanare backup restore` asks for the words of a backup that has a key of its own, behind the walls."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, Places, finish
from engine.ways import Unlock, WayIn

THEIRS, OURS = "seven quiet geese", "four loud herons"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def command(places: Places, tmp_path: Path) -> list[str]:
    """Restores a backup of another folder here, where a chat is already."""
    with Engine.open(Places(tmp_path / "there")) as there:
        finish(there.keys.set_passphrase(THEIRS, Cancel()))
        there.chats.rename(there.chats.new().id, "Plum")
        backup = finish(there.backups.make(Cancel()))
    with Engine.open(places) as here:
        here.chats.rename(here.chats.new().id, "Quince")
    return ["backup", "restore", str(backup.path), "--data", str(places.data)]


def descriptor(text: str) -> int:
    """A file descriptor with this text in it."""
    hear, say = os.pipe()
    os.write(say, f"{text}\n".encode())
    os.close(say)
    return hear


def titles(places: Places, unlock: Unlock | None = None) -> list[str]:
    with Engine.open(places, unlock=unlock) as engine:
        return [chat.title for chat in engine.chats.all()]


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What somebody at the terminal types, one answer after the other."""
    answers: list[str] = []

    def getpass(prompt: str) -> str:
        if not answers:
            raise EOFError
        return answers.pop(0)

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.unlocking.getpass", getpass)
    return answers


def test_somebody_at_the_terminal_is_asked_and_may_mistype(
    places: Places, command: list[str], typing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typing += ["seven quite geese", THEIRS]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "there-backups" in err
    assert "it opens with a passphrase" in err
    assert "not the passphrase" in err
    assert "Now:    1 chat" in out
    assert titles(places) == ["Plum"]


def test_who_answers_nothing_keeps_everything_as_it_was(
    places: Places, command: list[str], typing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert "is locked" in capsys.readouterr().err
    assert titles(places) == ["Quince"]


def test_where_nobody_can_be_asked_it_says_how_a_script_tells(
    places: Places, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    assert "--backup-passphrase-fd" in capsys.readouterr().err
    assert titles(places) == ["Quince"]
    assert main([*command, "--backup-passphrase-fd", str(descriptor(OURS))]) == 1
    assert "not the passphrase" in capsys.readouterr().err
    assert titles(places) == ["Quince"]
    assert main([*command, "--backup-passphrase-fd", str(descriptor(THEIRS))]) == 0
    assert titles(places) == ["Plum"]


@pytest.fixture
def damaged(places: Places, command: list[str]) -> Unlock:
    """The folder has a passphrase of its own and its store is damaged; what opens it."""
    with Engine.open(places) as here:
        finish(here.keys.set_passphrase(OURS, Cancel()))
    places.store.write_bytes(bytes(places.store.stat().st_size))
    return Unlock(way=WayIn.PASSPHRASE, text=OURS)


def test_a_damaged_folder_and_the_backup_each_have_their_own_words(
    places: Places, command: list[str], damaged: Unlock
) -> None:
    ours, theirs = str(descriptor(OURS)), str(descriptor(THEIRS))
    assert main([*command, "--passphrase-fd", ours, "--backup-passphrase-fd", theirs]) == 0
    assert titles(places, damaged) == ["Plum"]


def test_somebody_at_the_terminal_is_asked_for_each_and_told_which(
    places: Places, command: list[str], damaged: Unlock, typing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    typing += [THEIRS, OURS, OURS, THEIRS]
    assert main(command) == 0
    asked = [line for line in capsys.readouterr().err.splitlines() if line.startswith("hanare:")]
    assert [str(places.store) in line for line in asked] == [True, True, False, False]
    assert not typing
    assert titles(places, damaged) == ["Plum"]


BEHIND = """
import sys
from engine.walls import is_shut, raise_walls
raise_walls()
from engine.cli.__main__ import main
print(main(sys.argv[1:]), is_shut())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there are walls")
def test_it_opens_behind_the_walls(places: Places, command: list[str]) -> None:
    theirs = descriptor(THEIRS)
    run = subprocess.run(
        [sys.executable, "-c", BEHIND, *command, "--backup-passphrase-fd", str(theirs)],
        cwd=places.data.parent, env={**os.environ, "PYTHONPATH": str(ROOT)}, pass_fds=[theirs],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    os.close(theirs)
    assert run.stdout.splitlines()[-1] == "0 True", run.stderr
    assert titles(places) == ["Plum"]
