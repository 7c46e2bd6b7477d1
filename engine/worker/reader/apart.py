"""A process for each document: it may open that one file, and takes whatever it caught with it when it ends.

On Linux the reader copies itself, which takes a hundredth of the time of starting anew, and the copy
gives up all files but one. Elsewhere the reader reads by itself.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from typing import NoReturn

from engine import wire
from engine.errors import WorkerDied
from engine.privacy import refusals
from engine.privacy.seal import confine, unmet
from engine.worker.desk import Desk, Handler

Request = wire.Read | wire.ReadPictures | wire.Draw | wire.TakePicture
_END_WITH_PARENT = 1  # prctl(2): PR_SET_PDEATHSIG


def apart(desk: Desk, work: Handler) -> Handler:
    """`work`, done in a process of its own. Where that process dies, `WorkerDied` tells how."""
    if sys.platform != "linux":
        return work

    gc.freeze()  # a copy that looks for garbage leaves what it shares with the reader alone, and need not copy it
    first = True

    def handle(request: Request) -> None:
        nonlocal first
        reader = os.getpid()
        copy = desk.copied()
        if copy is None:
            _read_alone(desk, work, request, reader, tells=first)
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
    work: Handler,
    request: Request,
    reader: int,
    *,
    tells: bool,
) -> NoReturn:
    """What the copy does; it never returns into the reader's own work.

    The first one tells what it can do: the others are made in the same way.
    """
    status = 1
    try:
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        if os.getppid() == reader:  # else the reader ended before it could be said
            began = time.perf_counter()
            confine("document", () if isinstance(request, wire.TakePicture) else (request.path,))
            if tells or unmet():
                desk.report_walls("document", began)
            refusals.close()
            desk.do(work, request)
            status = 0
    finally:
        os._exit(status)
