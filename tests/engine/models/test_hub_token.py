"""The hub's access token: kept in the keychain when somebody wants it, used for nothing but the hub, and forgotten."""

import io
import json
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.cli.__main__ import parser
from engine.cli.printing import Screen
from engine.engine import Cancel, Engine, Places, erase_everything, finish
from engine.errors import EngineError, HubRefused, TextNotAccepted, TokenKeychainRefused
from engine.events import Changed, DownloadEnded
from engine.types import DownloadState
from tests.engine.models.downloading import FILE, LARGE, REPOSITORY, SMALL
from tests.fakes.hub import FakeHub
from tests.fakes.keychains import Finder, InMemory

TOKEN = f"hf_{secrets.token_hex(12)}"  # stands nowhere else


@pytest.fixture
def chain() -> InMemory:
    """A keychain."""
    return InMemory()


@pytest.fixture
def finder(chain: InMemory) -> Finder:
    """Finds it."""
    return Finder(chain=chain)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: FakeHub) -> Places:
    """A data folder whose key lies in its file, so that only the token is in the keychain; it knows that hub."""
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    places = Places(tmp_path / "data")
    Engine.open(places, find=Finder()).close()
    return places


@pytest.fixture
def engine(folder: Places, finder: Finder) -> Iterator[Engine]:
    """An open one."""
    with Engine.open(folder, find=finder) as opened:
        yield opened


def keep(engine: Engine, token: str = TOKEN) -> None:
    finish(engine.hub_token.keep(token, Cancel()))


def read(engine: Engine) -> str:
    return finish(engine.hub_token.read(Cancel()))


def test_none_is_kept_unless_somebody_wants_it(engine: Engine, finder: Finder, chain: InMemory) -> None:
    engine.downloads.add(REPOSITORY, FILE, token=TOKEN)
    assert engine.hub_token.kept_in == ""
    assert read(engine) == ""
    assert finder.asked == 0
    assert chain.kept == {}


def test_what_is_kept_is_there_after_a_restart(engine: Engine, folder: Places, finder: Finder) -> None:
    assert list(engine.hub_token.keep(TOKEN, Cancel())) == [Changed(what="token")]
    engine.close()
    with Engine.open(folder, find=finder) as again:
        asked = finder.asked
        assert again.hub_token.kept_in == "chain"
        assert finder.asked == asked  # to say so takes no keychain
        assert read(again) == TOKEN


