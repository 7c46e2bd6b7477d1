"""The operating system's keychain, asked through keyring.

Only the four native kinds are used, each by its own class: no chain of backends, no plain-text
files, nothing that an environment variable or a configuration file could slip in. Every call
runs on a thread of its own with a time limit, because a keychain may ask the person first.
"""

import importlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

SERVICE = "Hanare"
ANSWER_S = 30.0  # time to type a password into the keychain's own dialog
SILENT_S = 3.0  # for a keychain that should answer by itself, where there is another way in

Answer = TypeVar("Answer")


class KeychainError(Exception):
    """The keychain would not do it; the message ends a sentence: "… was not found: {message}."."""


class NotKept(KeychainError):
    """The keychain is well, but what it kept is not there any more."""


class Backend(Protocol):
    """What is used of a keyring backend."""

    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


class _Kind(NamedTuple):
    """A native keychain: its name in `keys.json`, where its class is, and where it can exist."""

    name: str
    module: str
    class_name: str
    platform: str


KINDS = (
    _Kind("macOS Keychain", "keyring.backends.macOS", "Keyring", "darwin"),
    _Kind("Windows Credential Locker", "keyring.backends.Windows", "WinVaultKeyring", "win32"),
    _Kind("Secret Service", "keyring.backends.SecretService", "Keyring", "linux"),
    _Kind("libsecret", "keyring.backends.libsecret", "Keyring", "linux"),
    _Kind("KDE Wallet", "keyring.backends.kwallet", "DBusKeyring", "linux"),
)


class Keychain(Protocol):
    """A keychain, asked here or by another process. `name` says which, for the same one to be asked again."""

    name: str

    def read(self, entry: str, answer_s: float | None = None) -> str:
        """The secret kept as `entry`, waited for no longer than `answer_s`. Raises `KeychainError`."""

    def write(self, entry: str, secret: str) -> None:
        """Keep `secret` as `entry` and read it back. Raises `KeychainError`."""

    def forget(self, entry: str) -> None:
        """Remove what is kept as `entry`. Raises `KeychainError`."""


Find = Callable[[str], Keychain | None]  # the keychain of a name ("": the session's own); may raise `KeychainError`


class Native:
    """A keychain that this process asks itself, through its backend of keyring."""

    def __init__(self, name: str, backend: Backend, *, answer_s: float = ANSWER_S) -> None:
        self.name = name
        self._backend = backend
        self._answer_s = answer_s

    def read(self, entry: str, answer_s: float | None = None) -> str:
        wait_s = self._answer_s if answer_s is None else min(answer_s, self._answer_s)
        secret = _in_time(lambda: self._backend.get_password(SERVICE, entry), self.name, wait_s)
        if secret is None:
            raise NotKept(f"{self.name} has no entry for it")
        return secret

    def write(self, entry: str, secret: str) -> None:
        _in_time(lambda: self._backend.set_password(SERVICE, entry, secret), self.name, self._answer_s)
        if self.read(entry) != secret:
            raise KeychainError(f"{self.name} did not keep it")

    def forget(self, entry: str) -> None:
        _in_time(lambda: self._backend.delete_password(SERVICE, entry), self.name, self._answer_s)


def found(name: str = "") -> Keychain | None:
    """The keychain of this session, or the one called `name`; None where it is not to be had.

    HANARE_KEYCHAIN=off says that there is none, for a data folder that moves between computers.
    """
    if os.environ.get("HANARE_KEYCHAIN") == "off" or not _session_has_one():
        return None
    for kind in KINDS:
        if kind.platform == sys.platform and name in ("", kind.name):
            try:
                backend = _in_time(partial(_made, kind), kind.name, ANSWER_S)
            except KeychainError:
                continue
            return Native(kind.name, backend)
    return None


def _session_has_one() -> bool:
    """On Linux every keychain answers on the session bus; without one, keyring need not be imported."""
    if sys.platform != "linux":
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS")) or (
        bool(runtime) and os.path.exists(os.path.join(runtime, "bus"))
    )


def _made(kind: _Kind) -> Backend:
    # Imported here: keyring costs a tenth of a second, and most starts on a bare system need none of it.
    found_class: Any = getattr(importlib.import_module(kind.module), kind.class_name)
    found_class.priority  # noqa: B018 - raises where this keychain does not run
    made: Any = found_class()
    made.appid = SERVICE  # some ask the person about every program by its name, and there are several of ours
    backend: Backend = made
    return backend


def _in_time(call: Callable[[], Answer], name: str, answer_s: float) -> Answer:
    """What `call` returns, when it does so in time. Raises `KeychainError` otherwise."""
    answers: queue.SimpleQueue[tuple[Answer | None, BaseException | None]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - backends raise whatever their system raised
            answers.put((None, error))

    threading.Thread(target=ask, name="keychain", daemon=True).start()
    try:
        answer, error = answers.get(timeout=answer_s)
    except queue.Empty:
        raise KeychainError(f"{name} did not answer for {answer_s:.0f} seconds") from None
    if error is not None:
        raise KeychainError(f"{name} refused ({type(error).__name__})") from error
    return answer  # type: ignore[return-value]
