"""One model's place: the process that has it loaded, and how many answers are at work in it."""

from dataclasses import dataclass, field
from pathlib import Path

from engine import wire
from engine.loading import LoadOptions, alike
from engine.runtime.measures import File
from engine.runtime.process import Process


@dataclass(eq=False)
class Seat:
    """Without a process it belongs to the generation that took it to load the model; then
    any number share it. Guarded by the runtime's condition."""

    model_id: int
    path: Path
    file: File
    options: LoadOptions
    threads: int
    jobs: int = 1
    used_at: int = 0
    process: Process | None = None
    loaded: wire.Loaded = field(default_factory=wire.Loaded)
    let_go: bool = False  # unloaded while generations were at work in it
    ran_short: bool = False  # ended before the computer froze
    death_counted: bool = False  # it dies once, however many generations it takes along

    def serves(self, file: File, options: LoadOptions) -> bool:
        """Whether its process can answer as wanted without loading anew."""
        same = self.file == file and alike(self.options, options)
        return same and self.process is not None and self.process.alive

    def close(self) -> None:
        """End its process."""
        if self.process is not None:
            self.process.close()
