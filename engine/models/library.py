"""The library: every model file the person has shown us, fetched or had made, and the one that comes with Hanare.

A file on disk is used where it lies, never copied and never deleted. What is kept about it is
read again whenever the file has changed. Rows are the store's; facts are `runtime/gguf.py`'s.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import (
    DiskFull,
    FileMissing,
    FileNotReadable,
    ModelBuiltIn,
    ModelDamaged,
    NotFound,
    TextNotAccepted,
    from_os_error,
)
from engine.events import Changed
from engine.ledger import Ledger
from engine.loading import (
    LoadOptions,
    check_possible,
    check_together,
    checked,
    loaded_as,
    options_of,
    possible,
    still_accepted,
)
from engine.models import download, testing
from engine.models.adapters import MOST_ATTACHED, Adapters
from engine.models.built_in import place, with_guide
from engine.models.cards import Cards
from engine.models.checkpoints import Checkpoints
from engine.models.download import Wanted
from engine.models.file_time import mtime_ns_of
from engine.models.projector_choice import MARK, best_first
from engine.models.projectors import Projectors
from engine.models.prospects import Prospects
from engine.models.stages import Stages
from engine.models.ways_down import ways_down
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.runtime import fit as memory_fit
from engine.runtime import gguf
from engine.runtime.drafts import can_guess_for
from engine.runtime.paces import Speeds
from engine.runtime.peaks import Peaks
from engine.runtime.projector import must_fit
from engine.store.models import ModelRows, RemovedModel
from engine.types import Fit, HubFile, Made, Model, ModelFacts, ModelOrigin, WaysDown
from engine.unseen import is_text


class Models:
    """The models of one store. Every method from any thread."""

    def __init__(
        self,
        rows: ModelRows,
        ledger: Ledger,
        places: Places,
        everywhere: Callable[[], LoadOptions] = LoadOptions,
        *,
        endpoint: str = "",
        peaks: Peaks | None = None,
    ) -> None:
        """`everywhere` tells how models are loaded that have no options of their own: the settings.

        `endpoint` is the hub's address; "" takes HF_ENDPOINT, else huggingface.co.
        """
        self._everywhere = everywhere
        self._peaks = peaks
        self._rows = rows
        self._ledger = ledger
        self._places = places
        self.endpoint = endpoint or os.environ.get("HF_ENDPOINT", "") or download.HUB
        self._adding = threading.Lock()
        self.adapters = Adapters(rows, self.get, self.all)
        self.cards = Cards(rows, self.get, self.all)
        self.checkpoints = Checkpoints(self.endpoint, places, ledger)
        self.prospects = Prospects(Speeds(rows), self.all, self.need)
        self.stages = Stages(rows, places)
        self._projectors = Projectors(rows, places.models)

    # What is here.

    def all(self) -> tuple[Model, ...]:
        """Every model, oldest first; those whose file is gone are marked `missing`."""
        kept = self._kept()
        found = {model.id: self._projectors.paired(self._seen(model), kept) for model in kept}
        return tuple(replace(model, adapters=self.adapters.of(model.id, found.get)) for model in found.values())

    def for_chat(self) -> tuple[Model, ...]:
        """The models to offer for a chat: their files are here, and they write text."""
        return self.for_use("chat")

    def for_use(self, use: str) -> tuple[Model, ...]:
        """The models whose files are here and that are for `use`; see `ModelFacts`."""
        return tuple(model for model in self.all() if model.facts.use == use and not model.missing)

    def get(self, model_id: int) -> Model:
        """One model, with facts as its file is now. Raises `NotFound`."""
        model = self._alone(model_id)
        if model is None:
            raise NotFound(what="model", which=model_id)
        model = self._projectors.paired(model, self._kept())
        return replace(model, adapters=self.adapters.of(model_id, self._alone))

    def find(self, text: str) -> Model:
        """The model that `text` means: its number, its name, its path, or the only one so beginning.

        Upper and lower case are the same in names. Raises `NotFound`, and `TextNotAccepted` where
        a name could mean several.
        """
        wanted, models = text.strip(), self.all()
        path = _absolute(Path(wanted)) if wanted and "\0" not in wanted else None
        name = wanted.casefold()
        for found in (
            [model for model in models if str(model.id) == wanted],
            [model for model in models if model.path == path],
            [model for model in models if model.name.casefold() == name],
            [model for model in models if name and model.name.casefold().startswith(name) and not model.is_stage],
            [model for model in models if name and model.name.casefold().startswith(name)],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                why = f"{len(found)} models could be meant, so give the number of one"
                raise TextNotAccepted(what="The name of a model", value=text, why=why)
        raise NotFound(what="model", which=text)

    def inspect(self, path: Path) -> ModelFacts:
        """What a file is, without adding it. Raises `ModelDamaged`, `FileMissing`, `FileNotReadable`."""
        return gguf.read_facts(_absolute(path))

    def options(self, model: Model) -> LoadOptions:
        """How the model is loaded: as set for it, else as the settings say."""
        return possible(loaded_as(self._everywhere(), model.loading), model.facts)

    def fit(self, facts: ModelFacts, options: LoadOptions | None = None) -> Fit:
        """What a model will need in memory when it is so loaded (None: as the settings say), and what is free now."""
        return memory_fit.fit(facts, options or self._everywhere())

    def need(self, model: Model, options: LoadOptions | None = None) -> Fit:
        """What a model will need when it is so loaded (None: as it is), measured where it was before, and what is free.

        The model need not be one of the library.
        """
        options = options or self.options(model)
        measured = self._peaks.of(model, options) if self._peaks and not model.adapters else 0
        need = memory_fit.fit(model.weighed, options, measured_bytes=measured)
        return replace(need, seeing_bytes=self._projectors.need_bytes(model))

    def drafts(self, model: Model) -> tuple[Model, ...]:
        """The models here that could guess ahead for this one."""
        return tuple(one for one in self.for_chat() if one.id != model.id and can_guess_for(one.facts, model.facts))

    def ways_down(self, model_id: int) -> WaysDown:
        """What would fit instead of a model that does not, with the memory free now. Raises `NotFound`."""
        return ways_down(self.get(model_id), self.for_chat(), self._everywhere())

    # Changing it.

    def add(self, path: Path, cancel: Cancel, *, name: str = "", repository: str = "") -> Operation[Model]:
        """Add the file where it lies. Adding it again returns the model that is there.

        It is called `name`, "" as its file; `repository` is the hub's that it is known to come from.
        Raises `ModelDamaged`, `FileMissing`, `FileNotReadable`.
        """
        cancel.check()
        path = _absolute(path)
        kept = self.stages.keep(path) or self._keep(path, ModelOrigin.DISK, name=name, repository=repository)
        model, new = kept
        if new:
            yield Changed(what="models")
        return self.get(model.id)

    def set_loading(self, model_id: int, **values: Any) -> Model:
        """Set options of `LoadOptions` for one model; None takes one back to what the settings say.

        They hold from the next answer on: a model that is loaded otherwise is then loaded anew. Raises
        `TextNotAccepted` for what is out of its limits or does not go together, `NotFound`, `DiskFull`.
        """
        model = self.get(model_id)
        chosen = checked({name: value for name, value in values.items() if value is not None})
        others = {name: value for name, value in model.loading.items() if name not in values}
        loading = still_accepted(others) | chosen
        options = replace(options_of(self._everywhere()), **loading)
        check_together(options)
        check_possible(options, model.facts, chosen)
        self._rows.set_loading(model_id, loading)
        return replace(model, loading=loading)

    def choose_projector(self, model_id: int, path: Path | None, *, by_itself: bool = False) -> Model:
        """Have a model see with the projector in `path`, with none (None), or with the one found `by_itself`.

        Raises `NotFound`, `ProjectorNotForModel`, `ModelDamaged`, `FileMissing`, `FileNotReadable`.
        """
        model = self.get(model_id)
        chosen = None if path is None else _absolute(path)
        if chosen is not None:
            must_fit(chosen, model)
        ours = chosen is not None and chosen.parent == self._places.models  # and moves with the data folder
        kept = chosen.name if chosen is not None and ours else str(chosen or "")
        self._rows.choose_projector(model_id, None if by_itself else kept)
        return self.get(model_id)

    def found_projector(self, model: Model) -> Path | None:
        """The projector that a model would see with by itself; None where there is none that fits."""
        return self._projectors.found(model, self._kept())

    def remove(self, model_id: int) -> RemovedModel:
        """Forget a model. Its file goes too where we fetched or made it, and stays where it is the person's own.

        What it returns is for `bring_back`. Raises `NotFound`, `ModelBuiltIn` for the guide, `FileNotReadable` where
        the file cannot be deleted.
        """
        model = self.get(model_id)
        if model.is_guide:
            raise ModelBuiltIn(model=model.name)
        if model.origin not in (ModelOrigin.DISK, ModelOrigin.STAGE):
            _delete(model.path)
        return self._rows.remove(model_id)

    def bring_back(self, removed: RemovedModel) -> None:
        """Undo a removal: with its number, its options, and its adapters or what it was attached to. Raises `DiskFull`.

        For a model whose file is the person's own, and so still there.
        """
        self._rows.bring_back(removed, MOST_ATTACHED)

    def projectors_of(
        self, repository: str, file: str, cancel: Cancel, revision: str = "main", token: str = ""
    ) -> Operation[tuple[HubFile, ...]]:
        """The projectors with which a model of the hub may see, the one to take first. Nothing is fetched.

        Raises `TextNotAccepted`, the errors of the hub, `Cancelled`.
        """
        wanted = Wanted.checked(repository, file, revision, token)
        if wanted.is_checkpoint:
            return ()
        found = yield from download.find(wanted, MARK, self.endpoint, self._places, self._ledger, cancel)
        return best_first(found, file)

    def download(
        self, repository: str, file: str, cancel: Cancel, revision: str = "main", token: str = "",
        projector: HubFile | None = None,
    ) -> Operation[Model]:  # fmt: skip
        """Fetch one model from the hub and add it, and then the projector with which it is to see.

        A Stop keeps what has arrived for the next time. The model stays where its projector cannot be had. Yields
        Progressed(unit="bytes"), DownloadNoted and Changed("models"). Raises `TextNotAccepted`, the errors of the hub,
        `NoRoomForDownload`, `DiskFull`, `DownloadCorrupt`, `ModelDamaged`, `ProjectorNotForModel`, `Cancelled`.
        """
        wanted = Wanted.checked(repository, file, revision, token)
        more = Wanted.checked(repository, projector.name, revision, token) if projector else None
        model = yield from self._fetched(wanted, cancel, projector.size_bytes if projector else 0)
        if more is not None:
            seeing = yield from self._fetched(more, cancel)
            self.choose_projector(model.id, seeing.path)
            yield Changed(what="models")
        return self.get(model.id)

    def make_test_models(self, cancel: Cancel) -> Operation[tuple[Model, ...]]:
        """Make the tiny models that write noise, where they are not here yet, and add them.

        Yields Changed("models"). Raises `DiskFull`, `WorkerDied`, `Cancelled`.
        """
        paths: Sequence[Path] = testing.make(self._places, cancel)
        models = tuple(self._keep(path, ModelOrigin.TEST)[0] for path in paths)
        yield Changed(what="models")
        return models

    def keep_made(self, path: Path, name: str, made: Made | None, facts: ModelFacts) -> Model:
        """Add a model that was made here: from another (`made` tells how), or converted. `facts` were read just before.

        Raises `FileNotReadable`, `DiskFull`."""
        ours = path.parent == self._places.models
        model, _ = self._keep(path, ModelOrigin.MADE if ours else ModelOrigin.DISK, name=name, facts=facts)
        if made is not None:
            self._rows.set_made(model.id, made)
        return self.get(model.id)

    # Its own affairs.

    def _fetched(self, wanted: Wanted, cancel: Cancel, more_bytes: int = 0) -> Operation[Model]:
        fetching = download.fetch(wanted, self.endpoint, self._places, self._ledger, cancel, more_bytes)
        arrived = yield from fetching
        try:
            model, _ = self._keep(
                arrived.path, ModelOrigin.HUB, name=wanted.name, repository=wanted.repository, sha256=arrived.sha256,
                commit=arrived.commit,
            )  # fmt: skip
        except ModelDamaged as error:
            for part in arrived.paths:
                part.unlink(missing_ok=True)
            raise ModelDamaged(path=wanted.file, why=error.why) from error
        yield Changed(what="models")
        return model

    def _keep(
        self, path: Path, origin: ModelOrigin, *, name: str = "", repository: str = "", sha256: str = "",
        commit: str = "", facts: ModelFacts | None = None,
    ) -> tuple[Model, bool]:  # fmt: skip
        """The model of a file, and whether it was not there before."""
        facts, mtime_ns = facts or gguf.read_facts(path), mtime_ns_of(path)
        if not is_text(path):
            raise FileNotReadable(path=str(path), why="its name is not text; give it, or its folder, another one")
        shown = name or (facts.name if origin is ModelOrigin.TEST else path.stem)
        with self._adding:
            known = self._known(path)
            if known is None:
                return self._rows.add(
                    path=path, name=shown, origin=origin, facts=facts, mtime_ns=mtime_ns, repository=repository,
                    sha256=sha256, commit=commit,
                ), True  # fmt: skip
            self._rows.update(known.id, facts=facts, mtime_ns=mtime_ns)
        return replace(known, facts=facts, mtime_ns=mtime_ns, missing=False), False

    def _alone(self, model_id: int) -> Model | None:
        """A model without what is attached to it, None where there is none."""
        model = self._rows.get(model_id)
        seen = self._seen(self._placed(model)) if model is not None else None
        return None if seen is not None and seen.built_in and seen.missing else seen

    def _known(self, path: Path) -> Model | None:
        """The model kept for this file, under whatever name the file was shown to us."""
        for model in self._kept():
            with suppress(OSError):
                if os.path.samefile(model.path, path):
                    return model
        return None

    def _kept(self) -> tuple[Model, ...]:
        return tuple(self._placed(model) for model in with_guide(self._rows, self._places.guide))

    def _placed(self, model: Model) -> Model:
        """A file of ours is in the models folder, wherever the data folder is now; what is built in, in the program."""
        if model.origin is ModelOrigin.DISK:
            return model
        if model.built_in:
            return replace(model, path=place(model, self._places.guide))
        return replace(model, path=self._places.models / model.path.name)

    def _seen(self, model: Model) -> Model:
        """The model as its file is now: missing, unchanged, or read again and kept."""
        try:
            found = model.path.stat()
        except (OSError, ValueError):
            return replace(model, missing=True)
        same = found.st_mtime_ns == model.mtime_ns and _same_size(found.st_size, model.facts)
        known = (
            model.facts.sampling is not None
            and model.facts.feed_forward
            and model.facts.vocabulary_mark is not None
            and (model.facts.active_bytes or not model.facts.tensor_bytes)
        )
        if same and known:
            return replace(model, missing=False)
        try:
            facts = gguf.read_facts(model.path)
        except (ModelDamaged, FileMissing, FileNotReadable):
            return replace(model, missing=False)  # the load will say what is wrong with it
        with suppress(DiskFull):  # then it is read again the next time
            self._rows.update(model.id, facts=facts, mtime_ns=found.st_mtime_ns)
        return replace(model, facts=facts, mtime_ns=found.st_mtime_ns, missing=False)


def _same_size(size_bytes: int, facts: ModelFacts) -> bool:
    """The size of the first of several parts is not the size of the model, only less than it."""
    return size_bytes == facts.size_bytes or (facts.parts > 1 and size_bytes < facts.size_bytes)


def _absolute(path: Path) -> Path:
    """Where a file lies, without following links: the person's own name for it is kept."""
    return Path(os.path.abspath(path.expanduser()))


def _delete(path: Path) -> None:
    """Delete a file of ours and its further parts."""
    for part in gguf.parts_of(path):
        try:
            part.unlink(missing_ok=True)
        except OSError as error:
            raise from_os_error(error, part) from error
