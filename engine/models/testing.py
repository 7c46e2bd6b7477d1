"""Having the tiny test models made."""

from pathlib import Path

from engine import wire
from engine.operation import Cancel
from engine.places import Places
from engine.runtime.making import made


def make(places: Places, cancel: Cancel) -> tuple[Path, ...]:
    """The files of the test models; those that are there already are left as they are.

    Raises `DiskFull`, `FileNotReadable`, `WorkerDied`, `WorkerSilent`, `Cancelled`.
    """
    request = wire.MakeModels(folder=str(places.models))
    return made("test models", "engine.worker.testmodels", request, places.private, cancel)
