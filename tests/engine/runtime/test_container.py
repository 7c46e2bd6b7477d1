"""A container's own limit and its own pressure count: read from files as the kernel writes them, and for real."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine import control_groups
from engine.runtime import container
from engine.runtime.pressure import COMPUTER, Pressure, told

GIB, MIB = 1 << 30, 1 << 20
LIMIT_BYTES, FILE_BYTES = 32 * MIB, 96 * MIB  # what the child may have, and what it goes round and round in
WAIT_S = 120  # a busy machine; nothing is measured
# Joins its groups first, so that every page is theirs, then changes a page of each 4 KiB of a file that does not fit.
THRASH = """
import mmap, sys
from pathlib import Path
path, size, *groups = sys.argv[1:]
for group in groups:
    Path(group).write_text("0")
with open(path, "w+b") as file:
    file.truncate(int(size))
    pages = mmap.mmap(file.fileno(), 0)
    print("in", flush=True)
    while True:
        for at in range(0, int(size), 4096):
            pages[at] = (pages[at] + 1) % 256
"""


def group(folder: Path, most: str, current: int = 0, cached: int = 0) -> None:
    """A control group's files, as the second version has them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{current}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all groups; this program is in /session/app."""
    ours = tmp_path / "ours"
    ours.write_text("1:cpu:/\n0::/session/app\n")
    monkeypatch.setattr(control_groups, "OURS", ours)
    monkeypatch.setattr(control_groups, "GROUPS", tmp_path / "cgroup")
    return tmp_path / "cgroup"


def test_every_group_around_this_program_that_has_a_limit_is_found(groups: Path) -> None:
    group(groups / "session" / "app", str(4 * GIB), current=3 * GIB, cached=GIB)
    group(groups / "session", "max", current=9 * GIB)
    group(groups, str(8 * GIB), current=5 * GIB)
    group(groups / "other", str(GIB))
    found = container.limits()
    assert [(one.limit_bytes, one.used_bytes) for one in found] == [(4 * GIB, 2 * GIB), (8 * GIB, 5 * GIB)]
    assert told() == (groups / "session" / "app" / "memory.pressure", groups / "memory.pressure", COMPUTER)


def test_groups_of_the_first_version_limit_too(groups: Path) -> None:
    control_groups.OURS.write_text("4:cpu,memory:/box\n0::/\n")
    for path, most in (("box", GIB), ("", 9223372036854771712)):
        folder = groups / "memory" / path
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "memory.limit_in_bytes").write_text(str(most))
        (folder / "memory.usage_in_bytes").write_text(str(GIB // 2))
        (folder / "memory.stat").write_text(f"total_inactive_file {GIB // 4}\n")
    (found,) = container.limits()
    assert (found.limit_bytes, found.used_bytes) == (GIB, GIB // 4)


def test_where_nothing_limits_there_is_the_computer_alone(groups: Path) -> None:
    group(groups / "session" / "app", "max")
    assert container.limits() == ()
    control_groups.OURS.unlink()
    assert container.limits() == ()
    assert told() == (COMPUTER,)


@dataclass(frozen=True)
class Box:
    """Real groups: `members` take processes in, `pressure` tells of them."""

    members: tuple[Path, ...]
    pressure: Path


@pytest.fixture
def box() -> Iterator[Box]:
    """A group of this computer's with a small limit of memory; skips where none may be made."""
    lines = (
        [line.split(":", 2) for line in control_groups.OURS.read_text().splitlines()] if sys.platform == "linux" else []
    )
    ours = {name: path for _, names, path in lines for name in names.split(",")}
    made: list[Path] = []
    try:
        if "memory" in ours:  # the first version limits; the second, beside it, tells of pressure
            limiting = control_groups.GROUPS / "memory" / ours["memory"].lstrip("/") / f"hanare-test-{os.getpid()}"
            telling = control_groups.GROUPS / "unified" / ours.get("", "/").lstrip("/") / f"hanare-test-{os.getpid()}"
            limit = limiting / "memory.limit_in_bytes"
        else:
            limiting = telling = control_groups.GROUPS / ours.get("", "/").lstrip("/") / f"hanare-test-{os.getpid()}"
            limit = limiting / "memory.max"
        for folder in dict.fromkeys((limiting, telling)):
            folder.mkdir()
            made.append(folder)
        limit.write_text(str(LIMIT_BYTES))
        if not (telling / "memory.pressure").exists():
            raise FileNotFoundError(f"{telling} tells of no pressure")
    except OSError as error:
        for folder in made:
            folder.rmdir()
        pytest.skip(f"no group with a limit of its own can be made here: {error}")
    yield Box(tuple(made), telling / "memory.pressure")
    for folder in made:
        folder.rmdir()


def test_a_process_that_thrashes_within_its_own_limit_is_ended(box: Box, tmp_path: Path) -> None:
    members = [str(folder / "cgroup.procs") for folder in box.members]
    command = [sys.executable, "-c", THRASH, str(tmp_path / "pages"), str(FILE_BYTES), *members]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == b"in\n"
        with Pressure((box.pressure,), look_s=0.1, over_s=0.3).watching(child.kill) as watch:
            assert child.wait(WAIT_S) == -signal.SIGKILL
        assert watch.ended_it
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def test_a_process_that_fits_in_its_limit_is_left_alone(box: Box, tmp_path: Path) -> None:
    members = [str(folder / "cgroup.procs") for folder in box.members]
    rounds = THRASH.replace("while True", "for _ in range(300)")
    command = [sys.executable, "-c", rounds, str(tmp_path / "pages"), str(4 * MIB), *members]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with Pressure((box.pressure,), look_s=0.05, over_s=0.1).watching(child.kill) as watch:
        assert child.wait(WAIT_S) == 0
    assert not watch.ended_it
