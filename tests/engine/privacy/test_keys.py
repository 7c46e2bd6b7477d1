"""The store's key: where it is kept, and that a store is never given a new one."""

import json
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import KeyMissing
from engine.places import Places
from engine.privacy import keychain
from engine.privacy.keychain import Keychain, KeychainError
from engine.privacy.keys import open_key


class InMemory:
    """A keychain with the face of a keyring backend."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.failing = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.failing:
            raise OSError("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.failing:
            raise OSError("locked")
        self.kept[service, username] = password


class Finder:
    """Finds the keychains it was given."""

    def __init__(self, **backends: InMemory) -> None:
        self.backends = backends

    def __call__(self, name: str) -> Keychain | None:
        for known, backend in self.backends.items():
            if name in ("", known):
                return Keychain(known, backend)
        return None


def test_where_there_is_a_keychain_the_key_is_there_and_nowhere_else(places: Places) -> None:
    backend = InMemory()

    made = open_key(places, Finder(ring=backend))

    assert made.kept_in == "keychain"
    assert len(made.secret) == 32
    assert list(backend.kept.values()) == [made.secret.hex()]
    for path in places.data.rglob("*"):
        assert path.is_dir() or made.secret.hex() not in path.read_text()
    assert open_key(places, Finder(ring=backend)) == made


def test_where_there_is_no_keychain_the_key_is_in_a_file_for_this_user_only(places: Places) -> None:
    made = open_key(places, Finder())

    assert made.kept_in == "file"
    assert open_key(places, Finder()) == made
    assert open_key(places, Finder(ring=InMemory())) == made  # a keychain that appears later changes nothing
    if os.name == "posix":
        assert stat.S_IMODE(places.keys.stat().st_mode) == 0o600
        assert stat.S_IMODE(places.data.stat().st_mode) == 0o700


def test_a_keychain_that_fails_at_the_first_start_leaves_the_key_to_the_file(places: Places) -> None:
    backend = InMemory()
    backend.failing = True
    assert open_key(places, Finder(ring=backend)).kept_in == "file"


def test_every_data_folder_has_a_key_of_its_own(tmp_path: Path) -> None:
    backend = InMemory()
    folders = [Places(tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        folder.make()
    assert len({open_key(folder, Finder(ring=backend)).secret for folder in folders}) == 2
    assert len(backend.kept) == 2


def test_a_store_without_a_key_is_never_given_a_new_one(places: Places) -> None:
    places.store.write_bytes(b"someone's chats")

    with pytest.raises(KeyMissing, match="not beside it"):
        open_key(places, Finder(ring=InMemory()))

    assert not places.keys.exists()
    assert places.store.read_bytes() == b"someone's chats"


def _lost(places: Places, backend: InMemory) -> None:
    backend.kept.clear()


def _locked(places: Places, backend: InMemory) -> None:
    backend.failing = True


def _of_another_kind(places: Places, backend: InMemory) -> None:
    for name in backend.kept:
        backend.kept[name] = "hello"


def _damaged(places: Places, backend: InMemory) -> None:
    places.keys.write_text('{"ways": [')


def _of_a_later_version(places: Places, backend: InMemory) -> None:
    places.keys.write_text(json.dumps({"format": 2, "ways": [{"way": "passphrase", "salt": "00"}]}))


def _without_ways(places: Places, backend: InMemory) -> None:
    places.keys.write_text("[1]")


@pytest.mark.parametrize("harm", [_lost, _locked, _of_another_kind, _damaged, _of_a_later_version, _without_ways])
def test_a_key_that_cannot_be_had_is_explained_and_nothing_is_changed(places: Places, harm: object) -> None:
    backend = InMemory()
    open_key(places, Finder(ring=backend))
    assert callable(harm)
    harm(places, backend)
    before = places.keys.read_bytes(), dict(backend.kept)

    with pytest.raises(KeyMissing):
        open_key(places, Finder(ring=backend))

    assert (places.keys.read_bytes(), backend.kept) == before


def test_a_keychain_that_is_not_to_be_had_in_this_session_is_named(places: Places) -> None:
    open_key(places, Finder(wallet=InMemory()))
    with pytest.raises(KeyMissing, match="wallet, which keeps it"):
        open_key(places, Finder(other=InMemory()))


def test_a_keychain_that_never_answers_is_given_up() -> None:
    answered = threading.Event()

    class Silent(InMemory):
        def get_password(self, service: str, username: str) -> str | None:
            answered.wait()
            return None

    with pytest.raises(KeychainError, match="did not answer"):
        Keychain("ring", Silent(), answer_s=0.01).read("entry")
    answered.set()


def test_only_keychains_of_the_operating_system_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert {kind.module.rsplit(".", 1)[1] for kind in keychain.KINDS} == {
        "macOS", "Windows", "SecretService", "libsecret", "kwallet",
    }  # fmt: skip
    assert keychain.found("keyring.backends.null") is None


@pytest.mark.skipif(sys.platform != "linux", reason="the session bus is Linux's")
def test_without_a_session_bus_there_is_no_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HANARE_KEYCHAIN", raising=False)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert keychain.found() is None


@pytest.mark.skipif(sys.platform != "linux", reason="the session bus is Linux's")
def test_a_session_bus_that_is_not_there_is_no_keychain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HANARE_KEYCHAIN", raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'no-bus'}")
    assert keychain.found() is None
