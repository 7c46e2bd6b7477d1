"""The engine's side of the embedder: started when first needed, ended when nobody has needed it.

The process takes seconds to start, so searching never waits for it unless told to. Owns that
process, the thread that warms it up and the timer that ends it.
"""

import base64
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine import wire
from engine.documents.meaning import Floats
from engine.errors import Cancelled, EmbedderNotUsable, EngineError
from engine.operation import Cancel
from engine.runtime.heartbeat import HANG_S
from engine.runtime.process import Process

IDLE_S = 300.0
SILENT_S = 240.0  # loading on a busy machine; a batch takes well under a second
# The name under which vectors are kept: the model and the beginning of the hash of its weights.
NAME = "all-MiniLM-L6-v2 53aa5117"


class Embedder:
    """Turns texts into unit vectors in a process of its own."""

    def __init__(self, private: Path, module: str = "engine.worker.embedder", idle_s: float = IDLE_S) -> None:
        self._private = private
        self._module = module
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._warm = False
        self._asking = 0
        self._used_at = time.monotonic()
        self._timer: threading.Timer | None = None
        self._warming: threading.Thread | None = None
        self._stop_warming = Cancel()
        self._closed = False

    @property
    def warm(self) -> bool:
        """Whether it can answer at once."""
        return self._warm and self._process is not None and self._process.alive

    def warm_up(self) -> None:
        """Start it on the side, unless it is starting or running."""
        with self._lock:
            if self._closed or self._asking or (self._warming and self._warming.is_alive()):
                return
            if self._warm and self._process is not None and self._process.alive:
                return
            self._warming = threading.Thread(target=self._warm_up, name="embedder warm-up", daemon=True)
            self._warming.start()

    def vectors(self, texts: Sequence[str], cancel: Cancel) -> Floats:
        """One unit vector a text, as rows. Raises `EmbedderNotUsable`, `WorkerDied`, `Cancelled`."""
        process = self._take()
        try:
            hang_s = HANG_S if self._warm else None  # while torch loads, no other thread of its process runs
            for report in process.ask(wire.Embed(texts=tuple(texts)), cancel, silent_s=SILENT_S, hang_s=hang_s):
                if isinstance(report, wire.Embedded):
                    self._warm = True
                    try:
                        return _unpacked(report, len(texts))
                    except ValueError as error:
                        process.end()
                        raise EmbedderNotUsable(why="it sent vectors of another shape") from error
            raise Cancelled
        finally:
            self._leave()

    def close(self) -> None:
        """End the process and whatever waits."""
        with self._lock:
            self._closed = True
            timer, warming = self._timer, self._warming
            process, self._process = self._process, None
        self._stop_warming.press()
        if timer is not None:
            timer.cancel()
            timer.join()
        if process is not None:
            process.end()  # torch does not notice a closed pipe while it loads
            process.close()
        if warming is not None:
            warming.join()

    # Its own affairs.

    def _take(self) -> Process:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._process is not None and not self._process.alive:
                self._process.close()
                self._process = None
            if self._process is None:
                self._warm = False
                self._process = Process("embedder", self._module, private=self._private, niceness=10)
            self._asking += 1
            return self._process

    def _leave(self) -> None:
        with self._lock:
            self._asking -= 1
            self._used_at = time.monotonic()
            if self._timer is None and not self._closed:
                self._start_timer(self._idle_s)

    def _start_timer(self, after_s: float) -> None:
        self._timer = threading.Timer(after_s, self._end_if_idle)
        self._timer.name, self._timer.daemon = "embedder timer", True
        self._timer.start()

    def _end_if_idle(self) -> None:
        with self._lock:
            self._timer = None
            if self._closed or self._process is None:
                return
            left_s = self._used_at + self._idle_s - time.monotonic()
            if self._asking or left_s > 0:
                self._start_timer(max(left_s, self._idle_s / 10))
                return
            process, self._process, self._warm = self._process, None, False
        process.close()

    def _warm_up(self) -> None:
        with suppress(EngineError, Cancelled):  # whoever asks next is told why
            self.vectors((), self._stop_warming)


def _unpacked(report: wire.Embedded, count: int) -> Floats:
    """The vectors of a report. Raises `ValueError` for anything but `count` rows of finite numbers."""
    numbers = np.frombuffer(base64.b64decode(report.vectors, validate=True), "<f4")
    if not np.isfinite(numbers).all():
        raise ValueError("not a number")
    return numbers.reshape(count, report.dimensions).astype(np.float32)
