"""The number of threads gives way to a busy neighbour and comes back."""

import pytest

from engine.worker.model import threads as threads_module
from engine.worker.model.threads import RETRY_S, WINDOW, Threads


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def processor() -> Clock:
    """The processor time used so far."""
    return Clock()


@pytest.fixture(autouse=True)
def four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "most_threads", lambda: 4)


def steps(threads: Threads, seconds: float, count: int = WINDOW) -> int:
    for _ in range(count):
        step(threads, seconds, seconds * threads.next_step())
    return threads.next_step()


def step(threads: Threads, seconds: float, processor_s: float, tokens: int = 1) -> None:
    threads.next_step()
    threads._processor.now += processor_s
    threads.took(seconds, tokens)


def test_it_starts_with_the_physical_cores(clock: Clock, processor: Clock) -> None:
    assert Threads(clock, processor).next_step() == 4


def test_the_persons_number_counts_from_the_next_step_on(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    threads.choose(2)
    assert threads.next_step() == 2
    threads.choose(0)
    assert threads.next_step() == 4
    threads.choose(10_000)
    assert threads.next_step() == 16


def test_steady_steps_change_nothing(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    assert steps(threads, 0.01, 100) == 4
    assert steps(threads, 0.025, 100) == 4  # a longer context is slower, and no reason


def test_steps_far_slower_than_the_best_take_one_thread_away(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    assert steps(threads, 0.1) == 3
    assert steps(threads, 0.1) == 2


def test_one_slow_step_is_no_reason(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    assert steps(threads, 1.0, 1) == 4
    assert steps(threads, 0.01) == 4


def test_after_a_while_one_more_is_tried_and_kept_if_it_is_faster(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    assert steps(threads, 0.1) == 3
    assert steps(threads, 0.012) == 3
    clock.now += RETRY_S + 1
    assert steps(threads, 0.012, 1) == 4
    assert steps(threads, 0.01) == 4


def test_a_try_that_is_no_faster_is_taken_back_and_the_next_waits_longer(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    assert steps(threads, 0.1) == 3
    steps(threads, 0.012)
    clock.now += RETRY_S + 1
    assert steps(threads, 0.012, 1) == 4
    assert steps(threads, 0.05) == 3
    steps(threads, 0.012)
    clock.now += RETRY_S + 1
    assert steps(threads, 0.012) == 3
    clock.now += RETRY_S + 1
    assert steps(threads, 0.012, 1) == 4


def test_it_never_goes_below_one(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    for _ in range(10):
        assert steps(threads, 1.0) >= 1
    assert threads.now == 1


def test_cores_that_are_not_its_own_take_one_thread_away_already_in_the_prompt(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    step(threads, 0.3, 1.15, tokens=64)
    assert threads.next_step() == 4
    step(threads, 0.3, 0.7, tokens=64)
    assert threads.next_step() == 3
    step(threads, 0.3, 0.85, tokens=64)
    assert threads.next_step() == 3


def test_the_persons_number_is_kept_to_on_a_busy_machine(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    threads.choose(4)
    step(threads, 0.3, 0.3, tokens=64)
    assert steps(threads, 0.01) == 4
    assert steps(threads, 1.0) == 4


def test_steps_that_write_more_answers_at_once_are_not_taken_for_slow_ones(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    for _ in range(3 * WINDOW):
        step(threads, 0.05, 0.2, 8)  # eight tokens take longer than one
    assert threads.next_step() == 4
    for _ in range(WINDOW):
        step(threads, 0.2, 0.8, 8)
    assert threads.next_step() == 3  # four times as long as eight took at best


def test_a_trial_that_is_cut_short_by_another_answer_is_taken_back(clock: Clock, processor: Clock) -> None:
    threads = Threads(clock, processor)
    steps(threads, 0.01)
    steps(threads, 0.05)
    clock.now += RETRY_S + 1
    steps(threads, 0.01)
    assert threads.next_step() == 4  # tried
    step(threads, 0.02, 0.08, 2)
    assert threads.next_step() == 3
