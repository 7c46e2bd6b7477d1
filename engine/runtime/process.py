"""One helper process: start it, ask it, notice when it dies.

    with Process("reader", "engine.worker.reader", private=places.private) as process:
        for report in process.ask(wire.Read(path=…, reader="pdf"), cancel):
            ...

Any number of jobs may be asked at once, from any threads. Owns the pipe and the process's end. Knows nothing
of what a process does.

While a job runs, its process is asked for signs of life; see `heartbeat.py`.
"""

import contextlib
import dataclasses
import itertools
import os
import queue
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType

from engine import wire
from engine.errors import Cancelled, EngineError, WorkerDied, WorkerNotSealed, WorkerSilent, rebuilt
from engine.operation import Cancel
from engine.privacy.starting import start
from engine.runtime.crashes import Crash, Listener
from engine.runtime.heartbeat import HANG_S, TICK_S, Patience
from engine.runtime.inbox import Inbox
from engine.runtime.restarts import restarts
from engine.walls import Walls, judged

START_S = 120.0  # a cold disk and a busy machine; a healthy start takes well under a second
WALLS = {"filter", "network", "files"}  # that a process can say were not raised
STOP_S = 5.0  # how long a job may take to notice Stop before its process is ended
_running: set["Process"] = set()
_running_lock = threading.Lock()
Refused = Callable[[str, str, int, str], None]
Crashed = Callable[[Crash], None]
_hearers: dict[Path, tuple[Refused, Crashed]] = {}


@contextlib.contextmanager
def hearing(private: Path, refused: Refused, crashed: Crashed = lambda _: None) -> Iterator[None]:
    """While inside, hear of the processes of that folder.

    `refused` is told of every try of one to get out: its kind, host, port, channel. Host and port are "" and 0 for
    native code, which is refused before it can name them. `crashed` is told where one was that native code took down.
    """
    _hearers[private] = refused, crashed
    try:
        yield
    finally:
        del _hearers[private]


def running(private: Path) -> tuple["Process", ...]:
    """The processes that live in this folder, the oldest first."""
    with _running_lock:
        return tuple(sorted((one for one in _running if one.private == private), key=lambda one: one.started_at))


