"""Having every start ask: no keychain opens the store or a backup any more, until it is given the key again."""

from collections.abc import Callable

import pytest

from engine.cli.__main__ import main
from engine.engine import Cancel, Engine, finish
from engine.errors import AskNotPossible, KeychainRefused, Locked
from engine.places import Places
from engine.privacy import wrapping
from engine.privacy.keys import open_key
from engine.ways import Unlock, WayIn
from tests.fakes.keychains import Finder, InMemory

PASSPHRASE = "seven quiet geese"
TYPED = Unlock(way=WayIn.PASSPHRASE, text=PASSPHRASE)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases cost little here."""
    monkeypatch.setattr(wrapping.under_passphrase, "__defaults__", (wrapping.Stretching(64, 1, 1),))


@pytest.fixture
def ring() -> InMemory:
    """A keychain in memory."""
    return InMemory()


def code(engine: Engine) -> None:
    engine.keys.keep_recovery_code(engine.keys.new_recovery_code())


def passphrase(engine: Engine) -> None:
    finish(engine.keys.set_passphrase(PASSPHRASE, Cancel()))


def test_nobody_gets_in_by_the_keychain_and_what_is_typed_opens_it(places: Places, ring: InMemory) -> None:
    find = Finder(ring=ring)
    with Engine.open(places, find=find) as engine:
        code(engine)
        passphrase(engine)
        assert finish(engine.ask_at_every_start(Cancel())) == ()
        assert engine.keys.ways.ways == (WayIn.PASSPHRASE, WayIn.RECOVERY)
        assert engine.keys.ways.asks
    assert not ring.kept
    with pytest.raises(Locked, match="opens with a passphrase"):
        Engine.open(places, find=find)
    Engine.open(places, find=find, unlock=TYPED).close()


@pytest.mark.parametrize(("made", "missing"), [((code,), "no passphrase"), ((passphrase,), "no recovery code")])
def test_without_both_ways_the_keychain_stays(
    places: Places, ring: InMemory, made: tuple[Callable[[Engine], None], ...], missing: str
) -> None:
    with Engine.open(places, find=Finder(ring=ring)) as engine:
        for each in made:
            each(engine)
        with pytest.raises(AskNotPossible, match=missing):
            finish(engine.ask_at_every_start(Cancel()))
        assert WayIn.KEYCHAIN in engine.keys.ways.ways
    assert ring.kept
    Engine.open(places, find=Finder(ring=ring)).close()


def test_a_backup_that_only_the_keychain_opened_opens_with_what_is_typed(places: Places, ring: InMemory) -> None:
    find = Finder(ring=ring)
    with Engine.open(places, find=find) as engine:
        backup = Places(finish(engine.backups.make(Cancel())).path)
        code(engine)
        passphrase(engine)
        assert open_key(backup, find).ways.only_keychain
        finish(engine.ask_at_every_start(Cancel()))
        with pytest.raises(Locked):
            open_key(backup, find)
        assert open_key(backup, find, TYPED).secret == engine.keys.secret


def test_a_keychain_that_does_not_forget_is_named_and_opens_nothing(places: Places, ring: InMemory) -> None:
    find = Finder(ring=ring)
    with Engine.open(places, find=find) as engine:
        code(engine)
        passphrase(engine)
        ring.failing = OSError("locked")
        assert finish(engine.ask_at_every_start(Cancel())) == ("ring",)
    ring.failing = None
    assert ring.kept
    with pytest.raises(Locked):
        Engine.open(places, find=find)


def test_it_can_be_taken_back(places: Places, ring: InMemory) -> None:
    find = Finder(ring=ring)
    with Engine.open(places, find=find) as engine:
        code(engine)
        passphrase(engine)
        finish(engine.ask_at_every_start(Cancel()))
        ring.failing = OSError("locked")
        with pytest.raises(KeychainRefused, match="ring refused"):
            finish(engine.let_keychain_open(Cancel()))
        assert engine.keys.ways.asks
        ring.failing = None
        finish(engine.let_keychain_open(Cancel()))
    with Engine.open(places, find=find) as engine:
        assert engine.keys.ways.opened_by is WayIn.KEYCHAIN
        assert engine.keys.ways.ways == (WayIn.KEYCHAIN, WayIn.PASSPHRASE, WayIn.RECOVERY)


def test_the_command_says_what_is_missing_and_where_there_is_no_keychain(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    Engine.open(places, find=Finder()).close()
    assert main(["key", "at-start", "ask", "--data", str(places.data)]) == 1
    assert "hanare key passphrase" in capsys.readouterr().err
    assert main(["key", "at-start", "keychain", "--data", str(places.data)]) == 1
    assert "keychain" in capsys.readouterr().err


def test_the_command_does_both(
    places: Places, ring: InMemory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("engine.privacy.keychain.found", Finder(ring=ring))
    with Engine.open(places) as engine:
        code(engine)
        passphrase(engine)
    assert main(["key", "at-start", "ask", "--data", str(places.data)]) == 0
    assert "every start asks" in capsys.readouterr().out
    assert not ring.kept
    with Engine.open(places, unlock=TYPED) as engine:
        finish(engine.let_keychain_open(Cancel()))
    assert main(["key", "at-start", "keychain", "--data", str(places.data)]) == 0
    assert "From now on ring opens the store" in capsys.readouterr().out
