"""Which cores there are is read from the files of a made-up computer, as Linux writes them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import control_groups, cores
from engine.cores import Cores, Others

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's files")


class Tree:
    """A computer's files."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, file: str, text: object) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def processors(self, *siblings: str, online: str = "") -> None:
        self.write("sys/devices/system/cpu/online", online or f"0-{len(siblings) - 1}")
        for number, group in enumerate(siblings):
            self.of(number, "topology/thread_siblings_list", group)

    def of(self, number: int, file: str, text: object) -> None:
        self.write(f"sys/devices/system/cpu/cpu{number}/{file}", text)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    monkeypatch.setattr(cores, "ROOT", tmp_path)
    monkeypatch.setattr(control_groups, "OURS", tmp_path / "ours")
    monkeypatch.setattr(control_groups, "GROUPS", tmp_path / "cgroup")
    return Tree(tmp_path)


@pytest.fixture
def allow(monkeypatch: pytest.MonkeyPatch) -> Callable[[set[int]], None]:
    def allow(processors: set[int]) -> None:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: processors)

    allow(set(range(64)))
    return allow


def test_two_hardware_threads_on_one_core_are_one_core(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0,2", "1,3", "0,2", "1,3")
    allow({0, 1, 2, 3})
    assert cores.cores() == Cores(physical=2, fast=2)
    allow({0, 2})
    assert cores.cores() == Cores(physical=1, fast=1)


def test_intels_small_cores_are_not_fast(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0-1", "0-1", "2-3", "2-3", "4", "5", "6", "7")
    tree.write("sys/devices/cpu_core/cpus", "0-3")
    tree.write("sys/devices/cpu_atom/cpus", "4-7")
    assert cores.cores() == Cores(physical=6, fast=2)
    allow({4, 5})  # put on the small ones, they are all there is
    assert cores.cores() == Cores(physical=2, fast=2)


def test_arms_capacities_tell_the_little_ones_apart(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0", "1", "2", "3", "4", "5")
    for number, capacity in enumerate((250, 250, 250, 780, 780, 1024)):
        tree.of(number, "cpu_capacity", capacity)
    assert cores.cores() == Cores(physical=6, fast=3)


def test_clocks_that_differ_a_little_are_of_one_kind(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0", "1", "2", "3")
    for number, clock in enumerate((5_200_000, 5_000_000, 5_000_000, 3_700_000)):
        tree.of(number, "cpufreq/cpuinfo_max_freq", clock)
    assert cores.cores() == Cores(physical=4, fast=3)


def test_processors_that_are_switched_off_do_not_count(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0", "1", "2", "3", online="0,2-3")
    assert cores.cores() == Cores(physical=3, fast=3)


def test_where_nothing_is_told_there_is_at_least_one_core(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    assert cores.cores().physical >= 1
    tree.write("sys/devices/system/cpu/online", "nonsense")
    assert cores.cores().physical >= 1


def test_a_containers_share_is_the_narrowest_around_us(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0", "1", "2", "3")
    tree.write("ours", "0::/box/app")
    tree.write("cgroup/box/app/cpu.max", "max 100000")
    tree.write("cgroup/box/cpu.max", "250000 100000")
    found = cores.cores()
    assert (found.share, found.usable, found.physical) == (2.5, 2, 4)
    tree.write("cgroup/cpu.max", "50000 100000")
    assert (cores.cores().share, cores.cores().usable) == (0.5, 1)


def test_the_first_version_of_control_groups_limits_too(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.processors("0", "1", "2", "3")
    tree.write("ours", "3:cpu,cpuacct:/box\n0::/")
    tree.write("cgroup/cpu/box/cpu.cfs_quota_us", "300000")
    tree.write("cgroup/cpu/box/cpu.cfs_period_us", "100000")
    tree.write("cgroup/cpu/cpu.cfs_quota_us", "-1")
    tree.write("cgroup/cpu/cpu.cfs_period_us", "100000")
    assert cores.cores().share == 3.0


def stat(*processors: str) -> str:
    lines = [f"cpu{number} {figures}" for number, figures in enumerate(processors)]
    return "\n".join(["cpu  9 9 9 9 9 9 9 9 9 9", *lines, "intr 5", "ctxt 7"])


def test_what_others_take_is_all_that_is_not_ours_and_not_idle(
    tree: Tree, allow: Callable[[set[int]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getpriority", lambda kind, who: 5)
    allow({0, 1})
    now, own = [0.0], [0.0]
    tree.write("proc/stat", stat("100 50 10 900 0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 0"))
    others = Others(lambda: now[0], lambda: own[0])
    # In two seconds: 1.2 s for an ordinary program, 0.2 s stolen, 2.4 s for who stands back, of which 2 s were ours.
    tree.write("proc/stat", stat("220 170 10 900 0 0 0 10 0 0", "0 120 0 50 7 0 0 10 0 0", "200 0 0 0 0 0 0 0 0 0"))
    now[0], own[0] = 2.0, 2.0
    load = others.look()
    assert load.seconds == 2.0
    assert load.taken == pytest.approx(0.9)
    assert load.yielding == pytest.approx(0.2)
    assert others.look().taken == 0.0  # no time has passed


def test_others_in_our_container_count_against_its_share(tree: Tree, allow: Callable[[set[int]], None]) -> None:
    tree.write("ours", "0::/box")
    tree.write("cgroup/box/cpu.max", "200000 100000")
    tree.write("cgroup/box/cpu.stat", "usage_usec 1000000\nuser_usec 900000")
    now, own = [0.0], [0.0]
    others = Others(lambda: now[0], lambda: own[0])
    tree.write("cgroup/box/cpu.stat", "usage_usec 4500000\nuser_usec 900000")
    now[0], own[0] = 2.0, 2.0
    assert others.look().in_share == pytest.approx(0.75)


def test_this_computer_can_be_asked() -> None:
    found = cores.cores()
    assert 1 <= found.fast <= found.physical
    assert Others().look().taken >= 0.0
