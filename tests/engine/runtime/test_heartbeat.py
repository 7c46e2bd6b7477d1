"""A process that hangs is told from one that computes for long, and one that keeps dying is not started in a circle."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import wire
from engine.errors import WorkerDied, WorkerKeepsDying, WorkerSilent
from engine.operation import Cancel
from engine.runtime.heartbeat import BEAT_S, HANG_S, TICK_S, Patience
from engine.runtime.process import Process
from engine.runtime.restarts import WAITS_S, Restarts

FAKE = "tests.fakes.model_worker"
LIMIT_S = 1.5


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with Process("model", FAKE, private=tmp_path / "private") as process:
        yield process
        process.end()


def said(process: Process, text: str, *, job_to_blame: bool = False) -> str:
    """What the process writes, with little patience for one that gives no sign of life."""
    request = wire.Generate(prompt=text)
    reports = process.ask(request, Cancel(), hang_s=LIMIT_S, job_to_blame=job_to_blame)
    return "".join(report.text for report in reports if isinstance(report, wire.Token))


@pytest.mark.skipif(sys.platform == "win32", reason="its C library has no usleep")
def test_a_long_computation_in_native_code_is_not_taken_for_a_hang(process: Process) -> None:
    assert said(process, "!native done") == "!native done"


@pytest.mark.skipif(sys.platform == "win32", reason="its C library has no usleep")
def test_a_process_that_lets_no_thread_run_is_ended_and_named(process: Process) -> None:
    with pytest.raises(WorkerSilent) as caught:
        said(process, "!hold")
    assert (caught.value.process, caught.value.seconds) == ("model", LIMIT_S)
    assert not process.alive


@pytest.mark.skipif(sys.platform == "win32", reason="processes cannot be halted there")
def test_a_halted_process_is_ended(process: Process) -> None:
    assert said(process, "well") == "well"
    os.kill(process.pid, signal.SIGSTOP)
    with pytest.raises(WorkerSilent):
        said(process, "still well?")
    assert not process.alive


def test_signs_of_life_are_asked_for_often_enough() -> None:
    patience, asked = Patience(None, HANG_S), 0
    while not patience.lost():
        asked += patience.asks(1)
    assert asked >= HANG_S / BEAT_S - 1
    assert patience.lost() == HANG_S


def test_a_sleep_of_the_computer_is_not_taken_for_a_silence_of_the_process() -> None:
    patience = Patience(None, HANG_S)  # it counts our own ticks, of which a sleep has none
    for _ in range(int(HANG_S / TICK_S)):
        patience.asks(1)
    assert not patience.lost()


def test_a_process_that_died_three_times_in_a_row_is_not_started_at_once(tmp_path: Path) -> None:
    for _ in range(3):
        with Process("model", FAKE, private=tmp_path) as process, pytest.raises(WorkerDied):
            said(process, "!die")
    with pytest.raises(WorkerKeepsDying) as caught:
        Process("model", FAKE, private=tmp_path)
    assert (caught.value.process, caught.value.times) == ("model", 3)
    assert 0 < caught.value.wait_s <= WAITS_S[0]
    with Process("reader", FAKE, private=tmp_path) as another_kind:
        assert said(another_kind, "well") == "well"
    with Process("model", FAKE, private=tmp_path / "another folder") as elsewhere:
        assert said(elsewhere, "well") == "well"


def test_an_answer_in_between_forgives(tmp_path: Path) -> None:
    for _ in range(2):
        for _ in range(2):
            with Process("model", FAKE, private=tmp_path) as process, pytest.raises(WorkerDied):
                said(process, "!die")
        with Process("model", FAKE, private=tmp_path) as process:
            assert said(process, "well") == "well"


def test_a_death_that_a_document_is_to_blame_for_is_not_held_against_the_reader(tmp_path: Path) -> None:
    for _ in range(5):
        with Process("reader", FAKE, private=tmp_path) as process, pytest.raises(WorkerDied):
            said(process, "!die", job_to_blame=True)


def test_a_process_that_cannot_even_start_is_held_back_too(tmp_path: Path) -> None:
    for _ in range(3):
        process = Process("reader", "tests.fakes.nothing_of_that_name", private=tmp_path)
        with process, pytest.raises(WorkerDied):
            said(process, "well", job_to_blame=True)
    with pytest.raises(WorkerKeepsDying):
        Process("reader", FAKE, private=tmp_path)


def test_processes_that_are_let_go_have_not_died(tmp_path: Path) -> None:
    for _ in range(5):
        with Process("model", FAKE, private=tmp_path) as process:
            assert said(process, "well") == "well"
        process = Process("model", FAKE, private=tmp_path)
        process.end()
        process.close()


def test_the_wait_grows_and_then_stays() -> None:
    now = [0.0]
    restarts, kind, waits = Restarts(lambda: now[0]), ("", "model"), []
    for _ in range(6):
        restarts.check(kind)
        restarts.died(kind)
        try:
            restarts.check(kind)
        except WorkerKeepsDying as error:
            waits.append(error.wait_s)
            now[0] += error.wait_s
    assert waits == [2.0, 8.0, 30.0, 30.0]
