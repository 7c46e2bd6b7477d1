"""A process that loads any model with its projector, and dies at the first picture."""

import os
import signal

from engine import wire
from engine.worker.desk import Desk


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("vision")

    def load(request: wire.Load) -> None:
        desk.report(wire.Loaded(job=request.job, context_tokens=request.context_tokens, threads=1))

    def generate(request: wire.Generate) -> None:
        os.kill(os.getpid(), signal.SIGSEGV)

    desk.serve({wire.Load: load, wire.Generate: generate}, given=lambda request: (request.path, request.projector))


if __name__ == "__main__":
    main()
