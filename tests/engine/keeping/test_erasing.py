"""Deleted is gone: out of the trash after 30 days, out of the word index, and everything at once when asked."""

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlcipher3.dbapi2 as sqlcipher

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, Places, erase_everything, finish
from engine.errors import AlreadyRunning, Cancelled, FileMissing, KeyMissing, NotFound
from engine.models.catalog import keep_sizes
from engine.runtime.states import Belonging, Stretch
from engine.types import Role
from tests.fakes.keychains import Finder, InMemory

MARKER = "Quittenmarmelade"


def chat_of(engine: Engine, text: str = MARKER) -> int:
    chat = engine.chats.new()
    engine._store.chats.add_message(chat.id, None, Role.USER, text)
    return chat.id


def decrypted(engine: Engine) -> bytes:
    """All that the store holds, without its cipher."""
    plain = engine.places.data.with_name("plain.db")
    plain.unlink(missing_ok=True)
    with closing(sqlcipher.connect(str(engine.places.store), isolation_level=None)) as db:
        db.execute(f"PRAGMA key = \"x'{engine.keys.secret.hex()}'\"")
        db.execute(f"ATTACH DATABASE '{plain}' AS plain KEY ''")
        db.execute("SELECT sqlcipher_export('plain')")
    return plain.read_bytes()


def put_back(engine: Engine, id_: int, days: int, table: str = "chat") -> None:
    """Let a chat or a document have been deleted some days ago."""
    moment = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
    with engine._store._vault.writing() as db:
        db.execute(f"UPDATE {table} SET deleted_at = ? WHERE id = ?", (moment, id_))


def test_the_trash_is_emptied_of_what_has_lain_in_it_for_thirty_days(engine: Engine) -> None:
    old, new, kept = (chat_of(engine, f"{MARKER} {number}") for number in range(3))
    for chat_id, days in ((old, 31), (new, 29)):
        engine.chats.delete(chat_id)
        put_back(engine, chat_id, days)

    assert finish(engine.upkeep(Cancel())) == 1

    assert [chat.id for chat in engine.chats.trash()] == [new]
    assert [chat.id for chat in engine.chats.all()] == [kept]
    with pytest.raises(NotFound):
        engine.chats.get(old)
    assert f"{MARKER} 0".encode() not in decrypted(engine)
    assert f"{MARKER} 1".encode() in decrypted(engine)


def test_the_backup_of_the_day_is_made_after_the_trash_was_emptied(engine: Engine) -> None:
    old = chat_of(engine)
    chat_of(engine)
    engine.chats.delete(old)
    put_back(engine, old, 31)
    finish(engine.upkeep(Cancel()))
    (backup,) = engine.backups.all()
    assert backup.counts.chats == 1


def state_of(engine: Engine, chat_id: int) -> Path:
    """Let something be kept of what a model has read of a chat."""
    of = Belonging(chat=chat_id, model=1, file="a.gguf", size_bytes=1, mtime_ns=1, sha256="", context_tokens=512)
    assert engine.states.keep(of, Stretch(tokens=(1, 2, 3), size_bytes=5), [b"state"])
    return engine.places.states / f"{chat_id}-1.state"


def test_what_models_have_read_of_a_chat_goes_with_it(engine: Engine) -> None:
    deleted, erased, trashed, kept = (chat_of(engine) for _ in range(4))
    files = [state_of(engine, chat_id) for chat_id in (deleted, erased, trashed, kept)]
    engine.chats.delete(deleted)
    put_back(engine, deleted, 31)
    engine.chats.delete(trashed)
    engine.chats.purge(erased)
    assert [path.exists() for path in files] == [True, False, True, True]
    finish(engine.upkeep(Cancel()))
    assert [path.exists() for path in files] == [False, False, True, True]
    (backup,) = engine.backups.all()
    assert not list(backup.path.rglob("*.state"))
    finish(engine.restore(backup.name, Cancel()))
    assert not any(path.exists() for path in files)


def test_without_room_nothing_is_kept_of_what_models_have_read(engine: Engine) -> None:
    file = state_of(engine, chat_of(engine))
    engine.change_settings(states_gib=0)
    assert not file.exists()
    assert engine.states.total().chats == 0


def test_chats_can_be_erased_at_once(engine: Engine) -> None:
    ids = [chat_of(engine) for _ in range(3)]
    for chat_id in ids:
        engine.chats.delete(chat_id)
    assert finish(engine.chats.erase([*ids[:2], 999], Cancel())) == 2
    assert [chat.id for chat in engine.chats.trash()] == [ids[2]]
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        finish(engine.chats.erase(ids, cancel))


