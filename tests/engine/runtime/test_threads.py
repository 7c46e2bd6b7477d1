"""The number of threads suits the computer from moment to moment: on reckoned computers, no time is measured."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from engine.cores import Cores
from engine.worker.model.threads import NOTHING, Threads, Used
from engine.worker.model.trying import ladder
from tests.fakes.computer import BACK, EVEN, Computer, Program

PHASE_S, LONG_S = 10.0, 60.0
TOKEN_S, PIECE_S, SLOW_PIECE_S = 0.03, 0.2, 0.6  # what a step would take one core
REACTION_S = 1.0


def kind(physical: int, fast: int = 0, share: float | None = None) -> Cores:
    return Cores(physical=physical, fast=fast or physical, share=share)


TWO, FOUR, EIGHT_AND_FOUR = kind(2), kind(4), kind(12, 8)
TWICE_AS_SLOW = 0.5


def comes_and_goes(cores: float) -> Callable[[float], float]:
    return lambda now: cores if now // PHASE_S % 2 else 0.0


def always(cores: float) -> Callable[[float], float]:
    return lambda now: cores


@dataclass(frozen=True)
class Run:
    """What came of some time's work: steps in each phase, and every change as moment, before, after."""

    steps: dict[int, int]
    changes: list[tuple[float, int, int]]

    @property
    def done(self) -> int:
        return sum(self.steps.values())


