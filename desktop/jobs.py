"""The only bridge between engine work and the window's thread.

    jobs.start(partial(engine.documents.add, paths), on_event=…, on_done=…, on_error=…, owner=view)

Work that goes on while the person does something else gets a `title`: the status bar then shows
it, with its progress and a Stop button, whatever page is open.

An operation runs on a thread of a small pool; everything it reports is called on the window's
thread, in order, many events at one wake-up. In PySide6 a lambda connected to a signal of an
object in another thread runs in that thread: nobody but this file needs to know.
"""

import queue
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QMetaObject, QObject, Qt, Signal, Slot

from desktop.garbage import Garbage
from engine.engine import Cancel, Operation
from engine.errors import Cancelled
from engine.events import Changed, Event, Progressed

Start = Callable[[Cancel], Operation[Any]]
POOL = 8  # threads kept for work; more wait their turn


def _ignore(*_: Any) -> None:
    """The default for whatever a caller does not care about."""


class Job:
    """One running operation. `title` names it in the status bar, "" keeps it out of there.

    What it refers to may be the last to refer to a widget, and Qt may know of it by a signal that is connected to its
    `stop`. So a thread of the pool holds nothing but the job, and that on loan: on the window's thread it lets go of
    everything, and dies there.
    """

    def __init__(self, operation: Start, calls: dict[str, Callable[..., None]], title: str = "") -> None:
        self.title = title
        self.cancel = Cancel()
        self.running = True
        self._operation: Start | None = operation
        self._steps: Operation[Any] | None = None
        self._ending: tuple[str, tuple[Any, ...]] = ("stopped", ())
        self._calls = calls
        self._heeding: QMetaObject.Connection | None = None

    def stop(self) -> None:
        """Ask it to stop; `on_stopped` or `on_done` follows."""
        self.cancel.press()

    def silence(self) -> None:
        """Stop it and hear nothing more of it."""
        self._calls = {}
        self.cancel.press()

    def heed(self, owner: QObject) -> None:
        """Be silenced when `owner` dies before the end. Window's thread only."""
        self._heeding = owner.destroyed.connect(lambda: self.silence())  # by a function, which Qt does not watch

    def call(self, name: str, *values: Any) -> None:
        """Window's thread only."""
        call: Callable[..., None] = self._calls.get(name, _ignore)
        call(*values)

    def begin(self) -> None:
        """Pool's thread only. Raises `Cancelled`."""
        self.cancel.check()
        assert self._operation is not None
        self._steps = self._operation(self.cancel)

    def step(self) -> Event:
        """Pool's thread only. Raises StopIteration at the end, and what the operation raises."""
        assert self._steps is not None
        return next(self._steps)

    def keep_ending(self, name: str, *values: Any) -> None:
        """Pool's thread only: what `end` is to call."""
        self._ending = (name, values)

    def end(self) -> None:
        """Window's thread only: the last call, after which the job refers to nothing."""
        (name, values), self._ending = self._ending, ("stopped", ())
        try:
            self.call(name, *values)
        finally:
            self._operation = self._steps = None
            self._calls = {}
            if self._heeding is not None:
                QObject.disconnect(self._heeding)
                self._heeding = None


class Jobs(QObject):
    """Runs engine operations off the window's thread and answers on it."""

    changed = Signal(str)  # what the engine kept differently: "chats", "models", "documents", "settings"
    began = Signal(object)  # a Job with a title
    moved = Signal(object, object)  # that Job, its Progressed
    ended = Signal(object)  # that Job, however it ended
    _wake = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._calls: list[Callable[[], object]] = []
        self._running: set[Job] = set()
        self._ended: dict[int, Job] = {}  # a thread of the pool may still hold them; by their id
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False
        Garbage(self)
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        operation: Start,
        *,
        on_event: Callable[[Event], None] = _ignore,
        on_done: Callable[[Any], None] = _ignore,
        on_error: Callable[[Exception], None] = _ignore,
        on_stopped: Callable[[], None] = _ignore,
        owner: QObject | None = None,
        title: str = "",
    ) -> Job:
        """Run `operation(cancel)`. When `owner` dies the job is stopped and silenced.

        Exactly one of `on_done`, `on_error` and `on_stopped` is called, last.
        """
        calls: dict[str, Callable[..., None]] = {
            "event": on_event,
            "done": on_done,
            "error": on_error,
            "stopped": on_stopped,
        }
        job = Job(operation, calls, title)
        if self._closed:
            job.running = False
            return job
        self._running.add(job)
        if owner is not None:
            job.heed(owner)
        with self._lock:
            needed = self._idle <= self._waiting.qsize() and len(self._threads) < POOL
        if needed:
            thread = threading.Thread(target=self._work, name=f"job {len(self._threads) + 1}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._waiting.put(job)
        if title:
            self.began.emit(job)
        return job

    @property
    def busy(self) -> bool:
        """Whether anything runs."""
        return bool(self._running)

    def shut_down(self) -> None:
        """Press every stop button and wait for the threads; nothing is called afterwards."""
        self._closed = True
        for job in list(self._running):
            job.silence()
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    # Its own affairs. The first three run on the pool's threads.

    def _work(self) -> None:
        while True:
            with self._lock:
                self._idle += 1
            job = self._waiting.get()
            with self._lock:
                self._idle -= 1
            if job is None:
                return
            self._run(job)
            identity = id(job)
            del job
            self._post(partial(self._ended.pop, identity, None))

    def _run(self, job: Job) -> None:
        try:
            job.begin()
            while True:
                self._post(partial(self._tell, job, job.step()))
        except StopIteration as end:
            job.keep_ending("done", end.value)
        except Cancelled:
            job.keep_ending("stopped")
        except Exception as error:  # noqa: BLE001 - the border of the thread: everything must be shown
            job.keep_ending("error", error)
        # Out here, where this thread no longer holds the error, whose frames hold what the operation held.
        self._post(partial(self._end, job))

    def _post(self, call: Callable[[], object]) -> None:
        with self._lock:
            self._calls.append(call)
            first = len(self._calls) == 1
        if first:
            self._wake.emit()

    @Slot()
    def _drain(self) -> None:
        with self._lock:
            calls, self._calls = self._calls, []
        for call in calls:  # the lock is free again: a callback may start new work
            try:
                call()
            except Exception:  # noqa: BLE001 - the others are called all the same
                sys.excepthook(*sys.exc_info())

    def _tell(self, job: Job, event: Event) -> None:
        if isinstance(event, Changed):
            self.changed.emit(event.what)
        if job.title and isinstance(event, Progressed):
            self.moved.emit(job, event)
        job.call("event", event)

    def _end(self, job: Job) -> None:
        job.running = False
        self._ended[id(job)] = job
        self._running.discard(job)
        if job.title:
            self.ended.emit(job)
        job.end()
