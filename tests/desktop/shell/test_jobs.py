"""The bridge between engine work and the window's thread."""

import threading
import weakref
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from desktop.jobs import POOL, Jobs
from engine.engine import Cancel, Operation
from engine.errors import DiskFull
from engine.events import Changed, Progressed, TextAdded


def write_three(cancel: Cancel) -> Operation[int]:
    """Three pieces of text, then a result."""
    for piece in ("one", "two", "three"):
        yield TextAdded(text=piece)
    return 3


def wait_for_stop(cancel: Cancel) -> Operation[None]:
    """Runs until it is stopped."""
    yield Progressed(done=0, total=0, unit="files")
    cancel.wait(60)
    cancel.check()


def fail(cancel: Cancel) -> Operation[None]:
    """Fails after a piece of text."""
    yield TextAdded(text="one")
    raise DiskFull(where="/here")


class Heard:
    """What a page hears of a job, and on which thread."""

    def __init__(self) -> None:
        self.calls: list[object] = []
        self.threads: set[threading.Thread] = set()

    def hears(self, name: str) -> Callable[..., None]:
        def hear(*values: object) -> None:
            self.threads.add(threading.current_thread())
            self.calls.append((name, *values))

        return hear

    def start(self, jobs: Jobs, operation: Callable[..., Operation[object]], **more: object) -> object:
        return jobs.start(
            operation,
            on_event=self.hears("event"),
            on_done=self.hears("done"),
            on_error=self.hears("error"),
            on_stopped=self.hears("stopped"),
            **more,
        )

    @property
    def names(self) -> list[object]:
        return [call[0] for call in self.calls]


@pytest.fixture
def heard() -> Heard:
    """A page that listens."""
    return Heard()


def test_events_come_in_order_and_the_result_last_on_the_window_s_thread(
    jobs: Jobs, heard: Heard, qtbot: QtBot
) -> None:
    heard.start(jobs, write_three)
    qtbot.waitUntil(lambda: "done" in heard.names)
    assert heard.calls == [("event", TextAdded(text=text)) for text in ("one", "two", "three")] + [("done", 3)]
    assert heard.threads == {threading.main_thread()}


