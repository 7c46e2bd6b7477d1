"""A process for each document, or for a few small ones that plain Python reads: it may open nothing else, and takes
whatever it caught with it when it ends.

On Linux the reader copies itself, which takes a hundredth of the time of starting anew, and the copy takes in what it
is about and gives up all other files. Elsewhere the reader reads by itself.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from engine import wire
from engine.errors import WorkerDied
from engine.privacy import refusals
from engine.privacy.seal import confine, unmet
from engine.worker.desk import Desk, Handler
from engine.worker.reader.file import File, taken_in

Request = wire.Read | wire.ReadTogether | wire.ReadPictures | wire.Draw | wire.TakePicture
_END_WITH_PARENT = 1  # prctl(2): PR_SET_PDEATHSIG


Work = Callable[[Any, Sequence[File]], None]


def apart(desk: Desk, work: Work, warm_ups: dict[str, Callable[[], None]]) -> Handler:
    """`work`, done in a process of its own with the files of a request. Where it dies, `WorkerDied` tells how.

    `warm_ups` are done here before the first request about such a kind of document: what they leave, every copy has.
    """
    if sys.platform != "linux":
        return lambda request: work(request, _taken_in(request))

    control = ctypes.CDLL(None).prctl  # looked up here, and not in every copy
    gc.freeze()  # a copy that looks for garbage leaves what it shares with the reader alone, and need not copy it
    first = True

    def handle(request: Request) -> None:
        nonlocal first
        reader = os.getpid()
        if warm_up := warm_ups.pop(getattr(request, "reader", ""), None):
            warm_up()
        copy = desk.copied()
        if copy is None:
            _read_alone(desk, work, request, reader, control, tells=first)
        status = desk.pass_on(copy)
        if first:  # the walls of a copy have been tried
            refusals.close()
        first = False
        if os.WIFSIGNALED(status):
            raise WorkerDied(process="reader", how=f"signal {signal.Signals(os.WTERMSIG(status)).name}")
        if status:
            raise WorkerDied(process="reader", how=f"exit code {os.waitstatus_to_exitcode(status)}")

    return handle


def _read_alone(
    desk: Desk,
    work: Work,
    request: Request,
    reader: int,
    control: Callable[..., int],
    *,
    tells: bool,
) -> NoReturn:
    """What the copy does; it never returns into the reader's own work.

    The first one tells what it can do: the others are made in the same way. `control` is prctl(2).
    """
    status = 1
    try:
        control(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == reader:  # else the reader ended before it could be said
            began = time.perf_counter()
            files = _taken_in(request)
            confine("document", [str(file.path) for file in files if file.path])
            if tells or unmet():
                desk.report_walls("document", began)
            refusals.close()
            desk.do(lambda request: work(request, files), request)
            status = 0
    finally:
        os._exit(status)


def _taken_in(request: Request) -> list[File]:
    """The files of a request: what is in those that are small, at which nobody has looked yet."""
    if isinstance(request, wire.TakePicture):
        return []
    if isinstance(request, wire.ReadTogether):  # the others are for copies of their own
        files = (taken_in(Path(path)) for path in request.paths)
        return [file if file.raw else File(file.name) for file in files]
    return [taken_in(Path(request.path))]
