"""Backups: whole, encrypted, opened when made, kept outside the folder, brought back all or nothing."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import Cancelled, FileNotReadable, NotFound, StoreUnreadable
from engine.keeping.rotation import superfluous
from engine.kept import Backup, BackupKind, StoreCounts
from engine.network import Connection
from engine.types import Model, Role
from tests.fakes.plain_user import plain_user

MARKER = "Quittenmarmelade"
Jam = Callable[..., int]


@pytest.fixture
def jam(engine: Engine) -> Jam:
    """Makes a chat with one message; returns its id."""

    def make(title: str = "Jam", text: str = f"{MARKER} please") -> int:
        chat = engine.chats.new()
        engine.chats.rename(chat.id, title)
        engine._store.chats.add_message(chat.id, None, Role.USER, text)
        return chat.id

    return make


def titles(engine: Engine) -> list[str]:
    return sorted(chat.title for chat in engine.chats.all())


def test_a_backup_lies_beside_the_data_folder_and_counts_what_it_holds(engine: Engine, jam: Jam) -> None:
    jam()
    backup = finish(engine.backups.make(Cancel()))
    assert engine.places.data not in backup.path.parents
    assert backup.path.parent == engine.places.data.with_name("data-backups")
    assert backup.kind is BackupKind.ASKED
    assert (backup.counts.chats, backup.counts.messages) == (1, 1)
    assert engine.backups.all() == (backup,)


def test_a_backup_is_a_folder_that_opens_by_itself(engine: Engine, jam: Jam, tmp_path: Path) -> None:
    jam("Plum")
    backup = finish(engine.backups.make(Cancel()))
    copy = tmp_path / "elsewhere"
    shutil.copytree(backup.path, copy)
    with Engine.open(Places(copy)) as other:
        assert titles(other) == ["Plum"]


def test_no_text_can_be_read_in_a_backup(engine: Engine, jam: Jam) -> None:
    jam(MARKER)
    backup = finish(engine.backups.make(Cancel()))
    files = [path for path in backup.path.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"hanare.db", "about.json", "keys.json"}
    assert MARKER.encode() not in b"".join(path.read_bytes() for path in files)
    if os.name == "posix":
        assert {path.stat().st_mode & 0o077 for path in files} == {0}


def test_restoring_brings_back_what_was_and_keeps_what_is_aside(engine: Engine, jam: Jam) -> None:
    jam("Plum")
    backup = finish(engine.backups.make(Cancel()))
    jam("Quince")
    engine.change_settings(theme="dark")

    restored = finish(engine.restore(backup.name, Cancel()))

    assert (restored.before.chats, restored.after.chats) == (2, 1)
    assert titles(engine) == ["Plum"]
    assert engine.settings.theme == "system"
    assert restored.aside is not None
    finish(engine.restore(restored.aside.name, Cancel()))
    assert titles(engine) == ["Plum", "Quince"]
    assert engine.settings.theme == "dark"


def test_what_is_restored_is_there_at_the_next_start(engine: Engine, jam: Jam) -> None:
    jam("Plum")
    backup = finish(engine.backups.make(Cancel()))
    jam("Quince")
    finish(engine.restore(backup.name, Cancel()))
    engine.close()
    with Engine.open(engine.places) as again:
        assert titles(again) == ["Plum"]


def test_what_was_connected_stays_told_whatever_is_restored(engine: Engine, jam: Jam) -> None:
    jam("Plum")
    lines = [Connection(process="fetcher", host=host, port=443, began_at=host) for host in ("a", "b")]
    engine._store.connections.add(lines[0])
    backup = finish(engine.backups.make(Cancel()))
    engine._store.connections.add(lines[1])
    finish(engine.restore(backup.name, Cancel()))
    assert [line.host for line in engine._store.connections.all()] == ["b", "a"]


def test_a_backup_of_another_folder_is_restored_with_its_own_key(engine: Engine, jam: Jam, tmp_path: Path) -> None:
    jam("Plum")
    backup = finish(engine.backups.make(Cancel()))
    with Engine.open(Places(tmp_path / "other")) as other:
        restored = finish(other.restore(str(backup.path), Cancel()))
        assert titles(other) == ["Plum"]
        assert restored.aside is None
    with Engine.open(Places(tmp_path / "other")) as again:
        assert titles(again) == ["Plum"]


def test_a_damaged_backup_is_refused_and_nothing_is_changed(engine: Engine, jam: Jam) -> None:
    jam("Plum")
    backup = finish(engine.backups.make(Cancel()))
    jam("Quince")
    raw = bytearray((backup.path / "hanare.db").read_bytes())
    raw[len(raw) // 2] ^= 1
    (backup.path / "hanare.db").write_bytes(raw)
    with pytest.raises(StoreUnreadable):
        finish(engine.restore(backup.name, Cancel()))
    assert titles(engine) == ["Plum", "Quince"]
    assert engine.backups.all() == (backup,)


def test_a_stopped_backup_leaves_nothing(engine: Engine, jam: Jam) -> None:
    jam()
    cancel = Cancel()
    operation = engine.backups.make(cancel)
    next(operation)
    cancel.press()
    with pytest.raises(Cancelled):
        finish(operation)
    assert list(engine.places.backups.iterdir()) == []


def test_a_backup_that_was_cut_off_is_none_and_is_cleared_away(engine: Engine, jam: Jam) -> None:
    jam()
    backup = finish(engine.backups.make(Cancel()))
    left = backup.path.with_name(".part-2026")
    shutil.copytree(backup.path, left)
    assert engine.backups.all() == (backup,)
    finish(engine.backups.make(Cancel()))
    assert not left.exists()


def test_what_is_no_backup_is_passed_over(engine: Engine, jam: Jam) -> None:
    jam()
    backup = finish(engine.backups.make(Cancel()))
    (engine.places.backups / "holiday").mkdir()
    (engine.places.backups / "note.txt").write_text("mine")
    odd = engine.places.backups / "odd"
    odd.mkdir()
    (odd / "about.json").write_text(json.dumps({"format": 1, "counts": []}))
    assert engine.backups.all() == (backup,)
    with pytest.raises(NotFound):
        engine.backups.get("odd")


@pytest.mark.skipif(os.name != "posix", reason="permissions work differently there")
def test_a_place_that_takes_no_backup_is_told(engine: Engine, jam: Jam, tmp_path: Path) -> None:
    jam()
    tmp_path.chmod(0o500)
    try:
        with plain_user(), pytest.raises(FileNotReadable, match="data-backups"):
            finish(engine.backups.make(Cancel()))
    finally:
        tmp_path.chmod(0o700)


def test_one_backup_is_made_a_day_and_none_of_an_empty_store(engine: Engine, jam: Jam) -> None:
    finish(engine.upkeep(Cancel()))
    assert engine.backups.all() == ()
    jam()
    finish(engine.upkeep(Cancel()))
    finish(engine.upkeep(Cancel()))
    assert [backup.kind for backup in engine.backups.all()] == [BackupKind.REGULAR]


def test_an_answer_that_was_being_written_stays_out_of_what_was_restored(
    engine: Engine, add_model: Callable[..., Model]
) -> None:
    model = add_model()
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, "one two", Cancel(), model.id))
    backup = finish(engine.backups.make(Cancel()))
    before = engine.chats.messages(chat.id)
    writing = engine.chats.send(chat.id, "!slow", Cancel(), model.id)
    for _ in range(6):
        next(writing)
    finish(engine.restore(backup.name, Cancel()))
    with pytest.raises(NotFound):
        finish(writing)
    assert engine.chats.messages(chat.id) == before


# --- which ones stay -------------------------------------------------------------------------


def backup_of(kind: BackupKind, made_at: datetime) -> Backup:
    return Backup(
        name=f"{made_at.isoformat()} {kind}", path=Path("/nowhere"), kind=kind, made_at=made_at.isoformat(),
        size_bytes=1, counts=StoreCounts(),
    )  # fmt: skip


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_seven_days_and_four_weeks_of_regular_backups_stay() -> None:
    backups = [backup_of(BackupKind.REGULAR, NOW - timedelta(days=ago)) for ago in range(60)]
    left = set(backups) - set(superfluous(backups, NOW))
    days = sorted((NOW - datetime.fromisoformat(each.made_at)).days for each in left)
    assert days[:7] == [0, 1, 2, 3, 4, 5, 6]
    weeks = {datetime.fromisoformat(each.made_at).isocalendar()[1] for each in left}
    assert weeks == {48, 47, 46, 45}
    assert len(left) == 7 + 2  # the newest of the first two weeks are among the seven days


def test_the_regular_backups_of_one_who_comes_seldom_stay_as_well() -> None:
    backups = [backup_of(BackupKind.REGULAR, NOW - timedelta(days=100 * ago)) for ago in range(5)]
    assert superfluous(backups, NOW) == ()


def test_what_was_asked_for_stays_and_what_was_made_before_a_change_stays_thirty_days() -> None:
    old, new = NOW - timedelta(days=400), NOW - timedelta(days=29)
    asked = backup_of(BackupKind.ASKED, old)
    updates = [backup_of(BackupKind.UPDATE, moment) for moment in (old, new)]
    alone = backup_of(BackupKind.RESTORE, old)
    assert superfluous([asked, *updates, alone], NOW) == (updates[0],)
