"""Reading ahead: in order, while others are read, and stopped when nobody wants more."""

import threading
from collections.abc import Callable
from contextlib import closing

import pytest

from engine.documents.ahead import AHEAD, MOST_WAITING, READERS, ahead
from engine.errors import Cancelled
from engine.operation import Cancel


def test_results_come_in_their_order_and_what_needs_no_work_has_none() -> None:
    def begin(number: int) -> Callable[[Cancel], int] | None:
        return (lambda _: number * number) if number % 3 else None

    results = [(number, future and future.result()) for number, future in ahead(range(20), begin, Cancel())]
    assert results == [(number, number * number if number % 3 else None) for number in range(20)]


def test_the_next_is_read_before_the_last_is_done() -> None:
    second_began = threading.Event()

    def begin(number: int) -> Callable[[Cancel], bool]:
        return lambda _: second_began.set() is None if number else second_began.wait(10.0)

    assert [future.result() for _, future in ahead(range(2), begin, Cancel()) if future] == [True, True]


def test_no_more_is_begun_than_may_lie_in_memory() -> None:
    begun: list[int] = []
    with closing(ahead(range(100), lambda number: begun.append(number), Cancel())) as reading:
        next(reading)
        assert begun == list(range(AHEAD))


def test_while_too_much_waits_for_its_turn_only_what_is_next_is_begun() -> None:
    begun: list[int] = []

    def begin(number: int) -> Callable[[Cancel], int]:
        return lambda _: begun.append(number) or number

    with closing(ahead(range(100), begin, Cancel(), lambda _: MOST_WAITING)) as reading:
        for number, future in reading:
            assert future is not None
            assert future.result() == number
            assert max(begun) <= number + READERS
    assert sorted(begun) == list(range(100))


@pytest.mark.parametrize("how", ["closed", "cancelled"])
def test_what_is_under_way_is_stopped(how: str) -> None:
    stopped = threading.Event()
    cancel = Cancel()

    def read(stop: Cancel) -> None:
        if stop.wait(10.0):
            stopped.set()
        stop.check()

    reading = ahead(range(3), lambda _: read, cancel)
    _, future = next(reading)
    if how == "cancelled":
        cancel.press()
        assert future is not None
        with pytest.raises(Cancelled):
            future.result()
    reading.close()
    assert stopped.is_set()
