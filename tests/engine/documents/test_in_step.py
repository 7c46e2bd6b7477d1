"""What is due is told at the start, every hour, after sleep, and soon after something changed."""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.documents import Documents, watching
from engine.documents.in_step import EVERY_S, UNHEARD_EVERY_S, Clocks, Due, InStep
from engine.documents.watching import Watcher
from engine.operation import Cancel, finish
from engine.types import IndexReport

WAIT_S = 60.0  # a busy machine; nothing is measured
Add = Callable[..., IndexReport]


class Time:
    """Two clocks that go on when they are told to."""

    def __init__(self) -> None:
        self.awake = self.whole = 100.0

    def pass_by(self, seconds: float, *, asleep: bool = False) -> None:
        self.whole += seconds
        self.awake += 0.0 if asleep else seconds


@pytest.fixture
def clocks() -> Time:
    return Time()


@pytest.fixture
def in_step(documents: Documents, clocks: Time) -> Iterator[InStep]:
    """On these clocks in place of the computer's."""
    made = InStep(documents.folders, Clocks(lambda: clocks.awake, lambda: clocks.whole))
    documents.in_step = made
    assert made.due() == Due()
    yield made
    made.close()


def heard(in_step: InStep, clocks: Time, *wanted: Path) -> set[Path]:
    """What is due until all that is wanted was told."""
    found: set[Path] = set()
    until = time.monotonic() + WAIT_S
    while not set(wanted) <= found:
        assert time.monotonic() < until, f"only {found} was told"
        clocks.pass_by(1.0)
        due = in_step.due()
        if due is not None:
            assert due.paths is not None
            found |= set(due.paths)
    return found


def test_everything_is_due_at_the_start_and_every_hour(in_step: InStep, clocks: Time) -> None:
    assert in_step.due() is None
    clocks.pass_by(EVERY_S - 1)
    assert in_step.due() is None
    clocks.pass_by(1)
    assert in_step.due() == Due()
    assert in_step.due() is None


def test_everything_is_due_after_sleep(in_step: InStep, clocks: Time) -> None:
    clocks.pass_by(60, asleep=True)
    assert in_step.due() == Due()
    assert in_step.due() is None


def test_what_changes_is_told(folder: Path, add: Add, in_step: InStep, clocks: Time) -> None:
    (folder / "a.txt").write_text("needle")
    add(folder)
    (folder / "b.txt").write_text("pin")
    (folder / "c.bin").write_text("of no kind that is read")
    (folder / "a.txt").rename(folder / "d.txt")
    found = heard(in_step, clocks, folder / "a.txt", folder / "b.txt", folder / "d.txt")
    assert folder / "c.bin" not in found


def test_a_folder_that_comes_with_others_in_it_is_read_whole(
    folder: Path, add: Add, in_step: InStep, clocks: Time, documents: Documents
) -> None:
    add(folder)
    deep = folder / "new" / "sub"
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("needle")
    paths = heard(in_step, clocks, folder / "new")
    finish(documents.look_again(Cancel(), sorted(paths)))
    assert [one.path for one in documents.all()] == [deep / "x.txt"]


def test_what_is_left_out_is_not_told(folder: Path, add: Add, in_step: InStep, clocks: Time) -> None:
    (folder / "node_modules").mkdir()
    add(folder)
    (folder / "node_modules" / "a.txt").write_text("needle")
    (folder / "b.txt").write_text("pin")
    assert heard(in_step, clocks, folder / "b.txt") == {folder / "b.txt"}


def test_a_folder_that_cannot_be_watched_is_looked_at_every_few_minutes(
    folder: Path, add: Add, in_step: InStep, clocks: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Far:
        mountpoint, fstype = str(folder.parent), "nfs4"

    monkeypatch.setattr(watching.psutil, "disk_partitions", lambda all: [Far])
    add(folder)
    assert in_step.unheard == (folder,)
    clocks.pass_by(UNHEARD_EVERY_S)
    assert in_step.due() == Due()


def test_a_system_that_watches_no_more_is_no_error(folder: Path) -> None:
    watcher = Watcher([folder / "never made", folder])
    assert watcher.unheard == (folder / "never made",)
    watcher.close()
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        assert Watcher([folder]).unheard == (folder,)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_nothing_is_watched_where_nobody_asks(folder: Path, documents: Documents, add: Add) -> None:
    add(folder)
    documents.in_step.renew()
    assert documents.in_step._watcher is None
