"""Where everything is kept, and everything moved to another place from the window."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop.dialogs.parting import PartingDialog
from desktop.jobs import Jobs
from desktop.pages.privacy.place_presenter import moved_text, target_in
from desktop.remember import Remembered
from desktop.window import Window
from engine.engine import Cancel, Engine, Places, finish
from engine.kept import Moved
from engine.places import followed
from engine.ways import Unlock, WayIn

PASSPHRASE = "seven quiet geese"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> list[str]:
    """What the dialog in the window's place says in the end."""
    words: list[str] = []

    def closed_at_once(dialog: PartingDialog) -> int:
        qtbot.waitUntil(dialog.done_button.isEnabled, timeout=20_000)
        words.append(dialog.words.text())
        dialog.accept()
        return 1

    monkeypatch.setattr(PartingDialog, "exec", closed_at_once)
    return words


def test_the_card_says_where_everything_is(window: Window, engine: Engine) -> None:
    window.show_page("privacy")
    assert window.built("privacy").place.place.text() == str(engine.places.data)


@pytest.mark.parametrize("sure", [True, False])
def test_everything_is_moved_without_asking_again_for_the_passphrase(
    engine: Engine, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, *, sure: bool
) -> None:
    engine.chats.rename(engine.chats.new().id, "still there")
    finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "mine.txt").write_text("mine")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "disk"))
    places = engine.places
    window = Window(engine, Jobs(), Remembered(places.data))
    asked: list[str] = []
    monkeypatch.setattr(window.notices, "ask", lambda title, text, *_: asked.append(text) or sure)
    window.show_page("privacy")
    window.built("privacy").place.move_away.click()
    window.close()
    window.deleteLater()
    target = tmp_path / "disk" / "hanare"
    assert str(target) in asked[0]
    assert followed(places.data) == (target if sure else places.data)
    assert (tmp_path / "disk" / "mine.txt").read_text() == "mine"
    if sure:
        assert str(target) in said[0]
        with Engine.open(Places(target), unlock=Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)) as moved:
            assert [chat.title for chat in moved.chats.all()] == ["still there"]


def test_an_empty_folder_is_taken_itself(tmp_path: Path) -> None:
    assert target_in(tmp_path) == tmp_path
    (tmp_path / "mine.txt").write_text("mine")
    assert target_in(tmp_path) == tmp_path / "hanare"
    assert target_in(tmp_path / "nowhere") == tmp_path / "nowhere"


def test_what_would_not_go_is_named() -> None:
    done = Moved(data=Path("/new"), files=3, size_bytes=2048, left=(Path("/old/hanare.db"),))
    assert "hanare.db" in moved_text(done)
    assert "3 files" in moved_text(done)