class Process:
    """A started process and the jobs it is doing."""

    def __init__(self, name: str, module: str, *, private: Path, niceness: int = 0) -> None:
        """Start it. Returns at once; the first `ask` waits for its greeting.

        `name` is its kind in `engine.privacy.rules`, and is said to the person. Raises
        `WorkerKeepsDying` where processes of this name died again and again just now.
        """
        self.name = name
        self.private = private
        self.started_at = time.monotonic()
        self._walls: dict[str, Walls] = {}
        self._kind = (str(private), name)
        restarts.check(self._kind)
        self._jobs: dict[int, Inbox] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._sending = threading.Lock()
        self._greeted = threading.Event()
        self._ended = threading.Event()
        self._closing = False
        self._killed = False
        self._let_go = False  # its end was wanted, or has been counted
        self._heard = 0  # messages so far; a change is a sign of life
        self._how = ""
        self._unmet: tuple[str, ...] = ()
        self._last_words: deque[str] = deque(maxlen=20)
        private.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._started = start(module, private, self._native_refused)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise WorkerDied(process=name, how=f"it could not be started: {why}") from error
        if niceness and hasattr(os, "setpriority"):
            ours = os.getpriority(os.PRIO_PROCESS, 0)  # who is humbler already may not step up again
            os.setpriority(os.PRIO_PROCESS, self._started.pid, max(niceness, ours))
        self._threads = [
            threading.Thread(target=self._listen, name=f"{name} pipe", daemon=True),
            threading.Thread(target=self._overhear, name=f"{name} errors", daemon=True),
        ]
        with _running_lock:
            _running.add(self)
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Process":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The operating system's number for it."""
        return self._started.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked: not from the moment its end was asked for, though it dies a little later."""
        return not (self._killed or self._ended.is_set())

    @property
    def walls(self) -> tuple[Walls, ...]:
        """What it, and a process that it makes for each document, last measured of themselves."""
        return tuple(self._walls.values())

    @property
    def last_words(self) -> str:
        """The end of what it wrote to standard error; may hold file names, so not for logs."""
        return "\n".join(self._last_words)

    def ask(
        self,
        request: wire.Message,
        cancel: Cancel,
        *,
        silent_s: float | None = None,
        hang_s: float | None = HANG_S,
        stop_by_ending: bool = False,
        job_to_blame: bool = False,
    ) -> Generator[wire.Message, None, None]:
        """Send one request and yield its reports, the final one included.

        A pressed `cancel` sends Stop, and the job then reports its end itself; with
        `stop_by_ending`, or when Stop is not heard for `STOP_S`, the process is ended and
        `Cancelled` raised. Raises the error of a `Failed` report, `WorkerDied` when the process
        ends by itself, `WorkerSilent` after `silent_s` without a report or `hang_s` without any
        sign of life (the process is ended). `hang_s` None is for work that holds the interpreter's
        lock. With `job_to_blame` a death says something about the job and nothing about the process.
        """
        number = next(self._numbers)
        answers = Inbox()
        with self._lock:
            self._jobs[number] = answers
        try:
            self.await_greeting(cancel)
            self._send(dataclasses.replace(request, job=number))
            with cancel.calling(self.end if stop_by_ending else lambda: self._send(wire.Stop(job=number))):
                yield from self._reports(answers, cancel, Patience(silent_s, hang_s), stop_by_ending, job_to_blame)
        except GeneratorExit:  # nobody wants the rest: the process need not go on
            self._send(wire.Stop(job=number))
            raise
        finally:
            with self._lock:
                del self._jobs[number]
            answers.lift()

    def await_greeting(self, cancel: Cancel) -> None:
        """Wait until it is ready to be asked. Raises `WorkerDied`, `WorkerSilent`, `Cancelled`."""
        until = time.monotonic() + START_S
        while not self._greeted.wait(TICK_S):
            cancel.check()
            if self._ended.is_set():
                self._count_death()
                raise self._death()
            if time.monotonic() > until:
                self._end_hanging()
                raise WorkerSilent(process=self.name, seconds=START_S)
        if self._ended.is_set():
            self._count_death()
            raise self._death()

    def tell(self, message: wire.Message) -> None:
        """Send a message that has no answer."""
        self._send(message)

    def end(self) -> None:
        """End it now. Jobs under way raise."""
        self._let_go = True
        self._kill()

    def close(self) -> None:
        """Let it go: its input closes, and it is ended if it does not leave by itself."""
        self._closing = True
        with self._sending, contextlib.suppress(OSError):
            if self._started.stdin:
                self._started.stdin.close()
        try:
            self._started.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            self.end()
            self._started.wait()
        self._hear_out()
        for thread in self._threads:
            thread.join()

    # Its own affairs.

    def _hear_out(self) -> None:
        """Take what the process still says, whether or not its jobs listen: it says no more than a pipe holds."""
        with self._lock:
            jobs = list(self._jobs.values())
        for job in jobs:
            job.lift()

    def _reports(
        self, answers: Inbox, cancel: Cancel, patience: Patience, ending: bool, job_to_blame: bool
    ) -> Generator[wire.Message, None, None]:
        pressed_at = None
        while True:
            try:
                report = answers.get(TICK_S)
            except queue.Empty:
                now = time.monotonic()
                if cancel.pressed:
                    pressed_at = pressed_at or now
                    if now - pressed_at > STOP_S:
                        self.end()
                    continue
                if patience.asks(self._heard):
                    self._send(wire.Beat())
                if silent_s := patience.lost():
                    self._end_hanging()
                    raise WorkerSilent(process=self.name, seconds=silent_s) from None
                continue
            patience.renew()
            if report is None:
                if cancel.pressed and (ending or pressed_at):
                    raise Cancelled
                if not job_to_blame:
                    self._count_death()
                raise self._death()
            if type(report) in wire.FINAL and not isinstance(report, wire.Loaded | wire.Measured):  # it may still die
                restarts.answered(self._kind)
            if isinstance(report, wire.Failed):
                if report.code == "Cancelled":
                    raise Cancelled
                raise rebuilt(report.code, report.facts)
            yield report
            if type(report) in wire.FINAL:
                return

    def _end_hanging(self) -> None:
        """End it for its silence, which counts as a death."""
        self._count_death()
        self.end()
        self._ended.wait(STOP_S)

    def _count_death(self) -> None:
        """Once for a process, and only where nobody wanted its end."""
        with self._lock:
            unwanted = not (self._let_go or self._closing)
            self._let_go = True
        if unwanted:
            restarts.died(self._kind)

    def _kill(self) -> None:
        self._killed = True
        with contextlib.suppress(ProcessLookupError):
            self._started.kill()
        self._hear_out()

    def _send(self, message: wire.Message) -> None:
        """Write one line; a process that is gone is noticed by whoever waits for its answer."""
        with self._sending, contextlib.suppress(OSError, ValueError):
            if self._started.stdin:
                self._started.stdin.write(wire.line(message))
                self._started.stdin.flush()

    def _listen(self) -> None:
        """Hand each report to its job; runs on its own thread until the pipe closes."""
        assert self._started.stdout
        with self._started.stdout as out:
            try:
                while found := wire.received(out, wire.REPORTS):
                    report, size_bytes = found
                    self._heard += 1
                    if isinstance(report, wire.Hello):
                        if report.protocol != wire.PROTOCOL:
                            raise wire.WireError(f"speaks protocol {report.protocol}")
                        self._greeted.set()
                        continue
                    if isinstance(report, wire.Sealed):
                        self._sealed(report)
                        continue
                    if isinstance(report, wire.Connection) and not report.job:
                        self._refused(report)
                        continue
                    with self._lock:
                        job = self._jobs.get(report.job)
                    if job is not None:
                        job.put(report, size_bytes)
            except wire.WireError as error:
                self._how = f"it sent something that is not a message of ours; {str(error)[:40]}"
                self._kill()
        code = self._started.wait()
        self._how = self._how or _how(code)
        with _running_lock:
            _running.discard(self)
        self._ended.set()
        with self._lock:
            waiting = list(self._jobs.values())
        for job in waiting:
            job.put(None)

    def _refused(self, report: wire.Connection) -> None:
        """It wanted out: whoever keeps the ledger of its folder hears of it."""
        self._tell_refused(report.host, report.port, "tcp")

    def _native_refused(self, channel: str) -> None:
        """Its native code wanted a socket."""
        self._tell_refused("", 0, channel)

    def _tell_refused(self, host: str, port: int, channel: str) -> None:
        if self.private in _hearers:
            _hearers[self.private][0](self.name, host, port, channel)

    def _crashed(self, crash: Crash) -> None:
        if self.private in _hearers:
            _hearers[self.private][1](crash)

    def _sealed(self, report: wire.Sealed) -> None:
        try:
            self._walls[report.process] = judged(report.process, report.pid, report.walls, report.tried, report.seconds)
            if not set(report.unmet) <= WALLS:
                raise ValueError(report.unmet)
        except (KeyError, ValueError) as error:
            raise wire.WireError("tells of walls that there are not") from error
        if report.unmet:
            self._unmet = report.unmet
            self.end()

    def _overhear(self) -> None:
        assert self._started.stderr
        listener = Listener(self._crashed)
        with self._started.stderr as errors:
            for raw in errors:
                line = raw.decode("utf-8", "replace").rstrip()[:400]
                self._last_words.append(line)
                listener.hear(line)
        listener.end()

    def _death(self) -> EngineError:
        if self._unmet:
            return WorkerNotSealed(process=self.name, walls=", ".join(self._unmet))
        return WorkerDied(process=self.name, how=self._how)


def _how(code: int) -> str:
    if code < 0:
        try:
            return f"signal {signal.Signals(-code).name}"
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