def test_no_word_of_a_document_is_left_that_was_removed_thirty_days_ago(engine: Engine, tmp_path: Path) -> None:
    words = [f"{'abcdefghij'[number % 10]}{number}zebra" for number in range(200)]
    for number, word in enumerate(words):
        (tmp_path / f"{number}.txt").write_text(f"{word} and more of it")
    finish(engine.documents.add([tmp_path / f"{number}.txt" for number in range(200)], Cancel()))
    documents = engine.documents.all()
    engine.documents.remove([each.id for each in documents[::2]])
    for number, each in enumerate(documents[::2]):
        put_back(engine, each.id, 31 if number else 29, "document")
    assert finish(engine.upkeep(Cancel())) == 99

    (kept,) = engine.documents.trash()
    assert kept.id == documents[0].id
    engine.documents.restore([kept.id])
    documents = documents[1:]
    left = decrypted(engine)
    vocabulary = [row["term"] for row in engine._store._vault.rows("SELECT term FROM word_count")]
    gone = [word for each in documents[1::2] for word in [words[int(each.path.stem)]]]
    assert not [word for word in gone if word.encode() in left or word in vocabulary]
    for stays in (kept, documents[0]):
        (hit,) = finish(engine.documents.search(words[int(stays.path.stem)], Cancel(), by="words"))
        assert hit.passage.path == stays.path


# --- everything ------------------------------------------------------------------------------


@pytest.fixture
def filled(places: Places) -> Places:
    """A closed data folder with a chat and a backup."""
    with Engine.open(places) as engine:
        chat_of(engine)
        finish(engine.upkeep(Cancel()))
        finish(engine.backups.make(Cancel()))
        keep_sizes(places.sizes, {"someone/model": {"Q8_0": ("model.gguf", 5)}})
    return places


def test_everything_goes_the_backups_too_when_asked(filled: Places) -> None:
    erased = finish(erase_everything(filled, True, Cancel()))
    assert not filled.data.exists()
    assert not filled.backups.exists()
    assert erased.left == ()
    assert erased.files > 3


def test_backups_stay_unless_asked_and_can_still_be_restored(filled: Places, tmp_path: Path) -> None:
    erased = finish(erase_everything(filled, False, Cancel()))
    assert erased.backups == 2
    assert not filled.data.exists()
    with Engine.open(Places(tmp_path / "new")) as engine:
        finish(engine.restore(str(next(filled.backups.iterdir())), Cancel()))
        assert len(engine.chats.all()) == 1


def test_the_keys_go_first_so_that_a_copy_of_the_store_is_noise(filled: Places, tmp_path: Path) -> None:
    copy = Places(tmp_path / "copy")
    operation = erase_everything(filled, True, Cancel())
    next(operation)  # cut off as early as can be
    operation.close()
    shutil.copytree(filled.data, copy.data)
    assert copy.store.exists()
    with pytest.raises(KeyMissing):
        Engine.open(copy)


def test_the_keychain_forgets_its_half(places: Places) -> None:
    memory = InMemory()
    finder = Finder(chain=memory)
    Engine.open(places, find=finder).close()
    assert len(memory.kept) == 1
    finish(erase_everything(places, True, Cancel(), finder))
    assert memory.kept == {}


def test_what_is_not_ours_stays_and_is_named(filled: Places) -> None:
    mine = filled.data / "holiday.txt"
    mine.write_text("mine")
    erased = finish(erase_everything(filled, True, Cancel()))
    assert erased.left == (mine,)
    assert list(filled.data.iterdir()) == [mine]


def test_a_folder_that_is_open_is_not_erased(engine: Engine) -> None:
    with pytest.raises(AlreadyRunning):
        finish(erase_everything(engine.places, True, Cancel()))
    chat_of(engine)


def test_a_folder_that_is_not_there_is_not_erased(tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        finish(erase_everything(Places(tmp_path / "nowhere"), True, Cancel()))


def test_the_command_wants_to_be_told_that_it_is_meant(filled: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", "--data", str(filled.data)]) == 1
    assert filled.store.exists()
    assert main(["erase", "--data", str(filled.data), "--yes-erase-everything", "--backups-too", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["erased"]["left"] == []
    assert "may remain" in told["remains"]
    assert not filled.data.exists()
