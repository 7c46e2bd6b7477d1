"""A reader that speaks the real wire and is killed in the middle of files named "…die", and by its limit in "…slow"."""

import os
import signal
from pathlib import Path

from engine import wire
from engine.worker.desk import Desk

ENDS = {"die": signal.SIGKILL, "slow": signal.SIGXCPU}


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("reader")

    def read(request: wire.Read) -> None:
        path = Path(request.path)
        desk.report(wire.PageRead(job=request.job, number=1, text=path.read_text(encoding="utf-8")))
        _die_of(path)
        desk.report(wire.DocumentRead(job=request.job, pages=1))

    def read_together(request: wire.ReadTogether) -> None:
        for which, path in enumerate(map(Path, request.paths)):
            _die_of(path)
            pages = ((path.read_text(encoding="utf-8"), (), ""),)
            desk.report(wire.TextRead(job=request.job, which=which, pages=pages))
        desk.report(wire.DocumentRead(job=request.job, pages=len(request.paths)))

    desk.serve({wire.Read: read, wire.ReadTogether: read_together})


def _die_of(path: Path) -> None:
    for end, number in ENDS.items():
        if path.stem.endswith(end):
            os.kill(os.getpid(), number)


if __name__ == "__main__":
    main()
