"""A process's end of the pipe: take requests, report, end with the engine.

    desk = Desk("reader")
    desk.serve({wire.Read: read}, at_once={wire.Stop: stop})

The first act moves file descriptor 1 aside, so that a stray print of a library cannot corrupt
a line. Before the first request is read, the process is sealed by the rules of its kind. When the
pipe closes, the process ends at once: nobody is left to hear it.
"""

import contextlib
import faulthandler
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, NamedTuple

from engine import wire
from engine.errors import Cancelled, EngineError
from engine.privacy import refusals
from engine.privacy.probe import probe
from engine.privacy.rules import RULES, Right
from engine.privacy.seal import confine, seal, unmet, walls
from engine.worker.guard import guard, set_aside

_PIECE_BYTES = 1024 * 1024
Handler = Callable[[Any], None]
Given = Callable[[Any], Sequence[str]]


class Copy(NamedTuple):
    """A copy of this process, and the pipe on which it reports."""

    number: int
    reports: IO[bytes]


class Desk:
    """Reads requests from standard input and writes reports to the engine."""

    def __init__(self, process: str) -> None:
        """Take the pipe over. `process` is the kind of process, as `engine.privacy.rules` names it."""
        self.process = process
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        faulthandler.enable(2)  # a crash of native code tells the engine where it was
        self._sending = threading.Lock()
        self._inbox: queue.SimpleQueue[wire.Message] = queue.SimpleQueue()

    def report(self, *messages: wire.Message) -> None:
        """Send one report, or some at once, which wakes whoever listens only once; from any thread."""
        lines = []
        for message in messages:
            lines.append(wire.line(message))
            if len(lines[-1]) > wire.LINE_BYTES:
                raise ValueError(f"a {type(message).__name__} of {len(lines[-1])} bytes does not fit a line")
        self._write(b"".join(lines))

    def serve(
        self,
        handlers: Mapping[type[Any], Handler],
        *,
        at_once: Mapping[type[Any], Handler] = {},
        given: Given | None = None,
        copied: bool = False,
        go_on: Callable[[], bool] = lambda: False,
    ) -> None:
        """Seal the process, greet, then do requests one after another on this thread until the pipe closes.

        A kind in `at_once` is handled on the pipe's own thread, while a request is being done. `go_on` does a
        little more of what requests have begun and says whether there is more; requests come between.
        `given` names the files or the folder that the first request is about: nothing else is opened then.
        With `copied` it is a copy of this process that tries its walls last, and lets `refusals` go.
        """
        began = time.perf_counter()
        seal(self.process)
        if given is None or unmet():
            self.report_walls(self.process, began)
        self.report(wire.Hello(process=self.process, pid=os.getpid()))
        if given is not None:  # on this thread, while there is no other: Landlock would not hold that one
            request = self._next(at_once)
            began = time.perf_counter()
            confine(self.process, given(request))
            self.report_walls(self.process, began)
            self._inbox.put(request)
        if Right.NETWORK not in RULES[self.process].rights:
            guard(self.report, unix=Right.UNIX in RULES[self.process].rights)
        if not copied:
            refusals.close()
        threading.Thread(target=self._listen, args=(at_once,), name="pipe", daemon=True).start()
        more = False
        while True:
            for _ in range(max(self._inbox.qsize(), not more)):  # who came together is read for together
                request = self._inbox.get()
                self.do(handlers[type(request)], request)
            more = go_on()

    def report_walls(self, kind: str, began: float) -> None:
        """Try every way out, and report what came of it. Ends here where a wall fails that the system offers."""
        with set_aside(), refusals.quiet():  # it is the walls that are tried, not the guard before them
            tried, seconds = probe(kind), time.perf_counter() - began
        self.report(
            wire.Sealed(
                process=kind, pid=os.getpid(), walls=walls(), tried=tried, seconds=seconds, unmet=unmet()
            )
        )  # fmt: skip
        if unmet():
            os._exit(1)  # nothing that came from outside has been read

    def do(self, handler: Handler, request: wire.Message) -> None:
        """Do one request; whatever comes of it is reported."""
        try:
            handler(request)
        except Exception as error:  # noqa: BLE001 - the border of the process: everything must be reported
            self.fail(request.job, error)

    def fail(self, job: int, error: Exception) -> None:
        """Report what a job ended in."""
        if isinstance(error, Cancelled):
            self.report(wire.Failed(job=job, code="Cancelled"))
        elif isinstance(error, EngineError):
            self.report(wire.Failed(job=job, code=error.code, facts=error.facts))
        elif isinstance(error, MemoryError):
            self.report(wire.Failed(job=job, code="MemoryError", facts={"why": "ran out of memory"}))
        else:
            traceback.print_exception(error)
            place = traceback.extract_tb(error.__traceback__)[-1]
            why = f"at {os.path.basename(place.filename)}:{place.lineno}"
            self.report(wire.Failed(job=job, code=type(error).__name__, facts={"why": why}))

    def copied(self) -> "Copy | None":
        """Copy this process; None in the copy, whose reports go through the original."""
        hear, say = os.pipe()
        with self._sending:  # no other thread is in the middle of a line
            number = os.fork()
        if number:
            os.close(say)
            return Copy(number, os.fdopen(hear, "rb", buffering=0))
        os.close(hear)
        self._out = os.fdopen(say, "wb", buffering=0)
        return None

    def pass_on(self, copy: "Copy") -> int:
        """Hand on what the copy reports, in whole lines, and return its status when it has ended."""
        begun: list[bytes] = []  # of a line whose end has not come
        with copy.reports as reports:
            while sum(map(len, begun)) < wire.LINE_BYTES and (more := reports.read(_PIECE_BYTES)):
                whole = more.rfind(b"\n") + 1
                if whole:
                    self._write(b"".join([*begun, more[:whole]]))
                    begun.clear()
                begun.append(more[whole:])
        return os.waitpid(copy.number, 0)[1]

    def _write(self, raw: bytes) -> None:
        with self._sending:
            view = memoryview(raw)
            while view:
                view = view[self._out.write(view) :]

    def _listen(self, at_once: Mapping[type[Any], Handler]) -> None:
        while True:
            self._inbox.put(self._next(at_once))

    def _next(self, at_once: Mapping[type[Any], Handler]) -> wire.Message:
        """The next request for the inbox; ends the process when there will be none."""
        with contextlib.suppress(OSError, wire.WireError):  # a garbled line cannot be answered
            while found := wire.received(sys.stdin.buffer, wire.REQUESTS):
                request = found[0]
                now = at_once.get(type(request))
                if isinstance(request, wire.Beat):
                    self.report(wire.Alive())
                elif now is not None:
                    now(request)
                elif not isinstance(request, wire.Stop):
                    return request
        os._exit(0)  # the engine is gone or let us go


def made(folder: str) -> tuple[str, ...]:
    """The folder that a process is given, there from now on: only what is there can be given."""
    with contextlib.suppress(OSError):  # whoever writes in it meets the same error and says so
        os.makedirs(folder, mode=0o700, exist_ok=True)
    return (folder,)
