"""A model of the library that the settings may name, and its process: the one that is chosen, and no other."""

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closes(Protocol):
    """The engine's side of a process."""

    def close(self) -> None:
        """End it."""


Made = TypeVar("Made", bound=Closes)


class ChosenModel(Generic[Made]):
    """Makes it anew where another one is chosen. From any thread."""

    def __init__(self, number: Callable[[], int], make: Callable[[int], Made]) -> None:
        """`number` is that of the model chosen now, 0 for none; `make` starts nothing."""
        self._number, self._make = number, make
        self._lock = threading.Lock()
        self._model_id = 0
        self._made: Made | None = None

    def chosen(self) -> Made | None:
        """The one of the settings, not started yet; None where none is wanted."""
        model_id = self._number()
        with self._lock:
            gone = self._made if model_id != self._model_id else None
            if model_id != self._model_id:
                self._made = self._make(model_id) if model_id else None
                self._model_id = model_id
            found = self._made
        if gone is not None:
            gone.close()
        return found

    def close(self) -> None:
        """End its process."""
        with self._lock:
            gone, self._made, self._model_id = self._made, None, 0
        if gone is not None:
            gone.close()
