"""A damaged store is kept, and its chats come back: from a backup, and from what can still be read of it."""

from pathlib import Path

import pytest

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, Places, finish, mended
from engine.errors import NotFound, StoreUnreadable
from engine.types import Role


def chat_of(engine: Engine, title: str) -> None:
    chat = engine.chats.new()
    engine.chats.rename(chat.id, title)
    for number in range(30):
        engine._store.chats.add_message(chat.id, None, Role.USER, f"{title} {number} " + "plum " * 300)


def damage(path: Path, first: float, last: float) -> None:
    """Spoil a stretch of the file, given as parts of its length."""
    raw = bytearray(path.read_bytes())
    for at in range(int(len(raw) * first), int(len(raw) * last), 256):
        raw[at] ^= 0xFF
    path.write_bytes(raw)


@pytest.fixture
def filled(places: Places) -> Places:
    """A closed folder with a backup of one chat, and another chat that came later."""
    with Engine.open(places) as engine:
        chat_of(engine, "Plum")
        finish(engine.backups.make(Cancel()))
        chat_of(engine, "Quince")
    return places


def test_the_whole_file_spoiled_the_backup_comes_back_and_the_file_is_kept(filled: Places) -> None:
    damage(filled.store, 0.0, 1.0)
    spoiled = filled.store.read_bytes()
    with pytest.raises(StoreUnreadable):
        Engine.open(filled)

    done = finish(mended(filled, "newest", Cancel()))

    assert (done.after.chats, done.after.messages, done.salvaged) == (1, 30, 0)
    assert (done.damaged / "hanare.db").read_bytes() == spoiled
    with Engine.open(filled) as engine:
        assert [chat.title for chat in engine.chats.all()] == ["Plum"]


def test_what_came_after_the_backup_is_read_out_of_the_damaged_file(filled: Places) -> None:
    damage(filled.store, 0.93, 1.0)

    done = finish(mended(filled, "newest", Cancel()))

    assert done.after.chats == 2
    assert 0 < done.salvaged <= 31
    assert done.after.messages + done.unreadable >= 60 - 3
    with Engine.open(filled) as engine:
        assert sorted(chat.title for chat in engine.chats.all()) == ["Plum", "Quince"]
        for chat in engine.chats.all():
            assert engine.chats.messages(chat.id)
        assert engine._store._vault.rows("PRAGMA integrity_check")[0]["integrity_check"] == "ok"


def test_without_a_backup_nothing_is_touched(places: Places) -> None:
    Engine.open(places).close()
    damage(places.store, 0.0, 1.0)
    before = places.store.read_bytes()
    with pytest.raises(NotFound):
        finish(mended(places, "newest", Cancel()))
    assert places.store.read_bytes() == before
    assert not places.damaged.exists()


def test_the_command_that_restores_mends_a_damaged_store(filled: Places, capsys: pytest.CaptureFixture[str]) -> None:
    damage(filled.store, 0.0, 1.0)
    assert main(["chat", "hello", "--data", str(filled.data)]) == 1
    assert "hanare backup restore newest" in capsys.readouterr().err
    assert main(["backup", "restore", "newest", "--data", str(filled.data)]) == 0
    out = capsys.readouterr().out
    assert "1 chat, 30 messages" in out
    assert str(filled.damaged) in out
