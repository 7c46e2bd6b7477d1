"""The guide as it was earlier in its training: small files that may lie beside it, and that one compares it with.

They come into the library when somebody wants to see them, and are used where they lie in the program.
"""

import re
from dataclasses import replace
from pathlib import Path

from engine.events import Changed
from engine.models.built_in import with_guide
from engine.models.file_time import mtime_ns_of
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.runtime import gguf
from engine.store.models import ModelRows
from engine.types import Model, ModelOrigin


class Stages:
    """The stages of the guide. Every method from any thread."""

    def __init__(self, rows: ModelRows, places: Places) -> None:
        self._rows = rows
        self._places = places

    def files(self) -> tuple[Path, ...]:
        """The files that came with the program, the earliest stage first."""
        found = {path: self._epochs(path) for path in self._places.guide.parent.glob("*.gguf")}
        return tuple(sorted((path for path in found if found[path]), key=lambda path: found[path]))

    def add(self, cancel: Cancel) -> Operation[tuple[Model, ...]]:
        """Have all of them in the library after the guide, the earliest first; what is there already stays as it is.

        Yields Changed("models"). Raises `ModelDamaged`, `FileMissing`, `FileNotReadable`, `DiskFull`.
        """
        cancel.check()
        with_guide(self._rows, self._places.guide)  # it stands before them
        kept = [each for each in map(self.keep, self.files()) if each is not None]
        if any(new for _, new in kept):
            yield Changed(what="models")
        return tuple(model for model, _ in kept)

    def keep(self, path: Path) -> tuple[Model, bool] | None:
        """The model of one of these files, and whether it was not there before; None for any other file."""
        epochs = self._epochs(path)
        if not epochs:
            return None
        kept_as = Path(path.name)  # as with the guide: not where it lies
        known = self._rows.by_path(kept_as)
        if known is not None:
            return replace(known, path=path), False
        facts, mtime_ns = gguf.read_facts(path), mtime_ns_of(path)
        model = self._rows.add(
            path=kept_as, name=named(epochs), origin=ModelOrigin.STAGE, facts=facts, mtime_ns=mtime_ns
        )
        return replace(model, path=path), True

    def _epochs(self, path: Path) -> int:
        """After how much of its training the guide was as in this file; 0 for what is no stage of it."""
        guide = self._places.guide
        match = re.fullmatch(rf"{re.escape(guide.stem)}-after-(\d+)\.gguf", path.name)
        return int(match[1]) if match and path.parent == guide.parent else 0


def named(epochs: int) -> str:
    """What the guide is called as it was after so many epochs of its training."""
    return "Built-in guide after 1 epoch" if epochs == 1 else f"Built-in guide after {epochs} epochs"
