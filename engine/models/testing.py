"""Having the tiny test models made, by a process that may import what writing them takes."""

from pathlib import Path

from engine import wire
from engine.operation import Cancel
from engine.places import Places
from engine.runtime.process import Process

SILENT_S = 120.0


def make(places: Places, cancel: Cancel) -> tuple[Path, ...]:
    """The files of the test models; those that are there already are left as they are.

    Raises `DiskFull`, `FileNotReadable`, `WorkerDied`, `WorkerSilent`, `Cancelled`.
    """
    made: tuple[str, ...] = ()
    with Process("test models", "engine.worker.testmodels", private=places.private) as process:
        request = wire.MakeModels(folder=str(places.models))
        for report in process.ask(request, cancel, silent_s=SILENT_S, stop_by_ending=True):
            if isinstance(report, wire.ModelsMade):
                made = report.paths
    return tuple(Path(path) for path in made)
