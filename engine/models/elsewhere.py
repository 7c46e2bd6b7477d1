"""Models that lie on this computer already: found in other programs' folders or in any folder, used where they lie.

Nothing is copied, moved or written there. What cannot be used is listed with its reason.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from engine.errors import FileMissing, FileNotReadable, ModelDamaged, from_os_error
from engine.events import Changed, Progressed
from engine.models import other_programs as programs
from engine.models.library import Models
from engine.operation import Cancel, Operation
from engine.runtime import gguf
from engine.types import Model, ModelElsewhere
from engine.unseen import is_text

MOST_FOLDERS, MOST_FOUND = 50_000, 2_000  # more than anybody has; a home folder may be chosen
SIGN_EVERY = 200  # folders


class Elsewhere:
    """Looks for models beside one library. Every method from any thread."""

    def __init__(self, models: Models) -> None:
        """Looks at nothing yet."""
        self._models = models

    def find(self, cancel: Cancel, folder: Path | None = None) -> Operation[tuple[ModelElsewhere, ...]]:
        """The model files in the folders of other programs, or in `folder` and below it; each file once.

        Yields Progressed(unit="files"). Raises `FileMissing`, `FileNotReadable` for a `folder` that cannot be looked
        into, `Cancelled`.
        """
        known = {_identity(model.path): model.id for model in self._models.all() if not model.missing}
        found: dict[object, ModelElsewhere] = {}
        for number, file in enumerate(_files(folder)):
            cancel.check()
            if file is not None and (identity := _identity(file.path)) not in found:
                told = _told(file, known.get(identity, 0))
                if told.facts is None or told.facts.use != "vision":  # a projector comes with the model beside it
                    found[identity] = told
            if file is not None or number % SIGN_EVERY == 0:
                yield Progressed(done=len(found), total=0, unit="files", now=file.name if file else "")
            if len(found) >= MOST_FOUND:
                break
        return tuple(sorted(found.values(), key=lambda one: (one.program, one.name.casefold())))

    def take(self, found: ModelElsewhere, cancel: Cancel) -> Operation[Model]:
        """Add one to the library, with the projector that its program keeps for it.

        Yields Changed("models"). Raises `ModelDamaged`, `FileMissing`, `FileNotReadable`, `ProjectorNotForModel`,
        `DiskFull`, `Cancelled`.
        """
        model = yield from self._models.add(found.path, cancel, name=found.name, repository=found.repository)
        if found.projector is not None and model.projector is None:
            model = self._models.choose_projector(model.id, found.projector)
            yield Changed(what="models")
        return model


def _files(folder: Path | None) -> Iterator[ModelElsewhere | None]:
    """Every file that may be a model, and None for each folder passed."""
    if folder is not None:
        yield from _below(programs.Place("", Path(os.path.abspath(folder.expanduser()))), chosen=True)
        return
    for place in programs.places(Path.home(), os.environ, sys.platform):
        if place.program == programs.OLLAMA:
            for one in programs.pulled(place.folder):
                yield ModelElsewhere(
                    path=one.path, name=one.name, size_bytes=_size(one.path), program=place.program,
                    projector=one.projector,
                )  # fmt: skip
        else:
            yield from _below(place, chosen=False)


def _below(place: programs.Place, *, chosen: bool) -> Iterator[ModelElsewhere | None]:
    """The files of a folder and its folders, which are not followed through links."""

    def refuse(error: OSError) -> None:
        if chosen and error.filename == str(place.folder):
            raise from_os_error(error, place.folder) from error

    for number, (above, folders, files) in enumerate(os.walk(place.folder, onerror=refuse)):
        if number >= MOST_FOLDERS:
            return
        folders.sort()
        yield None
        for name in sorted(files):
            path = Path(above, name)
            if path.suffix.lower() == ".gguf" and not gguf.is_further_part(path):
                below = path.relative_to(place.folder)
                yield ModelElsewhere(
                    path=path, name=programs.name_of(below), size_bytes=_size(path),
                    program=place.program, repository=programs.repository_of(place.program, below),
                )  # fmt: skip


def _told(file: ModelElsewhere, known: int) -> ModelElsewhere:
    """The file with what its header says."""
    if not is_text(file.path):
        return replace(file, why="its name is not text; give it, or its folder, another one")
    try:
        facts = gguf.read_facts(file.path)
    except FileMissing:
        return replace(file, why="its file is missing")
    except (FileNotReadable, ModelDamaged) as error:
        return replace(file, why=error.why)
    return replace(file, facts=facts, size_bytes=facts.size_bytes, known=known)


def _identity(path: Path) -> object:
    """The file itself, under whatever name; its path where it is not there."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return path
    return found.st_dev, found.st_ino


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
