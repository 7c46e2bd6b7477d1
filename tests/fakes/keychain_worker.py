"""The real process that asks the keychain, with keychains of a test behind a socket instead of the system's own.

Runs `engine.worker.keychain` unchanged and sealed; only what it finds is another. `Ring` is the other end.
"""

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from engine.privacy.keychain import Find, Native

SOCKET = "ring"  # beside the folder of our processes, which is the worker's own


class Ring:
    """Lets a process ask the keychains that `find` finds in the test, for as long as its block lasts."""

    def __init__(self, data: Path, find: Callable[[], Find]) -> None:
        self._path, self._find = data / SOCKET, find
        self._listener = socket.socket(socket.AF_UNIX)
        self.asked: list[str] = []

    def __enter__(self) -> "Ring":
        self._listener.bind(str(self._path))
        self._listener.listen()
        threading.Thread(target=self._serve, name="ring", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                asker, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(asker,), name="ring", daemon=True).start()

    def _answer(self, asker: socket.socket) -> None:
        with suppress(OSError), asker, asker.makefile("rw") as lines:  # it may wait no longer
            asked = json.loads(lines.readline())
            self.asked.append(asked["do"])
            found = self._find()(asked["name"])
            answer: dict[str, Any] = {"name": found.name if found else ""}
            if found is not None and asked["do"] != "find":
                assert isinstance(found, Native)
                try:
                    answer["said"] = getattr(found._backend, asked["do"])(*asked["with"])
                except Exception as error:  # noqa: BLE001 - a keychain may say anything
                    answer["failed"] = type(error).__name__
            lines.write(json.dumps(answer) + "\n")


class Distant:
    """A backend whose keychain is at the other end of the socket."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_password(self, service: str, username: str) -> str | None:
        said: str | None = ask("get_password", self._name, service, username)
        return said

    def set_password(self, service: str, username: str, password: str) -> None:
        ask("set_password", self._name, service, username, password)

    def delete_password(self, service: str, username: str) -> None:
        ask("delete_password", self._name, service, username)


def ask(do: str, name: str, *given: str) -> Any:
    """What the keychain says, or for "find" its name."""
    with socket.socket(socket.AF_UNIX) as ring, ring.makefile("rw") as lines:
        ring.connect(f"../{SOCKET}")
        lines.write(json.dumps({"do": do, "name": name, "with": given}) + "\n")
        lines.flush()
        answer = json.loads(lines.readline())
    if "failed" in answer:
        raise OSError(answer["failed"])
    return answer["name"] if do == "find" else answer.get("said")


def found(name: str) -> Native | None:
    """The keychain of that name at the other end."""
    its_name = ask("find", name)
    return Native(its_name, Distant(its_name)) if its_name else None


if __name__ == "__main__":
    from engine.worker.keychain.__main__ import main

    sys.exit(main(found))
