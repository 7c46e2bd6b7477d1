"""What a model is reckoned to need before it is loaded, beside the most that its process then has resident.

Models of many kinds are made, loaded with several contexts and forms of the cache, and read a prompt that fills what
they work in. The peak is the figure that stands under an answer.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bench.ours import Ours, wanted
from bench.report import Row, publish, skip
from bench.shapes import SHAPES, write
from engine.loading import options_of
from engine.runtime.fit import fit
from engine.types import Wanted

TOKENS_A_WORD = 4  # of the made-up vocabularies
ANSWER_TOKENS = 8
SEED = 1  # with one, a prompt is read in whole steps however busy the computer is
MOST, LEAST = 1.1, 0.95
MIB = 1 << 20


class Case(NamedTuple):
    """How a model is loaded, and how much it reads."""

    shape: str
    context_tokens: int
    keys: str = "f16"
    values: str = "f16"
    flash_attention: str = "auto"
    prompt_tokens: int = 700

    @property
    def wanted(self) -> Wanted:
        """An answer of a model so loaded."""
        plain = wanted(ANSWER_TOKENS, threads=1, context_tokens=self.context_tokens)
        return replace(
            plain, key_cache=self.keys, value_cache=self.values, flash_attention=self.flash_attention, seed=SEED,
        )  # fmt: skip

    @property
    def measure(self) -> str:
        """The case in words."""
        flash = ", no flash attention" if self.flash_attention == "off" else ""
        return f"{self.shape}, {self.context_tokens} tokens, {self.keys}/{self.values}{flash}"


CASES = (
    Case("smollm2-135m", 4096, prompt_tokens=1500),
    Case("smollm2-135m", 8192, "q8_0", "q8_0"),
    Case("smollm2-135m", 2048, flash_attention="off", prompt_tokens=2000),
    Case("qwen2.5-0.5b", 4096, prompt_tokens=1500),
    Case("qwen2.5-0.5b", 32768, "q8_0", "q4_0"),
    Case("qwen2.5-0.5b", 4096, flash_attention="off", prompt_tokens=4000),
    Case("llama-3.2-1b", 4096),
    Case("llama-3.2-1b", 16384, "q8_0", "f16"),
    Case("mistral-like-2b", 4096, prompt_tokens=600),
    Case("gemma-3-270m", 8192),
    Case("gemma-3-1b", 16384),
    Case("gemma-4-e2b-part", 4096),
    Case("gemma-4-e2b-part", 16384, "q8_0", "q8_0"),
    Case("moe-1b-a400m", 4096),
    Case("mamba-370m", 4096),
    Case("lfm2-350m", 8192),
)


def measured(path: Path, case: Case, folder: Path) -> tuple[int, int]:
    """What is reckoned and what is taken, in bytes."""
    asking = Ours(path, folder)
    try:
        question = asking.words(case.prompt_tokens // TOKENS_A_WORD)
        peak_bytes = asking.ask([question], case.wanted).written.speed.peak_bytes
        return fit(asking.model.facts, options_of(case.wanted)).need_bytes, peak_bytes
    finally:
        asking.runtime.close()


def row(case: Case, need_bytes: int, peak_bytes: int) -> Row:
    """One case; it holds where the estimate is neither too high nor too low."""
    ratio = need_bytes / peak_bytes
    return Row(
        measure=case.measure, ours=need_bytes / MIB, reference=peak_bytes / MIB, ratio=ratio, unit="MiB", bar=MOST,
        holds=LEAST <= ratio <= MOST,
    )  # fmt: skip


def main() -> int:
    """Measure; the exit code."""
    if sys.platform != "linux":
        return skip("fit", "a peak without what is resident only while a model is loaded is told by Linux alone")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shape in dict.fromkeys(case.shape for case in CASES):
            path = write(folder, SHAPES[shape])
            rows += [row(case, *measured(path, case, folder / "private")) for case in CASES if case.shape == shape]
            path.unlink()
    errors = [each.ratio - 1 for each in rows if each.ratio is not None]
    worst = max(errors, key=abs)
    rows.append(Row(measure="worst error", ours=100 * worst, unit="%", holds=all(each.holds for each in rows)))
    return publish("fit", rows, f"an estimate may be {MOST - 1:.0%} above and {1 - LEAST:.0%} below; 1 thread")


if __name__ == "__main__":
    sys.exit(main())
