"""Two libraries on the same passages of the person's own, in turn: which is faster, and whether their vectors agree.

What was found holds for a computer and for the versions of both libraries.
"""

from __future__ import annotations

import functools
import platform
import statistics
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from engine.cores import built_in
from engine.documents.meaning import Floats
from engine.store.trials import KeptTrial

BATCHES = 8  # of all lengths: what `preparing` looks at together, sorted
SAME = 0.9999  # cosine: how near the vectors of both are at least; 16-bit weights alone come to 0.99999
WORTH_IT = 1.1  # times as fast: PyTorch takes four times the memory, and seconds to start
LLAMA = "llama-cpp-python"
TORCH = ("torch", "sentence-transformers")
_MARK = "lib/built-for-hanare.txt"  # tells one build of llama.cpp from another


class Turn(NamedTuple):
    """One batch: how many passages, the seconds that each library took, the least cosine of its two vectors."""

    passages: int
    llama_s: float
    torch_s: float
    cosine: float


class Trial:
    """Takes turns until there are enough."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []

    @property
    def complete(self) -> bool:
        """Whether it can be told which is faster."""
        return len(self._turns) >= BATCHES

    @property
    def torch_first(self) -> bool:
        """Who is to read the next batch first; each does every other time."""
        return len(self._turns) % 2 == 1

    def add(self, by_llama: Floats, by_torch: Floats, llama_s: float, torch_s: float) -> None:
        """Both have read a batch; the vectors are of length one."""
        cosine = float((by_llama * by_torch).sum(axis=1).min())
        self._turns.append(Turn(len(by_llama), llama_s, torch_s, cosine))

    def result(self, versions: str) -> KeptTrial:
        """What came of it. What disturbs one turn does not decide: the middle one of the ratios counts."""
        passages = sum(turn.passages for turn in self._turns)
        return KeptTrial(
            versions=versions,
            llama_per_s=passages / max(sum(turn.llama_s for turn in self._turns), 1e-9),
            torch_per_s=passages / max(sum(turn.torch_s for turn in self._turns), 1e-9),
            ratio=statistics.median(turn.llama_s / max(turn.torch_s, 1e-9) for turn in self._turns),
            cosine=min(turn.cosine for turn in self._turns),
            measured_on=datetime.now(UTC).date().isoformat(),
        )


@functools.cache
def computer() -> str:
    """This computer, as far as the speed of its processor goes."""
    return f"{sys.platform} {platform.machine()} {_processor()} {len(built_in())} cores"


@functools.cache
def versions() -> str:
    """The versions of both libraries; "" where PyTorch's is not installed."""
    try:
        found = [f"{name} {version(name)}" for name in (LLAMA, *TORCH)]
    except PackageNotFoundError:
        return ""
    return ", ".join([*found, _build()])


def _processor() -> str:
    if sys.platform != "linux":
        return platform.processor()
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "CPU part", "uarch")))
    return next(named, "")


def _build() -> str:
    found = find_spec("llama_cpp")
    folders = (found and found.submodule_search_locations) or ()
    marks = [mark for folder in folders if (mark := Path(folder, _MARK)).is_file()]
    return f"build {marks[0].read_text(encoding='ascii').strip()}" if marks else "build unknown"
