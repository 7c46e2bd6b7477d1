"""Where the files lie that are being made: nobody makes two of one name at a time."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.errors import TextNotAccepted
from engine.quantize.checking import check_target
from engine.quantize.naming import free_path


class Targets:
    """For one models folder. Every method from any thread."""

    def __init__(self, models: Path) -> None:
        """`models` is the folder where what has no place of its own is made."""
        self._models = models
        self._naming = threading.Lock()
        self._under_way: set[Path] = set()

    @contextmanager
    def named(self, sources: Sequence[Path], name: str, to: Path | None) -> Iterator[Path]:
        """The path of a new file made from `sources`, which nobody else takes while inside: `to`, or one in the folder.

        Raises as `check_target`.
        """
        if to is not None:
            with self.taken(check_target(sources, to)) as target:
                yield target
            return
        with self._naming:
            target = free_path(self._models, name, self._under_way)
            self._under_way.add(target)
        try:
            yield target
        finally:
            self._let_go(target)

    @contextmanager
    def taken(self, target: Path) -> Iterator[Path]:
        """While inside, nobody else makes this file. Raises `TextNotAccepted` where somebody does."""
        with self._naming:
            if target in self._under_way:
                raise TextNotAccepted(what="The new file", value=str(target), why="it is being made already")
            self._under_way.add(target)
        try:
            yield target
        finally:
            self._let_go(target)

    def _let_go(self, target: Path) -> None:
        with self._naming:
            self._under_way.discard(target)
