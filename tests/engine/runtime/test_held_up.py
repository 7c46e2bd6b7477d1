"""A step whose threads are held up is given up: with a reckoned clock, and on the real llama.cpp."""

import threading

import pytest

from engine.worker.model.held_up import KNOWN_STEPS, LEAST_S, MOST, READING_ROWS, READING_TIMES, TIMES, HeldUp
from engine.worker.model.llama import Flag
from tests.engine.runtime.conftest import FOX, Bench, Make

USUAL_S = 0.05


class Clock:
    """Time that is told to pass, how much of it the process had on each of `cores`, and waits for a disk."""

    def __init__(self) -> None:
        self.now = self.processor_s = 0.0
        self.disk_waits = 0

    def passes(self, seconds: float, cores: float = 2.0) -> None:
        self.now += seconds
        self.processor_s += seconds * cores


class Watched:
    def __init__(self, *, steps: int = KNOWN_STEPS, threads: int = 2) -> None:
        self.clock, self.flag, self.threads = Clock(), Flag(), threads
        self.held_up = HeldUp(
            self.flag, clock=lambda: self.clock.now, processor_s=lambda: self.clock.processor_s,
            disk_waits=lambda: self.clock.disk_waits,
        )  # fmt: skip
        for _ in range(steps):
            self.step(USUAL_S)

    def step(
        self, seconds: float, cores: float = 2.0, rows: int = 1, *, reading: bool = False, depth: int = 0,
        disk_waits: int = 0,
    ) -> bool:  # fmt: skip
        """A step that is looked at when it is over or is ended; whether it was given up."""
        self.held_up.begin(rows, self.threads, reading=reading, depth=depth)
        self.clock.passes(seconds, cores)
        self.clock.disk_waits += disk_waits
        self.held_up.look()
        ended = self.flag.raised
        self.flag.lower()
        return self.held_up.end(seconds, done=not ended)


def test_a_step_that_takes_several_times_as_long_as_those_before_is_given_up() -> None:
    assert Watched().step(TIMES * USUAL_S * 1.1)


def test_a_thread_that_gets_no_time_at_all_holds_up_the_other() -> None:
    assert Watched().step(1.0, cores=0.97)


def test_what_steps_take_is_still_known_after_others_of_another_kind() -> None:
    watched = Watched()
    watched.step(0.05, rows=20, reading=True)
    watched.step(0.4, rows=200, reading=True)
    watched.step(0.1, rows=4)
    assert watched.step(1.0)


def test_what_a_step_takes_depends_on_its_depth() -> None:
    watched = Watched()
    assert not any(watched.step(0.2, depth=3000) for _ in range(9))
    assert watched.step(0.2, depth=100)


def test_a_few_rows_that_take_longer_are_not_given_up_again_and_again() -> None:
    watched = Watched(steps=0)
    for _ in range(KNOWN_STEPS):
        watched.step(0.4, rows=200, reading=True)
    few = [watched.step(0.3, rows=16, reading=True) for _ in range(9)]
    assert few == [True] * MOST + [False] * (9 - MOST)


def test_steps_of_another_kind_between_do_not_hide_that_some_have_become_slower() -> None:
    watched, given_up = Watched(), []
    for _ in range(9):
        given_up.append(watched.step(0.4))
        watched.step(0.1, rows=4)
    assert given_up == [True] * MOST + [False] * (9 - MOST)


def test_a_stop_is_not_taken_for_a_step_that_is_held_up() -> None:
    watched = Watched()
    watched.held_up.begin(1, 2, reading=False)
    watched.clock.passes(1.0, cores=0.1)
    watched.held_up.look()
    assert not watched.held_up.end(1.0, done=False)


def test_steps_that_have_become_slower_are_given_up_no_more_once_that_is_seen() -> None:
    watched = Watched()
    slow = TIMES * USUAL_S * 2
    for _ in range(MOST):
        assert watched.step(slow)
    assert not any(watched.step(slow) for _ in range(9))


def test_a_step_that_is_a_little_longer_goes_on() -> None:
    assert not Watched().step(TIMES * USUAL_S * 0.9)


