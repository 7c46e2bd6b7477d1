"""A reader that speaks the real wire and is killed in the middle of a file "die", and by its limit in "slow"."""

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
        if path.stem in ENDS:
            os.kill(os.getpid(), ENDS[path.stem])
        desk.report(wire.DocumentRead(job=request.job, pages=1))

    desk.serve({wire.Read: read})


if __name__ == "__main__":
    main()
