"""A process that texts are sent to: started when first needed, kept warm, ended when nobody has needed it.

It takes some time to start and to load a model, so searching never waits for it unless told to. Owns that process,
the thread that warms it up and the timer that ends it.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from engine import wire
from engine.errors import Cancelled, EngineError
from engine.operation import Cancel
from engine.runtime.heartbeat import HANG_S
from engine.runtime.process import Process

IDLE_S = 300.0
SILENT_S = 240.0  # loading on a busy machine; a batch takes well under a second
NICENESS = 10


class KeptProcess:
    """Asks a process; from any thread. `load` says what it is told first, None for one that loads by itself."""

    def __init__(
        self,
        private: Path,
        name: str,
        module: str,
        load: Callable[[Cancel], wire.Load] | None = None,
        *,
        loaded: Callable[[wire.Loaded], None] = lambda _: None,
        idle_s: float = IDLE_S,
    ) -> None:
        """`name` is its kind in `engine.privacy.rules`. `loaded` hears of a load, and raises where it will not do."""
        self._private, self._name, self._module = private, name, module
        self._load, self._on_loaded = load, loaded
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._process: Process | None = None
        self._loaded_in: Process | None = None
        self._warm = False
        self._asking = 0
        self._used_at = time.monotonic()
        self._timer: threading.Timer | None = None
        self._warming: threading.Thread | None = None
        self._stop_warming = Cancel()
        self._closed = False
        self.trouble: EngineError | None = None  # why it could not be made warm the last time

    @property
    def warm(self) -> bool:
        """Whether it can answer at once."""
        return self._warm and self._process is not None and self._process.alive

    def warm_up(self, ask: Callable[[Cancel], object]) -> None:
        """Make it warm on the side by asking it something, unless it is starting or running."""
        with self._lock:
            if self._closed or self._asking or (self._warming and self._warming.is_alive()):
                return
            if self._warm and self._process is not None and self._process.alive:
                return
            self.trouble = None
            self._warming = threading.Thread(
                target=self._warm_up, args=(ask,), name=f"{self._name} warm-up", daemon=True
            )
            self._warming.start()

    def ask(self, request: wire.Message, cancel: Cancel, heard: Callable[[wire.Message], None]) -> None:
        """Have it do one request; `heard` takes its reports.

        Raises `Cancelled`, `WorkerDied`, `WorkerSilent`, and whatever it reports or `load` and `heard` raise.
        """
        process = self._take()
        try:
            self._make_ready(process, cancel)
            hang_s = HANG_S if self._warm or self._load else None  # while torch loads, nothing else of its process runs
            for report in process.ask(request, cancel, silent_s=SILENT_S, hang_s=hang_s):
                heard(report)
            self._warm = True
        except ValueError:  # it sent what nobody asked for
            process.end()
            raise
        finally:
            self._leave()

    def let_go(self) -> None:
        """Give its memory back now; it is started again when it is next asked. Whatever it was asked ends with it."""
        with self._lock:
            process, self._process, self._warm = self._process, None, False
        if process is not None:
            process.end()
            process.close()

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

    def _make_ready(self, process: Process, cancel: Cancel) -> None:
        if self._load is None:
            return
        with self._loading:
            if self._loaded_in is process:
                return
            loaded = None
            for report in process.ask(self._load(cancel), cancel, silent_s=SILENT_S):
                if isinstance(report, wire.Loaded):
                    loaded = report
            if loaded is None:
                raise Cancelled
            self._on_loaded(loaded)
            self._loaded_in = process

    def _take(self) -> Process:
        with self._lock:
            if self._closed:
                raise Cancelled
            if self._process is not None and not self._process.alive:
                self._process.close()
                self._process = None
            if self._process is None:
                self._warm = False
                self._process = Process(self._name, self._module, private=self._private, niceness=NICENESS)
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
        self._timer.name, self._timer.daemon = f"{self._name} timer", True
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

    def _warm_up(self, ask: Callable[[Cancel], object]) -> None:
        with suppress(Cancelled):
            try:
                ask(self._stop_warming)
            except EngineError as error:
                self.trouble = error
