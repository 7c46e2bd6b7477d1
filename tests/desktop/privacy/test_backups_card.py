"""The card of backups: what it lists, makes, brings back, and the end of everything."""

from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop.dialogs.parting import PartingDialog
from desktop.jobs import Jobs
from desktop.pages.privacy.backups_presenter import erased_text
from desktop.pages.privacy.view import PrivacyView
from desktop.remember import Remembered
from desktop.upkeep import Upkeep
from desktop.widgets.banner import Banner
from desktop.widgets.parting import Parting
from desktop.widgets.typed_question import TypedQuestion
from desktop.window import Window
from engine.engine import Cancel, Engine, Places, erase_everything, finish
from engine.kept import BackupKind, Erased
from engine.store import migrations
from engine.store.vault import connected
from engine.types import Role


def jam(engine: Engine, title: str) -> None:
    chat = engine.chats.new()
    engine.chats.rename(chat.id, title)
    engine._store.chats.add_message(chat.id, None, Role.USER, title)


def card_of(window: Window) -> PrivacyView:
    window.show_page("privacy")
    view = window.built("privacy")
    assert isinstance(view, PrivacyView)
    return view


def test_it_lists_what_there_is_and_says_where(window: Window, engine: Engine) -> None:
    jam(engine, "Plum")
    finish(engine.backups.make(Cancel()))
    card = card_of(window).backups
    assert card.table.topLevelItemCount() == 1
    item = card.table.topLevelItem(0)
    assert [item.text(column) for column in (1, 2, 3, 4)] == ["you asked for it", "1", "1", "0"]
    assert card.place.text() == str(engine.places.backups)
    assert card.restore.isEnabled()


def test_without_a_backup_there_is_nothing_to_restore(window: Window) -> None:
    card = card_of(window).backups
    assert not card.table.isVisibleTo(card)
    assert not card.restore.isEnabled()


def test_a_backup_is_made_and_brought_back_with_counts(
    window: Window, engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    told: list[str] = []
    buttons: list[str] = []

    def ask(title: str, text: str, yes: str, no: str, **_: object) -> bool:
        asked.append(text)
        buttons.extend((yes, no))
        return True

    monkeypatch.setattr(window.notices, "ask", ask)
    monkeypatch.setattr(window.notices, "explain", lambda title, text: told.append(text))
    jam(engine, "Plum")
    card = card_of(window).backups
    card.make.click()
    assert not card.make.isEnabled()
    qtbot.waitUntil(lambda: card.table.topLevelItemCount() == 1 and card.make.isEnabled(), timeout=20_000)
    jam(engine, "Quince")
    card.restore.click()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "Here now: chats: 2, messages: 2" in asked[0]
    assert "In the backup: chats: 1, messages: 1" in asked[0]
    assert buttons == ["Restore this backup", "Leave everything as it is"]
    assert "Before: chats: 2" in told[0]
    assert "Now: chats: 1" in told[0]
    assert [chat.title for chat in engine.chats.all()] == ["Plum"]
    assert [backup.kind for backup in engine.backups.all()] == [BackupKind.RESTORE, BackupKind.ASKED]
    assert card.table.topLevelItemCount() == 2


def test_a_restore_that_is_not_meant_changes_nothing(
    window: Window, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.notices, "ask", lambda *_, **__: False)
    jam(engine, "Plum")
    finish(engine.backups.make(Cancel()))
    jam(engine, "Quince")
    card_of(window).backups.restore.click()
    assert len(engine.chats.all()) == 2


def test_the_end_of_everything_wants_a_word_typed(qtbot: QtBot) -> None:
    question = TypedQuestion("Erase everything?", "It goes.", word="erase", yes="Erase", option="Backups too")
    qtbot.addWidget(question)
    for text, open_ in (("", False), ("eras", False), (" Erase ", True), ("erased", False)):
        question.box.setText(text)
        assert question.yes.isEnabled() is open_


def test_the_window_goes_before_everything_is_erased_and_writes_nothing_after(
    engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    jam(engine, "Plum")
    finish(engine.backups.make(Cancel()))
    places, said = engine.places, []

    def closed_at_once(dialog: PartingDialog) -> int:
        qtbot.waitUntil(dialog.done_button.isEnabled, timeout=20_000)
        said.append(dialog.words.text())
        dialog.accept()
        return 1

    monkeypatch.setattr(PartingDialog, "exec", closed_at_once)
    window = Window(engine, Jobs(), Remembered(places.data))
    window.show()
    window.part(Parting("Erasing…", lambda cancel: erase_everything(places, True, cancel), erased_text))
    window.close()
    window.deleteLater()
    assert "The keys and" in said[0]
    assert not places.data.exists()
    assert not places.backups.exists()


def test_what_went_wrong_is_told_in_the_end(qtbot: QtBot, jobs: Jobs, tmp_path: Path) -> None:
    nowhere = Places(tmp_path / "nowhere")
    dialog = PartingDialog(Parting("Erasing…", lambda cancel: erase_everything(nowhere, True, cancel), str), jobs)
    qtbot.addWidget(dialog)
    dialog.reject()
    qtbot.waitUntil(dialog.done_button.isEnabled, timeout=20_000)
    assert "nowhere" in dialog.words.text()


def test_what_is_left_is_named() -> None:
    text = erased_text(Erased(files=3, size_bytes=1, left=(Path("/data/holiday.txt"),), backups=2))
    assert "holiday.txt" in text
    assert "2 backups" in text


# --- the lasting strip ---------------------------------------------------------------------------


def test_a_full_disk_stands_above_the_pages_until_there_is_room(window: Window, engine: Engine, jobs: Jobs) -> None:
    assert not window.lasting.isVisibleTo(window)
    engine.reserve.take()
    engine.reserve.give_up()
    jobs.changed.emit("chats")
    assert window.lasting.isVisibleTo(window)
    assert "disk is full" in window.lasting.label.text()
    engine.reserve.take()
    jobs.changed.emit("chats")
    assert not window.lasting.isVisibleTo(window)


def test_a_newer_hanares_data_are_said_to_be_for_reading_only(engine: Engine, qtbot: QtBot, jobs: Jobs) -> None:
    places, key = engine.places, engine.keys.secret
    engine.close()
    with closing(connected(places.store, key)) as db:
        db.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 1}")
    with Engine.open(places) as newer:
        window = Window(newer, jobs, Remembered(places.data))
        window.show()
        assert "newer Hanare" in window.lasting.label.text()
        assert window.lasting.isVisibleTo(window)
        jobs.shut_down()
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents()


def test_upkeep_runs_by_itself_and_makes_the_backup_of_the_day(
    window: Window, engine: Engine, jobs: Jobs, qtbot: QtBot
) -> None:
    jam(engine, "Plum")
    upkeep = Upkeep(engine, jobs, window.notices, Banner(parent=window), window)
    upkeep.run()
    qtbot.waitUntil(lambda: len(engine.backups.all()) == 1, timeout=20_000)
    assert engine.places.reserve.exists()
