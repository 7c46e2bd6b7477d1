"""A backup with a key of its own, made on another computer or before everything was erased, opens to who has its words.

The folder it is brought to has another key, and other words.
"""

from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, erase_everything, finish, mended
from engine.errors import Locked, PassphraseWrong, RecoveryCodeWrong, StoreUnreadable
from engine.kept import Backup
from engine.ways import Unlock, WayIn
from tests.fakes.keychains import Finder, InMemory

THEIRS, OURS = "seven quiet geese", "four loud herons"


def with_passphrase(text: str) -> Unlock:
    return Unlock(way=WayIn.PASSPHRASE, text=text)


def titles(engine: Engine) -> list[str]:
    return [chat.title for chat in engine.chats.all()]


@pytest.fixture
def code() -> str:
    """The recovery code of the other computer."""
    from engine.privacy.keys import Keys

    return Keys.new_recovery_code()


@pytest.fixture
def backup(tmp_path: Path, code: str) -> Backup:
    """A backup that came from another computer, whose keychain stayed there."""
    with Engine.open(Places(tmp_path / "there"), find=Finder(ring=InMemory())) as there:
        finish(there.keys.set_passphrase(THEIRS, Cancel()))
        there.keys.keep_recovery_code(code)
        there.chats.rename(there.chats.new().id, "Plum")
        return finish(there.backups.make(Cancel()))


@pytest.fixture
def here(places: Places, engine: Engine) -> Engine:
    """An open folder with a chat and a passphrase of its own."""
    finish(engine.keys.set_passphrase(OURS, Cancel()))
    engine.chats.rename(engine.chats.new().id, "Quince")
    return engine


def test_it_says_what_it_opens_with_and_everything_stays_as_it_is(here: Engine, backup: Backup) -> None:
    kept = {path: path.read_bytes() for path in backup.path.iterdir()}
    with pytest.raises(Locked) as locked:
        finish(here.restore(str(backup.path), Cancel()))
    assert {WayIn.PASSPHRASE, WayIn.RECOVERY} <= set(locked.value.ways)
    assert locked.value.store == str(backup.path / "hanare.db")
    assert titles(here) == ["Quince"]
    assert here.backups.all() == ()
    assert {path: path.read_bytes() for path in backup.path.iterdir()} == kept


def test_its_passphrase_brings_it_back_and_that_of_here_goes_on_opening_what_is_here(
    here: Engine, backup: Backup
) -> None:
    restored = finish(here.restore(str(backup.path), Cancel(), unlock=with_passphrase(THEIRS)))
    assert (restored.before.chats, restored.after.chats) == (1, 1)
    assert restored.aside is not None
    assert titles(here) == ["Plum"]
    here.close()
    with Engine.open(here.places, unlock=with_passphrase(OURS)) as again:
        assert titles(again) == ["Plum"]


def test_its_recovery_code_brings_it_back(here: Engine, backup: Backup, code: str) -> None:
    finish(here.restore(str(backup.path), Cancel(), unlock=Unlock(way=WayIn.RECOVERY, text=code)))
    assert titles(here) == ["Plum"]


def test_a_wrong_answer_is_told_and_changes_nothing(here: Engine, backup: Backup) -> None:
    for unlock, error in (
        (with_passphrase(OURS), PassphraseWrong),
        (Unlock(way=WayIn.RECOVERY, text=here.keys.new_recovery_code()), RecoveryCodeWrong),
    ):
        with pytest.raises(error) as raised:
            finish(here.restore(str(backup.path), Cancel(), unlock=unlock))
        assert raised.value.store == str(backup.path / "hanare.db")  # type: ignore[attr-defined]
    assert titles(here) == ["Quince"]
    assert here.backups.all() == ()


def test_downloads_go_on_while_it_asks(here: Engine, backup: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[bool] = []
    monkeypatch.setattr(here.downloads, "stop", lambda: stopped.append(True))
    with pytest.raises(Locked):
        finish(here.restore(str(backup.path), Cancel()))
    assert not stopped
    finish(here.restore(str(backup.path), Cancel(), unlock=with_passphrase(THEIRS)))
    assert stopped


def test_no_keychain_of_this_computer_becomes_a_way_to_it(places: Places, backup: Backup) -> None:
    ring = InMemory()
    with Engine.open(places, find=Finder(ring=ring)) as here:
        kept = dict(ring.kept)
        with pytest.raises(Locked) as locked:
            finish(here.restore(str(backup.path), Cancel()))
        assert locked.value.keychain_gone  # one of the same kind is here, and knows nothing of it
        unlock = Unlock(way=WayIn.PASSPHRASE, text=THEIRS, renew_keychain=True)
        finish(here.restore(str(backup.path), Cancel(), unlock=unlock))
        assert ring.kept == kept


def test_the_keychain_that_keeps_its_key_is_asked_as_at_the_start(places: Places, tmp_path: Path) -> None:
    """By what the folder was opened with, which behind the walls is a process of its own."""
    find = Finder(ring=InMemory())
    with Engine.open(Places(tmp_path / "there"), find=find) as there:
        there.chats.rename(there.chats.new().id, "Plum")
        backup = finish(there.backups.make(Cancel()))
    with Engine.open(places, find=find) as here:
        finish(here.restore(str(backup.path), Cancel()))
        assert titles(here) == ["Plum"]


def test_after_everything_was_erased_its_backups_open_with_the_former_words(here: Engine) -> None:
    backup = finish(here.backups.make(Cancel()))
    here.close()
    finish(erase_everything(here.places, False, Cancel()))
    with Engine.open(here.places) as anew:
        with pytest.raises(Locked):
            finish(anew.restore(backup.name, Cancel()))
        finish(anew.restore(backup.name, Cancel(), unlock=with_passphrase(OURS)))
        assert titles(anew) == ["Quince"]


def test_nobody_is_asked_for_one_of_here_that_is_damaged(here: Engine) -> None:
    backup = finish(here.backups.make(Cancel()))
    raw = bytearray((backup.path / "hanare.db").read_bytes())
    raw[len(raw) // 2] ^= 1
    (backup.path / "hanare.db").write_bytes(raw)
    with pytest.raises(StoreUnreadable):
        finish(here.restore(backup.name, Cancel()))


def test_it_opens_with_the_second_copy_of_its_keys(here: Engine, backup: Backup) -> None:
    (backup.path / "keys.json").unlink()
    finish(here.restore(str(backup.path), Cancel(), unlock=with_passphrase(THEIRS)))
    assert titles(here) == ["Plum"]


def test_a_damaged_folder_is_mended_with_it_each_opened_with_its_own_words(here: Engine, backup: Backup) -> None:
    here.close()
    here.places.store.write_bytes(bytes(here.places.store.stat().st_size))
    ours, at = with_passphrase(OURS), str(backup.path)
    with pytest.raises(Locked) as locked:
        finish(mended(here.places, at, Cancel()))
    assert locked.value.store == str(here.places.store)
    with pytest.raises(Locked) as locked:
        finish(mended(here.places, at, Cancel(), unlock=ours))
    assert locked.value.store == str(backup.path / "hanare.db")
    assert not here.places.damaged.exists()
    finish(mended(here.places, at, Cancel(), unlock=ours, backup_unlock=with_passphrase(THEIRS)))
    with Engine.open(here.places, unlock=ours) as again:
        assert titles(again) == ["Plum"]
