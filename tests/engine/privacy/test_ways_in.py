"""Passphrase and recovery code: what opens the store, what does not, and what a change leaves behind."""

import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import (
    AlreadyRunning,
    Cancelled,
    Locked,
    LockNotPossible,
    PassphraseTooWeak,
    PassphraseWrong,
    RecoveryCodeWrong,
)
from engine.places import Places
from engine.privacy import wrapping
from engine.privacy.keys import Keys, open_key
from engine.ways import Unlock, WayIn
from tests.fakes.keychains import Finder, InMemory

PASSPHRASE = "five small words and 離れ"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases cost little here; one test uses the real cost."""
    monkeypatch.setattr(wrapping.under_passphrase, "__defaults__", (wrapping.Stretching(64, 1, 1),))


def with_passphrase(text: str) -> Unlock:
    return Unlock(way=WayIn.PASSPHRASE, text=text)


def with_code(text: str) -> Unlock:
    return Unlock(way=WayIn.RECOVERY, text=text)


def protected(places: Places, find: Finder) -> tuple[Keys, str]:
    """A key with a passphrase and a recovery code, and the code."""
    keys = open_key(places, find)
    code = keys.new_recovery_code()
    keys.keep_recovery_code(code)
    finish(keys.set_passphrase(PASSPHRASE, Cancel()))
    return keys, code


def test_a_passphrase_takes_the_key_out_of_the_file(places: Places) -> None:
    keys, _ = protected(places, Finder())
    for path in (places.keys, places.keys_copy):
        assert keys.secret.hex() not in path.read_text()
    assert keys.ways.kept_in == "passphrase"
    with pytest.raises(Locked, match="opens with a passphrase") as locked:
        open_key(places, Finder())
    assert locked.value.ways == (WayIn.PASSPHRASE, WayIn.RECOVERY)


def test_passphrase_and_code_open_it_and_nothing_else_does(places: Places) -> None:
    keys, code = protected(places, Finder())
    assert open_key(places, Finder(), with_passphrase(PASSPHRASE)).secret == keys.secret
    assert open_key(places, Finder(), with_code(code.lower().replace("-", " "))).secret == keys.secret
    before = places.keys.read_bytes()
    with pytest.raises(PassphraseWrong):
        open_key(places, Finder(), with_passphrase(PASSPHRASE + "."))
    with pytest.raises(RecoveryCodeWrong, match="another store"):
        open_key(places, Finder(), with_code(keys.new_recovery_code()))
    with pytest.raises(RecoveryCodeWrong, match="mistyped"):
        open_key(places, Finder(), with_code(code[:-1] + ("0" if code[-1] != "0" else "1")))
    assert places.keys.read_bytes() == before


def test_a_passphrase_costs_sixty_four_mebibytes_and_three_passes(places: Places) -> None:
    assert wrapping.Stretching(memory_kib=65536, passes=3, lanes=4) == wrapping.TODAY
    wrap = wrapping.under_passphrase(b"secret", PASSPHRASE, "passphrase", wrapping.TODAY)
    assert (wrap["memory_kib"], wrap["passes"], wrap["lanes"]) == (65536, 3, 4)
    assert wrapping.with_passphrase(wrap, PASSPHRASE, "passphrase") == b"secret"


def test_a_file_cannot_ask_for_all_the_memory_there_is() -> None:
    wrap = wrapping.under_passphrase(b"secret", PASSPHRASE, "passphrase")
    with pytest.raises(wrapping.NotOpened):
        wrapping.with_passphrase(wrap | {"memory_kib": 2**40}, PASSPHRASE, "passphrase")


def test_a_wrap_opens_only_as_the_way_it_was_made_for() -> None:
    wrap = wrapping.under_key(b"secret", bytes(32), "keychain")
    with pytest.raises(wrapping.NotOpened):
        wrapping.with_key(wrap, bytes(32), "recovery")


def test_it_does_not_matter_how_the_keyboard_composes_letters(places: Places) -> None:
    keys = open_key(places, Finder())
    finish(keys.set_passphrase("caf\u00e9 au lait ｶﾀｶﾅ", Cancel()))
    assert open_key(places, Finder(), with_passphrase("cafe\u0301 au lait カタカナ")).secret == keys.secret


@pytest.mark.parametrize("weak", ["", "short", "        ", "x" * 1025])
def test_a_passphrase_that_keeps_nobody_out_is_refused_without_repeating_it(places: Places, weak: str) -> None:
    keys = open_key(places, Finder())
    with pytest.raises(PassphraseTooWeak) as refused:
        finish(keys.set_passphrase(weak, Cancel()))
    assert not weak.strip() or weak not in str(refused.value)
    assert keys.ways.ways == (WayIn.FILE,)


def test_a_change_that_is_stopped_changes_nothing(places: Places) -> None:
    keys, cancel = open_key(places, Finder()), Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        finish(keys.set_passphrase(PASSPHRASE, cancel))
    assert keys.ways.ways == (WayIn.FILE,)


def test_a_new_passphrase_takes_the_place_of_the_former_one(places: Places) -> None:
    keys, _ = protected(places, Finder())
    finish(keys.set_passphrase("another passphrase", Cancel()))
    with pytest.raises(PassphraseWrong):
        open_key(places, Finder(), with_passphrase(PASSPHRASE))
    assert open_key(places, Finder(), with_passphrase("another passphrase")).secret == keys.secret


def test_a_new_code_counts_only_once_it_is_kept_and_takes_the_place_of_the_former_one(places: Places) -> None:
    keys, code = protected(places, Finder())
    newer = keys.new_recovery_code()
    assert open_key(places, Finder(), with_code(code)).secret == keys.secret
    keys.keep_recovery_code(newer)
    assert open_key(places, Finder(), with_code(newer)).secret == keys.secret
    with pytest.raises(RecoveryCodeWrong):
        open_key(places, Finder(), with_code(code))


def test_without_its_passphrase_the_key_comes_by_itself_again(places: Places) -> None:
    keys, code = protected(places, Finder())
    keys.remove_passphrase()
    assert keys.ways.ways == (WayIn.FILE, WayIn.RECOVERY)
    assert open_key(places, Finder()).secret == keys.secret
    assert open_key(places, Finder(), with_code(code)).secret == keys.secret


def test_beside_a_keychain_the_passphrase_is_a_second_way_in(places: Places) -> None:
    backend = InMemory()
    keys, _ = protected(places, Finder(ring=backend))
    assert keys.ways.ways == (WayIn.KEYCHAIN, WayIn.PASSPHRASE, WayIn.RECOVERY)
    assert open_key(places, Finder(ring=backend)).ways.opened_by is WayIn.KEYCHAIN
    keys.remove_passphrase()
    assert keys.ways.ways == (WayIn.KEYCHAIN, WayIn.RECOVERY)


def test_changing_a_way_asks_no_keychain(places: Places) -> None:
    find = Finder(ring=InMemory())
    keys = open_key(places, find)
    asked = find.asked
    keys.keep_recovery_code(keys.new_recovery_code())
    finish(keys.set_passphrase(PASSPHRASE, Cancel()))
    keys.remove_passphrase()
    assert find.asked == asked
    finish(keys.set_passphrase(PASSPHRASE, Cancel()))
    open_key(places, find, with_passphrase(PASSPHRASE))
    assert find.asked == asked


def test_a_keychain_that_lost_its_entry_is_given_a_new_one_when_asked(places: Places) -> None:
    backend = InMemory()
    keys, code = protected(places, Finder(ring=backend))
    backend.kept.clear()
    with pytest.raises(Locked, match="no entry") as locked:
        open_key(places, Finder(ring=backend))
    assert locked.value.keychain_gone
    assert locked.value.ways == (WayIn.KEYCHAIN, WayIn.PASSPHRASE, WayIn.RECOVERY)
    offered = Unlock(way=WayIn.RECOVERY, text=code, renew_keychain=True)
    assert open_key(places, Finder(ring=backend), offered).secret == keys.secret
    assert open_key(places, Finder(ring=backend)).ways.opened_by is WayIn.KEYCHAIN


def test_a_desktop_with_another_keychain_gets_an_entry_and_the_former_one_keeps_its_own(places: Places) -> None:
    wallet, ring = InMemory(), InMemory()
    keys, _ = protected(places, Finder(wallet=wallet))
    offered = Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE, renew_keychain=True)
    assert open_key(places, Finder(ring=ring), offered).secret == keys.secret
    assert open_key(places, Finder(ring=ring)).secret == keys.secret
    assert open_key(places, Finder(wallet=wallet)).secret == keys.secret


def test_what_is_offered_is_in_no_text_of_it() -> None:
    assert "sesame" not in repr(Unlock(way=WayIn.PASSPHRASE, text="sesame"))


# --- the engine -------------------------------------------------------------------------------


def test_a_locked_folder_stays_held_and_opens_again_with_what_was_in_it(places: Places) -> None:
    engine = Engine.open(places)
    chat = engine.chats.new()
    finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    sealed = engine.keys.conceal("離れ, half written")
    held = engine.lock()
    assert not hasattr(engine, "keys")
    with pytest.raises(AlreadyRunning):
        Engine.open(places)
    with pytest.raises(PassphraseWrong):
        finish(Engine.unlocking(places, with_passphrase("something else"), Cancel(), held=held))
    with pytest.raises(AlreadyRunning):  # a wrong passphrase lets nobody else in
        Engine.open(places)
    again = finish(Engine.unlocking(places, with_passphrase(PASSPHRASE), Cancel(), held=held))
    assert again.keys.reveal(sealed) == "離れ, half written"
    assert again.chats.get(chat.id) == chat
    again.close()
    finish(Engine.unlocking(places, with_passphrase(PASSPHRASE), Cancel())).close()  # the folder was let go


def test_a_store_whose_key_lies_in_a_file_cannot_be_locked_and_stays_open(engine: Engine) -> None:
    with pytest.raises(LockNotPossible):
        engine.lock()
    engine.chats.new()


def test_unlocking_that_is_stopped_leaves_nothing_open(places: Places) -> None:
    with Engine.open(places) as engine:
        finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        finish(Engine.unlocking(places, with_passphrase(PASSPHRASE), cancel))
    finish(Engine.unlocking(places, with_passphrase(PASSPHRASE), Cancel())).close()
