"""A process's end of the pipe: take requests, report, end with the engine.

    desk = Desk("reader")
    desk.serve({wire.Read: read}, at_once={wire.Stop: stop})

The first act moves file descriptor 1 aside, so that a stray print of a library cannot corrupt
a line. When the pipe closes, the process ends at once: nobody is left to hear it.
"""

import contextlib
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

from engine import wire
from engine.errors import Cancelled, EngineError

Handler = Callable[[Any], None]


class Desk:
    """Reads requests from standard input and writes reports to the engine."""

    def __init__(self, process: str) -> None:
        """Take the pipe over. Say `hello` only when the process is ready to work."""
        self.process = process
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        self._sending = threading.Lock()
        self._inbox: queue.SimpleQueue[wire.Message] = queue.SimpleQueue()

    def report(self, message: wire.Message) -> None:
        """Send one report; from any thread."""
        raw = wire.line(message)
        if len(raw) > wire.LINE_BYTES:
            raise ValueError(f"a {type(message).__name__} of {len(raw)} bytes does not fit a line")
        with self._sending:
            view = memoryview(raw)
            while view:
                view = view[self._out.write(view) :]

    def serve(self, handlers: Mapping[type[Any], Handler], *, at_once: Mapping[type[Any], Handler] = {}) -> None:
        """Greet, then do requests one after another on this thread until the pipe closes.

        A kind in `at_once` is handled on the pipe's own thread, while a request is being done.
        """
        threading.Thread(target=self._listen, args=(at_once,), name="pipe", daemon=True).start()
        self.report(wire.Hello(process=self.process, pid=os.getpid()))
        while True:
            request = self._inbox.get()
            try:
                handlers[type(request)](request)
            except Cancelled:
                self.report(wire.Failed(job=request.job, code="Cancelled"))
            except EngineError as error:
                self.report(wire.Failed(job=request.job, code=error.code, facts=error.facts))
            except MemoryError:
                self.report(wire.Failed(job=request.job, code="MemoryError", facts={"why": "ran out of memory"}))
            except Exception as error:  # noqa: BLE001 - the border of the process: everything must be reported
                traceback.print_exc()
                place = traceback.extract_tb(error.__traceback__)[-1]
                why = f"at {os.path.basename(place.filename)}:{place.lineno}"
                self.report(wire.Failed(job=request.job, code=type(error).__name__, facts={"why": why}))

    def _listen(self, at_once: Mapping[type[Any], Handler]) -> None:
        source = sys.stdin.buffer
        with contextlib.suppress(OSError, wire.WireError):  # a garbled line cannot be answered
            while raw := source.readline(wire.LINE_BYTES):
                request = wire.message(raw, wire.REQUESTS)
                now = at_once.get(type(request))
                if isinstance(request, wire.Beat):
                    self.report(wire.Alive())
                elif now is not None:
                    now(request)
                elif not isinstance(request, wire.Stop):
                    self._inbox.put(request)
        os._exit(0)  # the engine is gone or let us go