def test_the_keychain_holds_it_sealed_and_no_file_holds_it(engine: Engine, folder: Places, chain: InMemory) -> None:
    keep(engine)
    (sealed,) = chain.kept.values()
    assert TOKEN not in sealed
    assert TOKEN.encode().hex() not in sealed
    assert [path for path in folder.data.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []


def test_another_token_takes_its_place(engine: Engine, chain: InMemory) -> None:
    keep(engine)
    keep(engine, "hf_other")
    assert read(engine) == "hf_other"
    assert len(chain.kept) == 1


def test_it_is_forgotten(engine: Engine, folder: Places, chain: InMemory) -> None:
    keep(engine)
    assert list(engine.hub_token.forget(Cancel())) == [Changed(what="token")]
    assert engine.hub_token.kept_in == ""
    assert read(engine) == ""
    assert chain.kept == {}
    assert json.loads(folder.hub_token.read_text()) == {"ways": []}


def test_to_forget_what_is_not_kept_or_not_there_any_more_is_no_error(engine: Engine, chain: InMemory) -> None:
    finish(engine.hub_token.forget(Cancel()))
    keep(engine)
    chain.kept.clear()
    finish(engine.hub_token.forget(Cancel()))
    assert engine.hub_token.kept_in == ""


@pytest.mark.parametrize("token", ["", "hf_\u00e9", "hf_\n", "h" * 401])
def test_what_no_token_can_be_is_not_kept(engine: Engine, chain: InMemory, token: str) -> None:
    with pytest.raises(TextNotAccepted):
        keep(engine, token)
    assert chain.kept == {}


def test_a_keychain_that_refuses_leaves_what_was_kept(engine: Engine, chain: InMemory) -> None:
    keep(engine)
    chain.failing = RuntimeError("locked")
    with pytest.raises(TokenKeychainRefused, match="chain refused"):
        keep(engine, "hf_other")
    with pytest.raises(TokenKeychainRefused, match="chain refused"):
        read(engine)
    chain.failing = None
    assert read(engine) == TOKEN


def test_a_keychain_that_does_not_answer_is_waited_for_no_longer_than_its_time(
    engine: Engine, chain: InMemory, finder: Finder
) -> None:
    keep(engine)
    finder.answer_s = 0.01
    chain.hangs = threading.Event()
    try:
        with pytest.raises(TokenKeychainRefused, match="did not answer"):
            read(engine)
        with pytest.raises(TokenKeychainRefused, match="did not answer"):
            keep(engine, "hf_other")
    finally:
        chain.hangs.set()
    finder.answer_s = 10.0
    assert engine.hub_token.kept_in == "chain"
    assert read(engine) == TOKEN


def test_what_a_late_keychain_kept_after_all_is_forgotten_with_the_rest(
    engine: Engine, chain: InMemory, finder: Finder
) -> None:
    finder.answer_s = 0.01
    chain.hangs = threading.Event()
    with pytest.raises(TokenKeychainRefused):
        keep(engine)
    chain.hangs.set()
    for thread in [each for each in threading.enumerate() if each.name == "keychain"]:
        thread.join()
    assert len(chain.kept) == 1
    assert engine.hub_token.kept_in == ""
    finder.answer_s = 10.0
    finish(engine.hub_token.forget(Cancel()))
    assert chain.kept == {}


def test_one_that_the_keychain_does_not_forget_is_used_no_more_and_forgotten_later(
    engine: Engine, chain: InMemory
) -> None:
    keep(engine)
    chain.failing = RuntimeError("locked")
    with pytest.raises(TokenKeychainRefused):
        finish(engine.hub_token.forget(Cancel()))
    assert engine.hub_token.kept_in == ""
    assert read(engine) == ""
    chain.failing = None
    finish(engine.hub_token.forget(Cancel()))
    assert chain.kept == {}


def test_without_a_keychain_none_is_kept_and_that_is_said(folder: Places) -> None:
    with Engine.open(folder, find=Finder()) as engine:
        with pytest.raises(TokenKeychainRefused, match="there is no keychain in this session"):
            keep(engine)
        assert engine.hub_token.kept_in == ""
        assert not folder.hub_token.exists()


def test_a_kept_token_whose_keychain_is_not_there_is_told(engine: Engine, folder: Places) -> None:
    keep(engine)
    engine.close()
    with Engine.open(folder, find=Finder()) as again, pytest.raises(TokenKeychainRefused, match="not to be had"):
        read(again)


def test_what_was_kept_for_one_hub_is_not_given_for_another(
    engine: Engine, folder: Places, finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(engine)
    hub = engine.models.endpoint
    engine.close()
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with Engine.open(folder, find=finder) as other:
        assert other.hub_token.kept_in == ""
        assert read(other) == ""
    said = folder.hub_token.read_text()
    folder.hub_token.write_text(said.replace(hub, "http://127.0.0.1:9"))
    with Engine.open(folder, find=finder) as deceived, pytest.raises(TokenKeychainRefused, match="does not open it"):
        read(deceived)


def test_another_store_does_not_read_it(engine: Engine, folder: Places, finder: Finder, tmp_path: Path) -> None:
    keep(engine)
    other = Places(tmp_path / "other")
    Engine.open(other, find=Finder()).close()
    other.hub_token.write_bytes(folder.hub_token.read_bytes())
    with Engine.open(other, find=finder) as opened, pytest.raises(TokenKeychainRefused, match="does not open it"):
        read(opened)


def test_a_damaged_file_of_its_place_counts_as_none(engine: Engine, folder: Places, finder: Finder) -> None:
    keep(engine)
    engine.close()
    folder.hub_token.write_text("{")
    with Engine.open(folder, find=finder) as again:
        assert again.hub_token.kept_in == ""
        keep(again)
        assert read(again) == TOKEN


@pytest.mark.parametrize("with_backups", [True, False])
def test_erasing_everything_has_the_keychain_forget_it(
    engine: Engine, folder: Places, finder: Finder, chain: InMemory, with_backups: bool
) -> None:
    finish(engine.backups.make(Cancel()))
    keep(engine)
    engine.close()
    erased = finish(erase_everything(folder, with_backups, Cancel(), finder))
    assert chain.kept == {}
    assert erased.left == ()
    assert not folder.data.exists()


def test_what_a_keychain_keeps_of_an_erased_folder_is_noise(
    engine: Engine, folder: Places, finder: Finder, chain: InMemory, tmp_path: Path
) -> None:
    keep(engine)
    engine.close()
    copied = folder.hub_token.read_bytes()
    chain.failing = RuntimeError("locked")
    finish(erase_everything(folder, True, Cancel(), finder))
    chain.failing = None
    assert len(chain.kept) == 1
    Engine.open(folder, find=Finder()).close()
    folder.hub_token.write_bytes(copied)
    with Engine.open(folder, find=finder) as again, pytest.raises(TokenKeychainRefused):
        read(again)


# --- downloads --------------------------------------------------------------------------------


def test_a_download_that_was_begun_with_a_token_goes_on_with_the_kept_one_after_a_restart(
    engine: Engine, folder: Places, finder: Finder, hub: FakeHub
) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token=TOKEN)
    keep(engine)
    added = engine.downloads.add(REPOSITORY, FILE, token=TOKEN)
    engine.close()
    with Engine.open(folder, find=finder) as again:
        assert not again.downloads.get(added.id).needs_token
        again.downloads.resume(added.id)
        finish(again.downloads.work(Cancel()))
        assert len(again.models.all()) == 1


def test_one_that_was_begun_without_a_token_is_not_asked_for_with_the_kept_one(engine: Engine, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL)
    keep(engine)
    finish(engine.downloads.projectors_of(REPOSITORY, FILE, Cancel()))
    engine.downloads.add(REPOSITORY, FILE)
    finish(engine.downloads.work(Cancel()))
    assert len(engine.models.all()) == 1
    assert [request for request in hub.requests if "authorization" in request.headers] == []


def test_one_is_begun_with_the_kept_one_which_goes_to_the_hub_alone(engine: Engine, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token=TOKEN)
    keep(engine)
    assert finish(engine.downloads.projectors_of(REPOSITORY, FILE, Cancel(), kept_token=True)) == ()
    assert not engine.downloads.add(REPOSITORY, FILE, kept_token=True).needs_token
    finish(engine.downloads.work(Cancel()))
    assert len(engine.models.all()) == 1
    asked = [request for request in hub.requests if "authorization" in request.headers]
    assert asked
    assert all("/resolve/" in request.path or request.path.startswith("/api/") for request in asked)
    assert [request for request in hub.requests if request not in asked]  # the files lie elsewhere


def test_a_keychain_that_refuses_during_a_download_loses_nothing(engine: Engine, hub: FakeHub, chain: InMemory) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token=TOKEN)
    keep(engine)
    added = engine.downloads.add(REPOSITORY, FILE, kept_token=True)
    chain.failing = RuntimeError("locked")
    (ended,) = [event for event in engine.downloads.work(Cancel()) if isinstance(event, DownloadEnded)]
    assert isinstance(ended.error, TokenKeychainRefused)
    assert engine.downloads.get(added.id).state is DownloadState.FAILED
    assert hub.requests == []
    chain.failing = None
    engine.downloads.resume(added.id)
    finish(engine.downloads.work(Cancel()))
    assert len(engine.models.all()) == 1


