"""Reckoning one thing on a thread of its own while another is done: for what leaves the interpreter alone."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Beside(Generic[T]):
    """Begins at once. `result` waits, and raises what was raised; it may be asked for again."""

    def __init__(self, reckon: Callable[[], T]) -> None:
        self._reckon = reckon
        self._found: list[T] = []
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
        self._thread.start()

    def result(self) -> T:
        """What it came to."""
        self._thread.join()
        if self._failed is not None:
            raise self._failed
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._reckon())
        except Exception as error:  # noqa: BLE001 - raised again for whoever asks
            self._failed = error