def test_an_error_is_the_last_thing_heard(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    heard.start(jobs, fail)
    qtbot.waitUntil(lambda: not jobs.busy)
    assert heard.names == ["event", "error"]


def test_a_stopped_job_says_so_and_nothing_else(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    job = heard.start(jobs, wait_for_stop)
    qtbot.waitUntil(lambda: heard.names == ["event"])
    job.stop()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert heard.names == ["event", "stopped"]


def test_a_job_stopped_before_its_turn_never_begins(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    filling = [jobs.start(wait_for_stop) for _ in range(POOL)]
    late = heard.start(jobs, write_three)
    late.stop()
    for job in filling:
        job.stop()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert heard.names == ["stopped"]


def test_when_its_page_dies_a_job_is_stopped_and_not_heard_of(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    page = QObject()
    heard.start(jobs, wait_for_stop, owner=page)
    qtbot.waitUntil(lambda: heard.names == ["event"])
    with qtbot.waitSignal(page.destroyed):
        page.deleteLater()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert heard.names == ["event"]


def test_what_the_engine_changed_is_told_to_every_page(jobs: Jobs, qtbot: QtBot) -> None:
    def change(cancel: Cancel) -> Operation[None]:
        yield Changed(what="models")

    with qtbot.waitSignal(jobs.changed) as told:
        jobs.start(change)
    assert told.args == ["models"]


def test_more_jobs_than_threads_all_get_their_turn(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    for _ in range(3 * POOL):
        heard.start(jobs, write_three)
    qtbot.waitUntil(lambda: heard.names.count("done") == 3 * POOL)


def test_shutting_down_stops_everything_and_leaves_no_thread(heard: Heard, qtbot: QtBot) -> None:
    jobs = Jobs()
    for _ in range(3):
        heard.start(jobs, wait_for_stop)
    jobs.shut_down()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("job ")]
    assert not heard.start(jobs, write_three).running
    assert "done" not in heard.names


def test_only_work_with_a_title_is_announced(jobs: Jobs, qtbot: QtBot) -> None:
    told: list[str] = []
    jobs.began.connect(lambda job: told.append(f"began {job.title}"))
    jobs.moved.connect(lambda job, event: told.append(f"moved {job.title} {event.done}"))
    jobs.ended.connect(lambda job: told.append(f"ended {job.title}"))
    job, quiet = jobs.start(wait_for_stop, title="Reading"), jobs.start(wait_for_stop)
    qtbot.waitUntil(lambda: len(told) == 2)
    job.stop()
    quiet.stop()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert told == ["began Reading", "moved Reading 0", "ended Reading"]


class LetGo:
    """Notes the thread on which it is let go: were it a widget, that thread would destroy it."""

    def __init__(self, threads: list[threading.Thread]) -> None:
        self.threads = threads

    def __del__(self) -> None:
        self.threads.append(threading.current_thread())


@pytest.mark.parametrize("ending", [write_three, fail])
def test_what_a_job_refers_to_is_let_go_on_the_window_s_thread(
    jobs: Jobs, qtbot: QtBot, ending: Callable[..., Operation[object]]
) -> None:
    threads: list[threading.Thread] = []
    for _ in range(20):
        ended: list[object] = []

        def start(one: LetGo, ended: list[object] = ended) -> None:
            def work(cancel: Cancel) -> Operation[object]:
                kept = one
                result = yield from ending(cancel)
                del kept
                return result

            def done(*values: object) -> None:
                ended.append((one.threads, len(values)))

            jobs.start(work, on_event=lambda _: one, on_done=done, on_error=done)

        start(LetGo(threads))
        qtbot.waitUntil(lambda ended=ended: bool(ended))
    qtbot.waitUntil(lambda: len(threads) == 20)
    assert set(threads) == {threading.main_thread()}


def test_garbage_that_refers_to_itself_is_found_on_the_window_s_thread(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    one = LetGo(threads)
    one.itself = one  # type: ignore[attr-defined]
    del one

    kept: list[list[int]] = []

    def make_much(cancel: Cancel) -> Operation[None]:
        kept.extend([each] for each in range(100_000))  # by itself Python would look on this thread
        yield Progressed(done=len(kept), total=0, unit="files")

    heard.start(jobs, make_much)
    qtbot.waitUntil(lambda: "done" in heard.names)
    qtbot.waitUntil(lambda: bool(threads), timeout=30_000)
    assert set(threads) == {threading.main_thread()}


def test_qt_watches_no_job(jobs: Jobs, heard: Heard, qtbot: QtBot) -> None:
    owner = QObject()
    job = heard.start(jobs, write_three, owner=owner)
    assert weakref.getweakrefcount(job) == 0  # by such a reference Qt is called on the thread that the job dies on
    qtbot.waitUntil(lambda: "done" in heard.names)


def test_a_callback_that_fails_keeps_nobody_else_from_being_called(
    jobs: Jobs, heard: Heard, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda kind, error, trace: failures.append(kind))

    def break_down(_: object) -> None:
        raise ZeroDivisionError

    jobs.start(write_three, on_done=break_down)
    heard.start(jobs, write_three)
    qtbot.waitUntil(lambda: "done" in heard.names and not jobs.busy)
    assert failures == [ZeroDivisionError]
    qtbot.waitUntil(lambda: not jobs._ended)


class Stoppable(QObject):
    """Has a Stop button."""

    stop_requested = Signal()


def test_a_job_dies_on_the_window_s_thread_for_qt_may_know_its_stop(jobs: Jobs, qtbot: QtBot) -> None:
    threads: list[threading.Thread] = []
    rows = []
    for count in range(1, 40):
        ended: list[object] = []
        row = Stoppable()
        job = jobs.start(write_three, on_done=ended.append)
        row.stop_requested.connect(job.stop)
        rows.append(row)
        weakref.finalize(job, lambda: threads.append(threading.current_thread()))
        del job
        qtbot.waitUntil(lambda ended=ended: bool(ended))
        qtbot.waitUntil(lambda count=count: len(threads) == count)
    assert set(threads) == {threading.main_thread()}
