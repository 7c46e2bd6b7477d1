"""The operating system's keychain: which are used, and that none can make a start wait for ever."""

import sys
import threading
from pathlib import Path

import pytest

from engine.privacy import keychain
from engine.privacy.keychain import KeychainError, Native
from tests.fakes.keychains import InMemory


def test_a_keychain_that_never_answers_is_given_up() -> None:
    backend = InMemory()
    backend.hangs = threading.Event()
    with pytest.raises(KeychainError, match="did not answer"):
        Native("ring", backend, answer_s=0.01).read("entry")
    with pytest.raises(KeychainError, match="did not answer"):
        Native("ring", backend).read("entry", answer_s=0.01)
    backend.hangs.set()


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