@pytest.mark.parametrize(
    ("watched", "step"),
    [
        (Watched(threads=1), {"seconds": 9.0}),  # who works alone waits for no other thread
        (Watched(steps=KNOWN_STEPS - 1), {"seconds": 9.0}),  # what a step takes is not known yet
        (Watched(), {"seconds": 9.0, "rows": 4}),  # nor what one of another kind does
        (Watched(), {"seconds": 9.0, "cores": 0.1}),  # nobody spins
        (Watched(), {"seconds": 9.0, "disk_waits": 1}),
    ],
)
def test_other_long_steps_are_left_alone(watched: Watched, step: dict[str, float]) -> None:
    assert not watched.step(**step)  # type: ignore[arg-type]


def test_a_step_that_reads_is_given_up_sooner_and_by_what_its_rows_are_to_take() -> None:
    def reading() -> Watched:
        watched = Watched(steps=0)
        for _ in range(KNOWN_STEPS):
            watched.step(0.4, rows=200, reading=True)
        return watched

    assert reading().step(0.4 * READING_TIMES * 1.1, rows=200, reading=True)
    assert not reading().step(0.4 * READING_TIMES * 0.9, rows=200, reading=True)
    assert reading().step(0.2 * READING_TIMES * 1.1, rows=100, reading=True)
    few = reading()
    many_s = READING_TIMES * 0.4 / 200 * READING_ROWS
    assert not few.step(many_s * 0.9, rows=2, reading=True)  # a few rows take long each
    assert few.step(0.4 * READING_TIMES * 1.1, rows=200, reading=True)  # and tell nothing of many
    assert reading().step(many_s * 1.1, rows=2, reading=True)


def test_short_steps_are_not_worth_it() -> None:
    watched = Watched(steps=0)
    for _ in range(KNOWN_STEPS):
        watched.step(0.001)
    assert not watched.step(LEAST_S * 0.9)


def test_after_some_that_were_given_up_a_step_may_take_its_time() -> None:
    watched = Watched()
    assert [watched.step(1.0) for _ in range(MOST + 1)] == [True] * MOST + [False]


def test_a_step_that_was_given_up_is_done_again(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench()
    gave_up: list[float] = []
    threads = one.scheduler._threads
    threads.choose(0)  # else there is no other number to do it again with
    monkeypatch.setattr(threads, "gave_up", gave_up.append)
    monkeypatch.setattr(one.scheduler._held_up, "end", lambda seconds, *, done: not done)
    one.before_step = lambda number: one.flag.raise_it() if number in (3, 4) else None
    one.one(1, FOX)
    assert len(gave_up) == 2
    assert one.statuses.count(2) == 2
    assert one.done(1).tokens == 24
    other: Bench = bench()
    other.one(1, FOX)
    assert one.answers[1].tokens == other.answers[1].tokens


def test_a_model_whose_memory_would_be_lost_is_not_watched(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[str] = []
    for kind in ("mamba", "llama"):
        one = bench(kind)
        one.scheduler._threads.choose(0)
        monkeypatch.setattr(one.scheduler._held_up, "begin", lambda *_, kind=kind, **__: watched.append(kind))
        one.one(1, FOX)
    assert set(watched) == {"llama"}


def test_a_step_of_a_chosen_number_of_threads_is_not_watched(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench()
    watched: list[int] = []
    monkeypatch.setattr(one.scheduler._held_up, "begin", lambda rows, *_, **__: watched.append(rows))
    one.scheduler._threads.choose(2)
    one.one(1, FOX)
    assert not watched


def test_the_thread_that_looks_ends_when_nothing_is_written() -> None:
    flag = Flag()
    held_up = HeldUp(flag)
    for _ in range(KNOWN_STEPS + 1):
        held_up.begin(1, 2, reading=False)
        held_up.end(0.02, done=True)
    looking = [one for one in threading.enumerate() if one.name == "held up"]
    assert looking
    for one in looking:
        one.join(timeout=30.0)
        assert not one.is_alive()
    assert not flag.raised
