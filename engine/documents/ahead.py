"""Reading the next documents while the last ones are cut and kept, so that no core waits for another."""

import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from engine.operation import Cancel

READERS = 2  # at once; with a third the engine, which keeps what they read, falls behind
SWITCH_S = 0.0005  # between threads: by Python's own 5 ms, a process whose answer is there would wait to be asked again
AHEAD = 48  # things read, or being read, before their turn: as many as are read while others are committed
MOST_WAITING = 1_000_000  # characters, read before their turn: while there are more, only what is next is begun

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def ahead(
    things: Sequence[Thing],
    begin: Callable[[Thing], Callable[[Cancel], Result] | None],
    cancel: Cancel,
    length: Callable[[Result], int] = lambda _: 0,
) -> Generator[tuple[Thing, "Future[Result] | None"], None, None]:
    """Each thing in its turn with its result, which may be still to come.

    `begin` is asked on this thread, some things ahead, and returns what other threads are to do, None for nothing.
    `length` is how many characters of a result lie in memory. Whoever wants no more closes this, which stops what is
    under way.
    """
    stop, waiting = Cancel(), _Waiting()
    begun: deque[Future[Result] | None] = deque()
    pool = ThreadPoolExecutor(READERS, "reading ahead")
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_S)

    def done_in_turn(number: int, work: Callable[[Cancel], Result]) -> Result:
        waiting.await_room(number)
        stop.check()
        result = work(stop)
        waiting.add(number, length(result))
        return result

    try:
        with cancel.calling(stop.press):
            for number, thing in enumerate(things):
                waiting.take(number)
                while len(begun) < AHEAD and number + len(begun) < len(things):
                    later = number + len(begun)
                    work = begin(things[later])
                    begun.append(pool.submit(done_in_turn, later, work) if work else None)
                yield thing, begun.popleft()
    finally:
        stop.press()
        waiting.take(len(things))
        pool.shutdown(cancel_futures=True)
        sys.setswitchinterval(usual_s)


class _Waiting:
    """How much has been read whose turn has not come."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._lengths: dict[int, int] = {}
        self._turn = 0

    def take(self, turn: int) -> None:
        """It is the turn of this number: what came before is gone."""
        with self._changed:
            self._turn = turn
            self._lengths = {number: length for number, length in self._lengths.items() if number >= turn}
            self._changed.notify_all()

    def add(self, number: int, length: int) -> None:
        """A result is there."""
        with self._changed:
            self._lengths[number] = length

    def await_room(self, number: int) -> None:
        """Wait until this number may be begun: there is room, or its turn has come."""
        with self._changed:
            self._changed.wait_for(lambda: number <= self._turn or sum(self._lengths.values()) < MOST_WAITING)
