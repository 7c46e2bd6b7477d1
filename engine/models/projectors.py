"""Which projector a model sees with: the one the person chose, else the one beside it, else one of its repository."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engine.errors import FileMissing, FileNotReadable, ModelDamaged
from engine.models.projector_choice import MARK
from engine.runtime.measures import File, identity
from engine.runtime.projector import LOOKING_BYTES, fits, projector_facts
from engine.store.models import ModelRows
from engine.types import Model, ModelFacts, ModelOrigin


class Projectors:
    """Pairs models with projectors. From any thread."""

    def __init__(self, rows: ModelRows, folder: Path) -> None:
        """`folder` is where fetched files are; one chosen from there is kept by its name alone."""
        self._rows, self._folder = rows, folder
        self._read: dict[File, ModelFacts | None] = {}
        self._lock = threading.Lock()

    def paired(self, model: Model, kept: Sequence[Model]) -> Model:
        """The model with its projector; `kept` are all models of the library."""
        if model.facts.use != "chat" or model.missing:
            return model
        chosen = self._rows.projector(model.id)
        if chosen is not None:
            path = self._folder / chosen if chosen and self._facts(self._folder / chosen) else None
            return replace(model, projector=path)
        return replace(model, projector=self.found(model, kept))

    def found(self, model: Model, kept: Sequence[Model]) -> Path | None:
        """The one that the model sees with where nobody has chosen another: the best of those that fit."""
        for paths in (_beside(model), _of_repository(model, kept)):
            fitting = [path for path in paths if (facts := self._facts(path)) and fits(facts, model.facts)]
            if fitting:
                return max(fitting, key=lambda path: (_alike(path, model), str(path)))
        return None

    def need_bytes(self, model: Model) -> int:
        """The memory that the model's projector needs where a picture is shown; 0 without one."""
        facts = self._facts(model.projector) if model.projector else None
        return facts.tensor_bytes + LOOKING_BYTES if facts else 0

    def _facts(self, path: Path) -> ModelFacts | None:
        """What a file says, read once for as long as it is the same; None for what is no projector."""
        file = identity(path)
        with self._lock:
            if file not in self._read:
                self._read[file] = None
                with suppress(ModelDamaged, FileMissing, FileNotReadable):
                    self._read[file] = projector_facts(path)
            return self._read[file]


def _beside(model: Model) -> Iterator[Path]:
    """Files in the folder of a model of the person's own that are called as projectors are."""
    if model.origin is not ModelOrigin.DISK:
        return
    with suppress(OSError), os.scandir(model.path.parent) as entries:
        for entry in entries:
            name = entry.name.casefold()
            if MARK in name and name.endswith(".gguf") and entry.is_file():
                yield Path(entry.path)


def _of_repository(model: Model, kept: Sequence[Model]) -> Iterator[Path]:
    """Projectors that were fetched from where the model was."""
    for other in kept:
        if model.repository and other.repository == model.repository and other.facts.use == "vision":
            yield other.path


def _alike(path: Path, model: Model) -> int:
    """How many letters the two names have in common at their beginning, without the mark."""
    name = path.stem.casefold().replace(MARK, "").strip("-_. ")
    return len(os.path.commonprefix([name, model.path.stem.casefold()]))
