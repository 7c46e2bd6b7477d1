"""The shape of all long work: a generator that yields events and returns its result.

    def index(paths, cancel) -> Operation[IndexReport]: ...

    report = finish(index(paths, Cancel()))            # a script
    jobs.start(partial(index, paths), on_event=…)      # the window

Work that returns an `Operation` is slow and belongs in a job; anything else returns within
about ten milliseconds. Never yield inside a lock or a transaction.
"""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from typing import TypeVar

from engine.errors import Cancelled
from engine.events import Event

Result = TypeVar("Result")
Operation = Generator[Event, None, Result]


class Cancel:
    """A stop button: pressed from any thread, heard by whoever does the work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calling = threading.RLock()  # held while calls are made; a call may leave what it was made for
        self._pressed = threading.Event()
        self._calls: list[Callable[[], None]] = []

    @property
    def pressed(self) -> bool:
        """Whether somebody asked to stop."""
        return self._pressed.is_set()

    def press(self) -> None:
        """Ask the work to stop. Pressing twice is the same as once."""
        with self._calling:
            with self._lock:
                if self._pressed.is_set():
                    return
                self._pressed.set()
                calls = list(self._calls)
            for call in calls:  # `_lock` is free again: a call may take its time
                call()

    def check(self) -> None:
        """Raise `Cancelled` if the button was pressed."""
        if self.pressed:
            raise Cancelled

    def wait(self, timeout_s: float) -> bool:
        """Wait up to `timeout_s`; True as soon as the button is pressed."""
        return self._pressed.wait(timeout_s)

    @contextmanager
    def calling(self, call: Callable[[], None]) -> Iterator[None]:
        """While inside, a press makes this call too; afterwards it is forgotten, and no longer under way."""
        with self._lock:
            self._calls.append(call)
            pressed = self.pressed
        if pressed:
            call()
        try:
            yield
        finally:
            with self._calling, self._lock:
                self._calls.remove(call)


class Hold:
    """A pause button: pressed and let go from any thread, heard by whoever does the work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resting = False
        self._calls: list[Callable[[bool], None]] = []

    @property
    def resting(self) -> bool:
        """Whether somebody asked to rest."""
        return self._resting

    def press(self, *, resting: bool) -> None:
        """Ask the work to rest, or to go on."""
        with self._lock:
            self._resting, calls = resting, list(self._calls)
        for call in calls:
            call(resting)

    @contextmanager
    def calling(self, call: Callable[[bool], None]) -> Iterator[None]:
        """While inside, each press makes this call too; at once where it is pressed already."""
        with self._lock:
            self._calls.append(call)
            resting = self._resting
        if resting:
            call(True)
        try:
            yield
        finally:
            with self._lock:
                self._calls.remove(call)


def finish(operation: Operation[Result]) -> Result:
    """Run an operation to its end and return its result, dropping the events."""
    while True:
        try:
            next(operation)
        except StopIteration as end:
            result: Result = end.value
            return result


def heard(operation: Operation[Result], hear: Callable[[Event], Event | None]) -> Operation[Result]:
    """Do the work and yield what `hear` makes of each event; nothing for None. Whoever leaves closes the work."""
    with closing(operation):
        while True:
            try:
                event = next(operation)
            except StopIteration as end:
                result: Result = end.value
                return result
            if (said := hear(event)) is not None:
                yield said
