"""A process does no work where a wall fails that the system has; where it has none it works, and claims none."""

import sys
from pathlib import Path

import pytest

from engine import wire
from engine.errors import WorkerNotSealed
from engine.operation import Cancel
from engine.privacy import landlock
from engine.runtime.process import Process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are proven on Linux only")


def asked(tmp_path: Path, fails: str) -> tuple[str, list[tuple[str, ...]]]:
    """What a process of which this fails answers, and the walls it told of."""
    (tmp_path / "private.fails").write_text(fails)
    with Process("embedder", "tests.fakes.unsealable_worker", private=tmp_path / "private") as process:
        (report,) = process.ask(wire.Embed(texts=("a",)), Cancel())
        assert isinstance(report, wire.Embedded)
        return report.vectors, [walls.walls for walls in process.walls]


@pytest.mark.parametrize("wall", ["network", "files", "filter"])
def test_a_process_around_which_a_wall_fails_is_given_nothing_and_says_which(tmp_path: Path, wall: str) -> None:
    if wall != "filter" and landlock.version() < 4:
        pytest.skip("this kernel has no such wall")
    for _ in range(5):  # nor is it said to keep dying: the reason stays the reason
        with pytest.raises(WorkerNotSealed) as refused:
            asked(tmp_path, wall)
    assert wall in refused.value.facts["walls"].split(", ")
    assert refused.value.facts["process"] == "embedder"


def test_where_the_system_has_no_walls_the_work_is_done_and_none_are_claimed(tmp_path: Path) -> None:
    assert asked(tmp_path, "nothing here") == ("worked", [()])


def test_where_every_wall_stands_the_work_is_done(tmp_path: Path) -> None:
    worked, (walls,) = asked(tmp_path, "nothing")
    assert worked == "worked"
    assert "filter" in walls
