"""One model's place: the process that has it loaded, and how many answers are at work in it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine import wire
from engine.errors import CardNotUsable
from engine.loading import LoadOptions, alike
from engine.runtime.measures import File, identity
from engine.runtime.process import Process
from engine.types import Adapter, Model, Resident


@dataclass(eq=False)
class Seat:
    """Without a process it belongs to the generation that took it to load the model; then
    any number share it. Guarded by the condition of `Seats`."""

    model_id: int
    name: str
    path: Path
    files: tuple[File, ...]  # the model's, and those of the adapters loaded with it
    options: LoadOptions
    threads: int
    battery: bool = False
    jobs: int = 1
    used_at: float = 0.0  # when it was taken or given back last, by the clock of `Seats`
    need_bytes: int = 0  # as reckoned before it was loaded
    too_large: bool = False  # loaded although it did not fit
    process: Process | None = None
    loaded: wire.Loaded = field(default_factory=wire.Loaded)
    let_go: bool = False  # unloaded while generations were at work in it
    ran_short: bool = False  # ended before the computer froze
    projector: File | None = None  # with which it sees pictures
    said: bool = False  # what its first answer tells of how it was loaded
    death_counted: bool = False  # it dies once, however many generations it takes along

    def serves(self, files: Sequence[File], options: LoadOptions, projector: File | None = None) -> bool:
        """Whether its process can answer as wanted without loading anew.

        An adapter too many is only off, and who sees can also only read.
        """
        if projector not in (None, self.projector):
            return False
        same = self.files[0] == files[0] and {*self.files}.issuperset(files) and alike(self.options, options)
        return same and self.process is not None and self.process.alive

    def strengths(self, model: Model) -> tuple[float, ...]:
        """How strongly each adapter that is loaded is to work; those taken off meanwhile are off."""
        wanted = {str(adapter.path): adapter.strength for adapter in model.adapters}
        return tuple(wanted.get(path, 0.0) for path, _, _ in self.files[1:])

    def leaves_at(self) -> float:
        """When it will have been idle for as long as it may, by the clock of `Seats`."""
        minutes = self.options.unload_after_minutes
        return self.used_at + 60 * minutes if minutes else math.inf

    def resident(self, now: float) -> Resident:
        """What is to be told of it."""
        return Resident(
            model_id=self.model_id, options=self.options, need_bytes=self.need_bytes, answers=self.jobs,
            idle_s=0.0 if self.jobs else now - self.used_at, card=self.loaded.card,
            card_layers=self.loaded.card_layers,
        )  # fmt: skip

    def first_words(self) -> str:
        """What is to be told once of how it was loaded: that no graphics card could be used."""
        if self.said or not self.loaded.card_why:
            return ""
        self.said = True
        return str(CardNotUsable(why=self.loaded.card_why))

    def tell_threads(self, threads: int, battery: bool) -> None:
        """Have its process use `threads` and spare a `battery`, where that is not what it does."""
        if self.process is not None and (self.threads, self.battery) != (threads, battery):
            self.process.tell(wire.SetThreads(threads=threads, battery=battery))
            self.threads, self.battery = threads, battery

    def close(self) -> None:
        """End its process."""
        if self.process is not None:
            self.process.close()


def loaded_with(model: Model) -> list[Adapter]:
    """The adapters that are loaded with a model: one that is off too, to be on at once, but not where it is gone."""
    return [adapter for adapter in model.adapters if adapter.strength or not adapter.missing]


def files_of(model: Model) -> tuple[File, ...]:
    """The file of a model, and those of the adapters that are loaded with it."""
    return tuple(map(identity, [model.path, *(adapter.path for adapter in loaded_with(model))]))


def blamed(files: tuple[File, ...], projector: File | None) -> tuple[File, ...]:
    """The files that are at fault where a process dies: the projector, where there is one."""
    return (projector,) if projector else files
