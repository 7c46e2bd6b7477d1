"""Converting a checkpoint: a folder of safetensors becomes a model of the library, or an adapter.

The work is done by a process of its own, which is given the files to read and an empty folder to write in. Nothing has
a model's name before it is whole and llama.cpp has been seen to read text as the model's own tokenizer does.
"""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from engine import wire
from engine.convert.folder import looked_at
from engine.errors import FileMissing, TextNotAccepted
from engine.events import Changed, Event
from engine.models import Models
from engine.models.rate import Rate
from engine.operation import Cancel, Operation
from engine.places import Places
from engine.quantizations import CONVERTED_FORMS
from engine.quantize.folder import beside, given_name
from engine.quantize.naming import named
from engine.quantize.targets import Targets
from engine.runtime import gguf
from engine.runtime.process import Process
from engine.types import Adapter, Checkpoint, Model

KIND, MODULE = "converter", "engine.worker.converter"
NICENESS = 5  # as of a model that answers: the window and other programs come first
PART = "new.gguf"


class Converting:
    """For one library. Every method from any thread; several may be converted at once."""

    def __init__(self, models: Models, targets: Targets, places: Places) -> None:
        """`targets` is the one that all share who make models."""
        self._models, self._targets, self._places = models, targets, places

    def look(self, folder: Path) -> Checkpoint:
        """What there is to convert in a folder; only names and sizes are looked at.

        Raises `CheckpointNotUsable`, `FileMissing`, `FileNotReadable`.
        """
        checkpoint = looked_at(folder)
        return replace(checkpoint, fetched=self._models.checkpoints.fetched(checkpoint.folder))

    def convert(
        self, folder: Path, cancel: Cancel, *, form: str = "", base_id: int | None = None, to: Path | None = None,
        deletes: bool = False,
    ) -> Operation[Model]:  # fmt: skip
        """Make a GGUF file of the checkpoint in `folder`, and add it to the library; the folder stays as it is.

        Unless, where that was downloaded here, this `deletes` it afterwards.
        `form` is one of `CONVERTED_FORMS`, "" for that of its weights. An adapter needs `base_id`, the model it was
        trained for. It lies in the models folder, or in the file `to`, which must not be there yet. Yields
        Progressed(unit="bytes") and Changed("models"). Raises `TextNotAccepted`, `CheckpointNotUsable`,
        `TokenizerDiffers`, `AdapterNotForModel`, `NotFound`, `FileMissing`, `FileNotReadable`, `NotEnoughRoom`,
        `DiskFull`, `ModelDamaged`, `WorkerDied`, `WorkerSilent`, `Cancelled`.
        """
        if form and form not in CONVERTED_FORMS:
            why = f"there are {', '.join(CONVERTED_FORMS)}"
            raise TextNotAccepted(what="A form", value=form, why=why)
        checkpoint = self.look(folder)
        if deletes and not checkpoint.fetched:
            why = "it was not downloaded here, so it is not deleted"
            raise TextNotAccepted(what="A folder", value=str(folder), why=why)
        base = self._base(checkpoint, base_id)
        name = named(checkpoint.name, form) if form and base is None else checkpoint.name
        with (
            self._targets.named(tuple(checkpoint.files.values()), name, to) as target,
            beside(target) as making,
        ):
            part = making / PART
            yield from self._converted(checkpoint, base, form, name, part, cancel)
            facts = gguf.facts_of(target, gguf.headers_of(part))
            if base is not None:
                gguf.must_adapt([Adapter(id=0, name=name, path=part)], base)
            given_name(part, target)
            kept = self._models.keep_made(target, name if to is None else target.stem, None, facts)
        if deletes:
            self._models.checkpoints.delete(checkpoint.folder)
        yield Changed(what="models")
        return kept

    def _base(self, checkpoint: Checkpoint, base_id: int | None) -> Model | None:
        if not checkpoint.adapter:
            return None
        if base_id is None:
            why = "it is an adapter, so say for which model it was trained"
            raise TextNotAccepted(what="What is converted", value=checkpoint.name, why=why)
        base = self._models.get(base_id)
        if base.missing:
            raise FileMissing(path=str(base.path))
        gguf.read_facts(base.path)
        return base

    def _converted(
        self, checkpoint: Checkpoint, base: Model | None, form: str, name: str, part: Path, cancel: Cancel
    ) -> Generator[Event, None, None]:
        request = wire.Convert(
            folder=str(checkpoint.folder), files={file: str(path) for file, path in checkpoint.files.items()},
            to=str(part), form=form, base=str(base.path) if base else "", name=name, repository=checkpoint.repository,
        )  # fmt: skip
        rate = Rate()
        with Process(KIND, MODULE, private=self._places.private, niceness=NICENESS) as process:
            for report in process.ask(request, cancel, stop_by_ending=True, job_to_blame=True):
                if isinstance(report, wire.Moved):
                    yield rate.progressed(report.done, report.total, "")
