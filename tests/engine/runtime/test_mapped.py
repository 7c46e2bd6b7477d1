"""What was resident only while a model was loaded is given back, and counts no more."""

import mmap
import re
import sys
from pathlib import Path

import pytest

from engine.worker.model.mapped import give_back
from engine.worker.model.process_limits import forget_peak, open_peak, peak_bytes

MIB = 1 << 20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells which pages are resident")


def resident_bytes(path: Path) -> int:
    """Of the mappings of this file in this process."""
    parts = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", Path("/proc/self/smaps").read_text(), flags=re.MULTILINE)
    mine = [part for part in parts if str(path) in part]
    return sum(int(kib) * 1024 for part in mine for kib in re.findall(r"^Rss:\s+(\d+)", part, re.MULTILINE))


def test_the_pages_of_a_file_are_given_back_and_can_be_read_again(tmp_path: Path) -> None:
    path, other = tmp_path / "a model.gguf", tmp_path / "other.gguf"
    content = bytes(range(256)) * (MIB // 64)
    for file in (path, other):
        file.write_bytes(content)
    with (
        path.open("rb") as first,
        other.open("rb") as second,
        mmap.mmap(first.fileno(), 0, prot=mmap.PROT_READ) as mapped,
        mmap.mmap(second.fileno(), 0, prot=mmap.PROT_READ) as kept,
    ):
        assert mapped[:] == kept[:]
        assert resident_bytes(path) == resident_bytes(other) == 4 * MIB
        give_back([str(path)])
        assert resident_bytes(path) == 0
        assert resident_bytes(other) == 4 * MIB
        assert mapped[:] == content


def test_a_peak_that_is_forgotten_does_not_count() -> None:
    open_peak()
    with mmap.mmap(-1, 256 * MIB) as taken:
        for at in range(0, 256 * MIB, 4096):
            taken[at] = 1
    before = peak_bytes()
    forget_peak()
    assert peak_bytes() < before - 128 * MIB
