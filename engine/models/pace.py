"""How many bytes of weights this computer goes through in a second while a model writes: measured before, or guessed.

Writing a token takes all weights once, so memory or arithmetic sets the pace, whichever is slower.
"""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass

from engine.cores import cores

COPIED_BYTES, TURNS = 64 << 20, 6  # more than any cache holds; other programs rest in one of some turns
# Of weights of 4 to 8 bits, that a core reckons with in a second where memory does not hold it up: `make bench-decode`,
# one thread of an Intel Xeon, 33.8 tokens a second with 143 MB.
CORE_BYTES_PER_S = 4.8e9


@dataclass(frozen=True, slots=True)
class Pace:
    """Bytes of weights in a second; `measured` by answers that were written here."""

    bytes_per_s: float
    measured: bool


def pace(written: Iterable[tuple[int, float]]) -> Pace:
    """From answers that were written here, as (bytes of weights, tokens a second); else from memory and cores."""
    found = [weights * per_s for weights, per_s in written if weights > 0 and per_s > 0]
    if found:
        return Pace(statistics.median(found), True)
    return Pace(min(copied_bytes_per_s(), cores().usable * CORE_BYTES_PER_S), False)


def copied_bytes_per_s() -> float:
    """How many bytes one core copies from memory to memory in a second, the best of some tries."""
    source, target = bytearray(COPIED_BYTES), bytearray(COPIED_BYTES)
    best_s = float("inf")
    for _ in range(TURNS):
        began = time.perf_counter()
        target[:] = source
        best_s = min(best_s, time.perf_counter() - began)
    return COPIED_BYTES / max(best_s, 1e-9)
