"""Older stores are brought up to date all or nothing, after a backup; newer ones are opened for reading only."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DiskFull, FileNotReadable, StoreTooNew, StoreUnreadable
from engine.kept import BackupKind
from engine.store import Store, migrations
from engine.store.vault import connected
from engine.store.vectors import Vector
from engine.types import Role
from tests.examples.make_store import KEY, fill

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "stores"


@pytest.fixture
def old(places: Places) -> Places:
    """A data folder with the oldest store there is an example of."""
    shutil.copy(EXAMPLES / "step-005.db", places.store)
    way = {"way": "file", "key": KEY.hex()}
    places.keys.write_text(json.dumps({"format": 1, "ways": [way]}), encoding="utf-8")
    return places


def step_of(path: Path) -> int:
    with closing(connected(path, KEY)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_store_is_backed_up_before_it_is_changed(old: Places) -> None:
    with Engine.open(old) as engine:
        (backup,) = engine.backups.all()
        assert backup.kind is BackupKind.UPDATE
        assert backup.counts.step == 5
        assert backup.counts.chats == len(engine.chats.all()) + len(engine.chats.trash())
    assert step_of(old.store) == len(migrations.STEPS)


def test_a_store_that_cannot_be_backed_up_is_not_changed(old: Places) -> None:
    old.backups.write_text("in the way")
    with pytest.raises(FileNotReadable):
        Engine.open(old)
    assert step_of(old.store) == 5


def test_a_store_of_today_is_not_backed_up_at_a_start(places: Places) -> None:
    for _ in range(2):
        Engine.open(places).close()
    assert not places.backups.exists()


def test_a_step_that_fails_leaves_the_old_shape(old: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(db: object) -> None:
        raise DiskFull(where="here")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, fails))
    with pytest.raises(DiskFull):
        Store(old.store, KEY)
    assert step_of(old.store) == 5


def test_a_step_that_would_lose_a_row_is_taken_back(old: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def loses(db: "migrations.Connection") -> None:
        db.execute("DELETE FROM message WHERE id = 1")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, loses))
    with pytest.raises(StoreUnreadable, match="lost"):
        Store(old.store, KEY)
    assert step_of(old.store) == 5
    monkeypatch.undo()
    store = Store(old.store, KEY)
    assert len(store.chats.messages(1)) == 2
    store.close()


# --- a newer Hanare's store -------------------------------------------------------------------


@pytest.fixture
def newer(places: Places) -> Places:
    """A data folder that a Hanare three steps ahead has written."""
    store = Store(places.store, KEY)
    fill(store)
    store.close()
    with closing(connected(places.store, KEY)) as db:
        db.execute("ALTER TABLE chat ADD COLUMN colour TEXT NOT NULL DEFAULT 'blue'")
        db.execute("CREATE TABLE melody (id INTEGER PRIMARY KEY)")
        db.execute(f"PRAGMA user_version = {len(migrations.STEPS) + 3}")
    way = {"way": "file", "key": KEY.hex()}
    places.keys.write_text(json.dumps({"format": 1, "ways": [way]}), encoding="utf-8")
    return places


def test_a_newer_store_is_read_and_searched_but_its_file_stays_as_it_is(newer: Places) -> None:
    before = newer.store.read_bytes()
    with Engine.open(newer) as engine:
        assert engine.newer is not None
        assert (engine.newer.found, engine.newer.known) == (len(migrations.STEPS) + 3, len(migrations.STEPS))
        chat = next(chat for chat in engine.chats.all() if chat.title == "Plum jam")
        assert [message.text for message in engine.chats.messages(chat.id)][-1] == "Stone the plums [1]."
        (hit,) = finish(engine.documents.search("plums", Cancel(), by="words"))
        assert hit.passage.path == Path("/home/ume/plums.pdf")
        assert engine.settings.theme == "dark"
        finish(engine.upkeep(Cancel()))
    assert newer.store.read_bytes() == before


def test_every_change_of_a_newer_store_is_refused_with_the_reason(newer: Places) -> None:
    with Engine.open(newer) as engine:
        chat = engine.chats.all()[0]
        (document,) = engine.documents.all()
        changes: list[Callable[[], object]] = [
            engine.chats.new,
            lambda: engine.chats.rename(chat.id, "Other"),
            lambda: engine.chats.delete(chat.id),
            lambda: engine.chats.purge(chat.id),
            lambda: finish(engine.chats.send(chat.id, "Hello", Cancel(), 1)),
            lambda: engine.change_settings(theme="light"),
            lambda: engine.documents.remove([document.id]),
            lambda: engine.documents.restore([document.id]),
            lambda: finish(engine.documents.erase([document.id], Cancel())),
            lambda: finish(engine.documents.add([EXAMPLES], Cancel())),
            lambda: engine._store.chats.add_message(chat.id, None, Role.USER, "Hello"),
            lambda: finish(engine.restore(finish(engine.backups.make(Cancel())).name, Cancel())),
        ]
        for change in changes:
            with pytest.raises(StoreTooNew):
                change()


def test_a_newer_store_whose_tables_are_others_is_refused_and_left_alone(newer: Places) -> None:
    with closing(connected(newer.store, KEY)) as db:
        db.execute("ALTER TABLE message RENAME COLUMN text TO words")
    before = newer.store.read_bytes()
    with pytest.raises(StoreTooNew):
        Engine.open(newer)
    assert newer.store.read_bytes() == before


def test_vectors_of_an_older_store_are_the_set_in_use_and_are_found(old: Places) -> None:
    with closing(connected(old.store, KEY)) as db:
        (passage,) = db.execute("SELECT id FROM passage").fetchone()
        db.execute("INSERT INTO vector_bits VALUES (?, 'plum 1', ?)", (passage, bytes(48)))
        db.execute("INSERT INTO vector_row VALUES (?, ?)", (passage, bytes(range(128)) * 3))
    store = Store(old.store, KEY)
    rows, in_use = store.documents.vectors, store.documents.embedders.in_use()
    assert in_use is not None
    assert (in_use.name, in_use.model_id, in_use.centre) == ("plum 1", 0, b"")
    assert list(rows.bits("plum 1")) == [(passage, bytes(48))]
    assert rows.numbers("plum 1", [passage]) == [(passage, bytes(range(128)) * 3)]
    assert store.documents.counts().embedded == 1
    assert rows.made_of("plum 1", sha256(b"").digest()) is None
    rows.keep("pear 2", {passage: Vector(bytes(8), bytes(64), sha256(b"").digest())})
    assert store.documents.counts().embedded == 1
    assert rows.numbers("plum 1", [passage]) == [(passage, bytes(range(128)) * 3)]
    store.documents.embedders.use("pear 2")
    store.documents.embedders.forget_others(lambda: None)
    assert list(rows.bits("plum 1")) == []
    assert list(rows.bits("pear 2")) == [(passage, bytes(8))]
    assert store.documents.embedders.get("plum 1") is None
    store.close()