def worked(
    computer: Computer,
    *,
    reading: bool,
    work_s: float,
    seconds: float = LONG_S,
    fixed: int = 0,
    threads: Threads | None = None,
) -> Run:
    threads = threads or computer.threads()
    threads.choose(fixed)
    steps: dict[int, int] = {}
    changes = []
    before = 0
    until = computer.now + seconds
    while computer.now < until:
        number = threads.next_step(reading=reading)
        if before and number != before:
            changes.append((computer.now, before, number))
        before = number
        threads.took(
            computer.step(number, work_s, reading=reading), writing=0 if reading else 1, reading=512 if reading else 0
        )
        phase = int(computer.now // PHASE_S)
        steps[phase] = steps.get(phase, 0) + 1
    return Run(steps, changes)


def step(threads: Threads, computer: Computer, *, reading: int = 0) -> int:
    number = threads.next_step(reading=reading > 0)
    threads.took(computer.step(number, 0.2, reading=reading > 0), writing=0 if reading else 1, reading=reading)
    return number


COMPUTERS = {
    "2 cores": lambda programs: Computer(TWO, programs),
    "4 cores": lambda programs: Computer(FOUR, programs),
    "4 cores, slow memory": lambda programs: Computer(FOUR, programs, bound=2.2),
    "8 fast and 4 slow": lambda programs: Computer(EIGHT_AND_FOUR, programs, slow=TWICE_AS_SLOW),
}
NEIGHBOURS = {
    "nobody": (),
    "a neighbour every 10 s": (Program(comes_and_goes(1.0)),),
    "two neighbours every 10 s": (Program(comes_and_goes(2.0)),),
    "one that stands back for all": (Program(always(1.0), BACK),),
    "one that stands back as we do": (Program(comes_and_goes(1.0), EVEN),),
    "a desktop's short bursts": (Program(lambda now: 1.0 if now * 7 % 1 < 0.1 else 0.0),),
}


@pytest.mark.parametrize("reading", [False, True], ids=["writing", "reading"])
@pytest.mark.parametrize("programs", NEIGHBOURS.values(), ids=NEIGHBOURS.keys())
@pytest.mark.parametrize("make", COMPUTERS.values(), ids=COMPUTERS.keys())
def test_work_goes_as_fast_as_with_the_best_fixed_number_and_without_hunting(
    make: Callable[[tuple[Program, ...]], Computer], programs: tuple[Program, ...], reading: bool
) -> None:
    work_s = PIECE_S if reading else TOKEN_S
    most = make(()).cores.physical
    ours = worked(make(programs), reading=reading, work_s=work_s)
    fixed = [
        worked(make(programs), reading=reading, work_s=work_s, fixed=number)
        for number in {1, most - 1, most, 2 * most // 3}
    ]
    assert ours.done >= 0.89 * max(run.done for run in fixed)
    comings_and_goings = LONG_S / PHASE_S
    assert len(ours.changes) <= 3 * comings_and_goings + 8


@pytest.mark.parametrize("reading", [False, True], ids=["writing", "reading"])
@pytest.mark.parametrize("make", COMPUTERS.values(), ids=COMPUTERS.keys())
def test_in_each_phase_of_a_neighbour_it_comes_near_the_number_that_is_best_in_it(
    make: Callable[[tuple[Program, ...]], Computer], reading: bool
) -> None:
    programs = NEIGHBOURS["a neighbour every 10 s"]
    work_s = PIECE_S if reading else TOKEN_S
    most = make(()).cores.physical
    ours = worked(make(programs), reading=reading, work_s=work_s)
    fixed = [worked(make(programs), reading=reading, work_s=work_s, fixed=number) for number in {1, most - 1, most}]
    for phase in range(int(LONG_S / PHASE_S)):
        assert ours.steps[phase] >= 0.9 * max(run.steps[phase] for run in fixed), phase


@pytest.mark.parametrize("work_s", [TOKEN_S, PIECE_S, SLOW_PIECE_S])
def test_a_core_is_left_to_a_neighbour_and_taken_back_when_it_goes_within_a_second_and_two_steps(work_s: float) -> None:
    computer = Computer(TWO, (Program(comes_and_goes(1.0)),))
    changes = worked(computer, reading=False, work_s=work_s).changes
    assert [(before, after) for _, before, after in changes] == [(2, 1), (1, 2)] * 2 + [(2, 1)]
    for moment, _, _ in changes:
        assert moment % PHASE_S <= REACTION_S + 2 * work_s * 4  # a step that is held up takes up to four times as long


def test_a_program_that_stands_back_for_all_costs_a_look_now_and_then_and_no_core() -> None:
    """It takes the core that was left to another, and so does not show that it would give it back."""
    busy = (Program(lambda now: 1.0 if now < PHASE_S else 0.0), Program(always(1.0), BACK))
    changes = worked(Computer(TWO, busy), reading=False, work_s=TOKEN_S).changes
    assert [(before, after) for _, before, after in changes] == [(2, 1), (1, 2)]


def test_who_comes_and_goes_all_the_time_is_not_followed() -> None:
    restless = Program(lambda now: 1.0 if now % 1.0 < 0.5 else 0.0)
    changes = worked(Computer(TWO, (restless,)), reading=False, work_s=TOKEN_S).changes
    assert len(changes) < LONG_S / 2


def test_slow_memory_is_written_from_by_fewer_threads_which_are_tried_once() -> None:
    """The whole of four cores is no faster than two of them, and costs the others theirs."""
    computer = Computer(FOUR, bound=2.2)
    threads = computer.threads()
    changes = worked(computer, reading=False, work_s=TOKEN_S, threads=threads).changes
    assert [(before, after) for _, before, after in changes] == [(4, 3), (3, 4)]
    slowed = Computer(kind(8), bound=4.0)
    slowed._speed = lambda threads, reading: 4.0 - 0.3 * max(0, threads - 4)  # type: ignore[method-assign]
    threads = slowed.threads()
    worked(slowed, reading=False, work_s=TOKEN_S, threads=threads)
    assert threads.next_step(reading=False) == 4
    assert threads.next_step(reading=True) == 8
    again = worked(slowed, reading=False, work_s=TOKEN_S, threads=threads)
    assert not again.changes


def test_fast_cores_write_and_all_cores_read() -> None:
    computer = Computer(EIGHT_AND_FOUR, slow=TWICE_AS_SLOW)
    threads = computer.threads()
    threads.begin(1)
    assert step(threads, computer, reading=512) == 12
    assert step(threads, computer) == 8
    assert threads.end(1) == (Used(12, ""), Used(8, "fast"))


def test_on_a_battery_half_of_the_cores_write_and_all_read() -> None:
    computer = Computer(kind(8))
    threads = computer.threads()
    threads.choose(0, battery=True)
    threads.begin(1)
    assert step(threads, computer, reading=512) == 8
    assert step(threads, computer) == 4
    assert threads.end(1) == (Used(8, ""), Used(4, "battery"))
    threads.choose(0)
    assert step(threads, computer) == 8
    small = Computer(TWO).threads()
    small.choose(0, battery=True)
    assert small.next_step(reading=False) == 2


def test_a_container_s_share_is_not_exceeded_and_others_in_it_count() -> None:
    computer = Computer(kind(16, share=2.5), (Program(always(9.0)),))
    threads = computer.threads()
    threads.begin(1)
    assert worked(computer, reading=False, work_s=TOKEN_S, threads=threads).changes == []
    assert threads.end(1)[1] == Used(2, "share")
    beside = computer.look
    computer.look = lambda: beside()._replace(in_share=1.4)  # type: ignore[method-assign]
    threads = computer.threads()
    worked(computer, reading=False, work_s=TOKEN_S, threads=threads)
    assert threads.next_step(reading=False) == 1


def test_cores_that_are_missing_while_nobody_is_seen_are_given_up_and_tried_again_more_and_more_seldom() -> None:
    """As in a box that hides the others. One core is all there is."""
    computer = Computer(TWO, (Program(always(1.0)),))
    real = computer.look
    computer.look = lambda: real()._replace(taken=0.0)  # type: ignore[method-assign]
    run = worked(computer, reading=False, work_s=TOKEN_S, seconds=3 * LONG_S)
    assert run.changes[0][1:] == (2, 1)
    tries = [moment for moment, _, after in run.changes if after == 2]
    assert 3 <= len(tries) <= 12
    assert tries[-1] - tries[-2] > 4 * (tries[1] - tries[0])


def test_waiting_for_the_disk_is_no_reason_to_give_up_a_core() -> None:
    computer = Computer(TWO, (Program(always(1.0)),))
    real, waits = computer.look, iter(range(1_000_000))
    computer.look = lambda: real()._replace(taken=0.0)  # type: ignore[method-assign]
    threads = Threads(
        available=lambda: TWO, look=computer.look, clock=lambda: computer.now, processor_s=lambda: computer.processor_s,
        disk_waits=lambda: next(waits),
    )  # fmt: skip
    assert worked(computer, reading=False, work_s=TOKEN_S, threads=threads).changes == []


def test_an_answer_with_a_seed_has_the_same_number_from_beginning_to_end_whatever_else_goes_on() -> None:
    for programs, battery in (((), False), ((Program(always(1.0)),), False), ((Program(comes_and_goes(2.0)),), True)):
        computer = Computer(EIGHT_AND_FOUR, programs, slow=TWICE_AS_SLOW)
        threads = computer.threads()
        threads.choose(0, battery=battery)
        worked(computer, reading=False, work_s=TOKEN_S, seconds=PHASE_S, threads=threads)
        threads.choose(0, battery=battery)
        threads.begin(1)
        used = set()
        until = computer.now + LONG_S
        while computer.now < until:
            used.add(threads.next_step(reading=not used, steady=True))
            threads.took(computer.step(8, TOKEN_S, reading=False), writing=1, reading=0)
        assert used == {8}
        assert threads.end(1)[1] == Used(8, "seed")
    threads.choose(3)
    assert threads.next_step(reading=False, steady=True) == 3


def test_after_an_answer_with_a_seed_the_computer_is_looked_at_anew() -> None:
    computer = Computer(TWO, (Program(always(1.0)),))
    threads = computer.threads()
    for steady in (True, False, True, False):
        for _ in range(200):
            number = threads.next_step(reading=False, steady=steady)
            threads.took(computer.step(number, TOKEN_S, reading=False), writing=1, reading=0)
        assert number == (2 if steady else 1)


def test_the_persons_number_counts_from_the_next_step_on_and_is_kept_to() -> None:
    computer = Computer(FOUR, (Program(always(3.0)),))
    threads = computer.threads()
    assert worked(computer, reading=False, work_s=TOKEN_S, fixed=3, threads=threads).changes == []
    assert threads.next_step(reading=True) == 3
    threads.choose(10_000)
    assert threads.next_step(reading=False) == 16
    threads.choose(-5)
    assert threads.next_step(reading=False) <= 4


def test_an_answer_is_told_what_most_of_it_was_written_with() -> None:
    computer = Computer(TWO, (Program(lambda now: 1.0 if 0.5 < now < 8.0 else 0.0),))
    threads = computer.threads()
    threads.begin(1)
    worked(computer, reading=False, work_s=TOKEN_S, seconds=PHASE_S, threads=threads)
    threads.begin(2)
    worked(computer, reading=False, work_s=TOKEN_S, seconds=1.0, threads=threads)
    assert threads.end(1) == (NOTHING, Used(1, "busy"))
    assert threads.end(2) == (NOTHING, Used(2, ""))
    assert threads.end(3) == (NOTHING, NOTHING)


def test_after_a_pause_the_computer_is_looked_at_anew() -> None:
    computer = Computer(FOUR)
    threads = computer.threads()
    step(threads, computer)
    computer.cores = kind(3)  # the program was put on fewer
    assert step(threads, computer) == 4
    computer.pause(5.0)
    assert step(threads, computer) == 3


def test_steps_that_write_more_answers_at_once_are_compared_with_none_of_another_size() -> None:
    computer = Computer(FOUR)
    threads = computer.threads()
    for number in range(600):  # a second answer comes and goes in the middle of everything
        answers = 1 + number // 5 % 2
        threads.took(
            computer.step(threads.next_step(reading=False), TOKEN_S * answers, reading=False),
            writing=answers,
            reading=0,
        )
    assert threads.next_step(reading=False) == 4


@pytest.mark.parametrize(
    ("most", "fast", "numbers"),
    [(1, 0, (1,)), (2, 0, (2,)), (4, 0, (4, 3)), (8, 0, (8, 6, 5, 4, 3)), (12, 8, (12, 8, 6, 5, 4, 3))],
)
def test_fewer_are_tried_in_steps_of_a_quarter(most: int, fast: int, numbers: tuple[int, ...]) -> None:
    assert ladder(most, fast) == numbers
