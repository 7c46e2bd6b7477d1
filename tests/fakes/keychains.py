"""Keychains in memory, with the face of a keyring backend, and what finds them in place of the real ones."""

import threading

from engine.privacy.keychain import Keychain, Native


class InMemory:
    """A keychain that keeps what it is given; `failing` is what it says instead, `hangs` until it is set."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.failing: Exception | None = None
        self.hangs: threading.Event | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        del self.kept[service, username]

    def _answer(self) -> None:
        if self.hangs is not None:
            self.hangs.wait()
        if self.failing is not None:
            raise self.failing


class Finder:
    """Finds the keychains it was given, each of which may take `answer_s`."""

    def __init__(self, *, answer_s: float = 10.0, **backends: InMemory) -> None:
        self.answer_s = answer_s
        self.backends = backends
        self.asked = 0

    def __call__(self, name: str) -> Keychain | None:
        self.asked += 1
        for known, backend in self.backends.items():
            if name in ("", known):
                return Native(known, backend, answer_s=self.answer_s)
        return None
