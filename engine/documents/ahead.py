"""Reading the next documents while the last one is cut and kept, so that no core waits for another."""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from engine.operation import Cancel

READERS = 2  # at once; with a third the engine, which keeps what they read, falls behind
AHEAD = 4  # documents read, or being read, before their turn: all their text lies in memory

Thing = TypeVar("Thing")
Result = TypeVar("Result")


def ahead(
    things: Sequence[Thing], begin: Callable[[Thing], Callable[[Cancel], Result] | None], cancel: Cancel
) -> Generator[tuple[Thing, "Future[Result] | None"], None, None]:
    """Each thing in its turn with its result, which may be still to come.

    `begin` is asked on this thread, some things ahead, and returns what other threads are to do, None for nothing.
    Whoever wants no more closes this, which stops what is under way.
    """
    stop = Cancel()
    begun: list[Future[Result] | None] = []
    pool = ThreadPoolExecutor(READERS, "reading ahead")
    try:
        with cancel.calling(stop.press):
            for done, thing in enumerate(things):
                while len(begun) < AHEAD and done + len(begun) < len(things):
                    work = begin(things[done + len(begun)])
                    begun.append(pool.submit(work, stop) if work else None)
                yield thing, begun.pop(0)
    finally:
        stop.press()
        pool.shutdown(cancel_futures=True)
