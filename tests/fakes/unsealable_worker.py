"""A process that speaks the wire as the embedder's does, and around which a wall cannot be raised.

Which one is told by a file beside its home: "network" (it has as many rules of Landlock as the kernel lets anybody
lay on), "files" (one less), "filter" (the filter is refused), "nothing here" (the kernel has neither), or "nothing".
"""

import errno
import os
from pathlib import Path

from engine import wire
from engine.privacy import landlock, seal
from engine.worker.desk import Desk

MOST_LAYERS = 16  # LANDLOCK_MAX_NUM_LAYERS
FAILS = Path(os.getcwd()).with_suffix(".fails").read_text()


def refused(*_: object) -> bool:
    """As the kernel refuses a filter."""
    raise OSError(errno.ENOMEM, "seccomp")


def answer(request: wire.Embed) -> None:
    """Work that must not be done behind half the walls."""
    desk.report(wire.Embedded(job=request.job, vectors="worked", dimensions=0))


if FAILS in ("network", "files"):
    for _ in range(MOST_LAYERS - (FAILS == "files")):
        landlock.restrict(listen=False)
elif FAILS == "filter":
    seal.filter_calls = seal.filter_and_tell = refused
elif FAILS == "nothing here":
    landlock.version = lambda: 0
    seal.filter_calls = lambda _: False
desk = Desk("embedder")
desk.serve({wire.Embed: answer})