def test_the_kept_one_takes_the_place_of_a_typed_one_that_was_refused(engine: Engine, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, LARGE, token=TOKEN)
    keep(engine)
    first = engine.downloads.add(REPOSITORY, FILE, token="hf_wrong")
    engine.downloads.resume(first.id, kept_token=True)
    finish(engine.downloads.work(Cancel()))
    assert len(engine.models.all()) == 1


# --- nowhere else -----------------------------------------------------------------------------


def test_the_token_stands_in_no_error_log_ledger_report_row_or_file(
    engine: Engine, folder: Places, hub: FakeHub, chain: InMemory, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token=f"{TOKEN}not")
    keep(engine)
    errors: list[EngineError] = []
    engine.downloads.add(REPOSITORY, FILE, kept_token=True)
    errors += [
        event.error for event in engine.downloads.work(Cancel()) if isinstance(event, DownloadEnded) and event.error
    ]
    chain.failing = RuntimeError(TOKEN)  # a keychain that says it aloud
    for asking in (engine.hub_token.read(Cancel()), engine.hub_token.keep(TOKEN, Cancel())):
        with pytest.raises(TokenKeychainRefused) as refused:
            finish(asking)
        errors.append(refused.value)
    assert isinstance(errors[0], HubRefused)
    for error in errors:
        engine.journal.note(error)
    report = finish(engine.report(Cancel())).text
    said = "".join(capfd.readouterr())
    ledger = repr(engine.ledger.all())
    log = folder.journal.read_text(encoding="ascii")
    rows = repr(engine._store.downloads.all())
    for text in (report, said, ledger, log, rows, *(f"{error} {error!r} {error.facts}" for error in errors)):
        assert TOKEN not in text
    assert [path for path in folder.data.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()] == []


# --- in a terminal ----------------------------------------------------------------------------


def models(engine: Engine, *words: str) -> str:
    """What a command says."""
    given = parser().parse_args(["models", *words])
    out, err = io.StringIO(), io.StringIO()
    assert given.run(engine, given, Screen(wants_json="--json" in words, out=out, err=err)) == 0
    assert TOKEN not in out.getvalue() + err.getvalue()
    return out.getvalue()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a terminal who types the token."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("engine.cli.model_token.getpass", lambda _: f" {TOKEN} ")


def test_a_terminal_keeps_it_tells_of_it_and_has_it_forgotten(engine: Engine, chain: InMemory, typed: None) -> None:
    assert models(engine, "token") == "No access token is kept.\n"
    assert models(engine, "token", "--ask").startswith(f"chain keeps an access token for {engine.models.endpoint}.")
    assert json.loads(models(engine, "token", "--json")) == {"kept": True, "keychain": "chain"}
    assert read(engine) == TOKEN
    assert models(engine, "token", "--forget") == "No access token is kept.\n"
    assert chain.kept == {}


def test_without_a_terminal_nobody_is_asked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(TextNotAccepted, match="no terminal"):
        models(engine, "token", "--ask")


def test_commands_ask_with_the_kept_one_when_they_are_told_to(engine: Engine, hub: FakeHub) -> None:
    hub.put(REPOSITORY, FILE, SMALL, token=TOKEN)
    with pytest.raises(TextNotAccepted, match="none is kept"):
        models(engine, "get", REPOSITORY, FILE, "--kept-token")
    keep(engine)
    assert FILE in models(engine, "files", REPOSITORY, "--kept-token")
    assert "Fetched:" in models(engine, "get", REPOSITORY, FILE, "--kept-token")
