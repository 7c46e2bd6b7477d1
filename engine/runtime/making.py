"""Having model files made, by a process that may import what writing them takes."""

from pathlib import Path

from engine import wire
from engine.operation import Cancel
from engine.runtime.process import Process

SILENT_S = 120.0


def made(kind: str, module: str, request: wire.Message, private: Path, cancel: Cancel) -> tuple[Path, ...]:
    """The files that a process of this kind made for `request`; a pressed `cancel` ends it.

    Raises `DiskFull`, `FileNotReadable`, `WorkerDied`, `WorkerSilent`, `Cancelled`.
    """
    paths: tuple[str, ...] = ()
    with Process(kind, module, private=private) as process:
        for report in process.ask(request, cancel, silent_s=SILENT_S, stop_by_ending=True):
            if isinstance(report, wire.ModelsMade):
                paths = report.paths
    return tuple(Path(path) for path in paths)
