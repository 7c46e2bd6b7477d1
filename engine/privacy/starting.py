"""Starting our processes: by the broker, where the app has one, or at once.

The app gets a broker before it raises its walls (Linux). A script, a test or another system starts
its processes itself.
"""

import itertools
import json
import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from engine.privacy import broker
from engine.privacy.broker import LONGEST_BYTES, MODULES

Refused = Callable[[str], None]


class Started(Protocol):
    """A process that was started: the part of `subprocess.Popen` that is used of it."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None
    stderr: IO[bytes] | None
    pid: int

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


def start(module: str, private: Path, refused: Refused) -> Started:
    """Start one of our processes with `private` as its home. Raises `OSError`.

    Where there is a broker, `refused` is called on a thread of its own for every socket that the process's native
    code tried to make, with the kind of socket ("tcp", "udp", "unix", …).
    """
    here = _broker
    if here is not None and module in MODULES.values():
        return here.start(module, private, refused)
    return broker.started(module, str(private), subprocess.PIPE, subprocess.PIPE, subprocess.PIPE)


def open_outside(what: str) -> bool:
    """Have the broker hand a file, a folder or a web address to the desktop's own program; False if it cannot."""
    return _broker is not None and _broker.open(what)


def broker_pid() -> int | None:
    """The broker's process number, where there is one."""
    return None if _broker is None else _broker.pid


def begin() -> None:
    """Start the broker; once, before the walls are raised. Raises `OSError`."""
    global _broker
    if sys.platform == "linux" and _broker is None:
        _broker = Broker()


def end() -> None:
    """Let the broker go, and everything that it started."""
    global _broker
    here, _broker = _broker, None
    if here is not None:
        here.close()


class Child:
    """A process that the broker started."""

    def __init__(self, kill: Callable[[], None], refused: Refused) -> None:
        """Make the pipes; `pid` is known once it runs."""
        self.refused = refused
        (self.child_in, stdin), (stdout, self.child_out), (stderr, self.child_err) = os.pipe(), os.pipe(), os.pipe()
        self.stdin: IO[bytes] | None = os.fdopen(stdin, "wb")
        self.stdout: IO[bytes] | None = os.fdopen(stdout, "rb")
        self.stderr: IO[bytes] | None = os.fdopen(stderr, "rb")
        self.pid = 0
        self._ended = threading.Event()
        self._code = 0
        self._kill = kill

    def child_ends(self) -> list[int]:
        """What the process gets as its input, output and errors."""
        return [self.child_in, self.child_out, self.child_err]

    def forget(self) -> None:
        """It never ran: close the pipes."""
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe:
                pipe.close()

    def ended(self, code: int) -> None:
        """It has ended so, as `subprocess` counts it."""
        self._code = code
        self._ended.set()

    def wait(self, timeout: float | None = None) -> int:
        """Its status when it has ended. Raises `subprocess.TimeoutExpired`."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired("a process of ours", timeout or 0.0)
        return self._code

    def kill(self) -> None:
        """End it now."""
        if not self._ended.is_set():
            self._kill()


class Broker:
    """The app's end: asks, and hears of what came of it on a thread of its own."""

    def __init__(self) -> None:
        """Start it. Raises `OSError`."""
        self._app, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", broker.__file__, str(theirs.fileno())], pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        self.pid = self._popen.pid
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._children: dict[int, Child] = {}
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = {}
        self._refused: queue.SimpleQueue[tuple[Refused, str] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def start(self, module: str, private: Path, refused: Refused) -> Child:
        """Have one of our processes started. Raises `OSError`."""
        kind = next(kind for kind, known in MODULES.items() if known == module)
        number = next(self._numbers)
        child = Child(lambda: self._say(number, "kill"), refused)
        with self._lock:
            self._children[number] = child
        try:
            answer = self._asked(number, "start", child.child_ends(), kind=kind, private=str(private))
        finally:
            for end in child.child_ends():
                os.close(end)
        if "pid" not in answer:
            with self._lock:
                self._children.pop(number, None)
            child.forget()
            raise OSError(answer.get("failed"), answer.get("why"))
        child.pid = answer["pid"]
        return child

    def open(self, what: str) -> bool:
        """Have a file, folder or web address opened; False where that is not possible."""
        return bool(self._asked(next(self._numbers), "open", [], what=what).get("opened"))

    def close(self) -> None:
        """Let it go; it ends what it started."""
        self._app.shutdown(socket.SHUT_RDWR)
        self._popen.wait()
        for thread in self._threads:
            thread.join()
        self._app.close()

    # Its own affairs.

    def _asked(self, number: int, do: str, files: list[int], **what: str) -> dict[str, Any]:
        answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        with self._lock:
            self._answers[number] = answers
            if not self._threads:  # not before: Landlock does not hold threads from before the walls
                ways = {"broker": self._listen, "refusals": self._pass_on}
                self._threads = [threading.Thread(target=run, name=name, daemon=True) for name, run in ways.items()]
                for thread in self._threads:
                    thread.start()
        try:
            self._say(number, do, files, **what)
            return answers.get()
        finally:
            with self._lock:
                del self._answers[number]

    def _say(self, number: int, do: str, files: list[int] | None = None, **what: str) -> None:
        message = json.dumps({"do": do, "number": number, **what}).encode("ascii")
        try:
            socket.send_fds(self._app, [message], files or [])
        except OSError:
            self._lost()

    def _listen(self) -> None:
        while message := self._received():
            told = json.loads(message)
            with self._lock:
                child = self._children.get(told["number"])
                if "ended" in told:
                    self._children.pop(told["number"]).ended(told["ended"])
                elif (answers := self._answers.get(told["number"])) is not None:
                    answers.put(told)
            if child is not None and "refused" in told:
                self._refused.put((child.refused, told["refused"]))
        self._lost()
        self._refused.put(None)

    def _pass_on(self) -> None:
        """Whoever keeps refusals may have to wait for the disk, and nobody else for them."""
        while told := self._refused.get():
            refused, way = told
            refused(way)

    def _received(self) -> bytes:
        try:
            return self._app.recv(LONGEST_BYTES)
        except ConnectionError:
            return b""

    def _lost(self) -> None:
        """It is gone, and with it everything that it started; who waits is told."""
        with self._lock:
            for child in self._children.values():
                child.ended(-9)
            self._children.clear()
            for answers in self._answers.values():
                answers.put({"failed": None, "why": "the process that starts the others has ended"})


_broker: Broker | None = None
