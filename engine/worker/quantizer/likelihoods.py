"""What a model expects next, kept in 16 bits a word of its vocabulary, and how far from that another one is.

Figures, the form in which they are kept and where they are cut off are llama-perplexity's (the two functions
`log_softmax` that keep and compare, tools/perplexity/perplexity.cpp), so that ours can be held against its. The
divergence is Kullback's and Leibler's, of the other model from the one that is kept, in nats.
"""

import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FLOOR = 16.0  # nats below the likeliest word: what is less likely counts as exactly so unlikely
STEPS = 65535


class Kept(NamedTuple):
    """Of each place in a text (a row), the log-probability of each word: `least` + `scale` · `steps`."""

    steps: NDArray[np.uint16]
    scale: NDArray[np.float32]
    least: NDArray[np.float32]


class Judged(NamedTuple):
    """Of each place in a text: how unlikely the word was that came, how far from the other model, which word is first.

    `losses` and `divergences` are in nats; `divergences` and `same` are empty where there was none to compare with.
    """

    losses: NDArray[np.float64]
    divergences: NDArray[np.float64]
    same: NDArray[np.bool_]


def room(rows: int, vocabulary: int) -> Kept:
    """Where `kept` can put what it keeps."""
    return Kept(np.zeros((rows, vocabulary), np.uint16), np.zeros(rows, np.float32), np.zeros(rows, np.float32))


def kept(outcomes: NDArray[np.float32], words: Sequence[int], into: Kept) -> Judged:
    """Keep what a model makes of each place: `outcomes` are its logits, a row for each, `words` those that came."""
    losses = np.zeros(len(words))

    def keep(first: int, end: int) -> None:
        work = np.empty(into.steps.shape[1], np.float32)
        for row in range(first, end):
            logits = outcomes[row]
            most, log_sum = _normal(logits, work)
            losses[row] = np.float32(most + log_sum - logits[words[row]])
            least = max(logits.min(), np.float32(most - np.float32(FLOOR)))
            scale = np.float32((most - least) / np.float32(STEPS))
            into.scale[row], into.least[row] = scale, least - most - log_sum
            if scale:
                np.subtract(logits, least, out=work)
                np.multiply(work, np.float32(1) / scale, out=work)
                np.clip(np.rint(work, out=work), 0, STEPS, out=work)
                into.steps[row] = work
            else:
                into.steps[row] = 0

    _shared_out(keep, len(words))
    return Judged(losses, np.zeros(0), np.zeros(0, np.bool_))


def compared(outcomes: NDArray[np.float32], words: Sequence[int], other: Kept) -> Judged:
    """Hold what a model makes of each place against what was kept of another."""
    losses, divergences = np.zeros(len(words)), np.zeros(len(words))
    same = np.zeros(len(words), np.bool_)

    def compare(first: int, end: int) -> None:
        work, theirs = np.empty((2, other.steps.shape[1]), np.float32)
        for row in range(first, end):
            logits = outcomes[row]
            most, log_sum = _normal(logits, work)
            losses[row] = np.float32(most + log_sum - logits[words[row]])
            same[row] = logits.argmax() == other.steps[row].argmax()
            np.multiply(other.steps[row], other.scale[row], out=theirs)
            np.add(theirs, other.least[row], out=theirs)
            np.subtract(theirs, logits, out=work)
            np.add(work, most + log_sum, out=work)
            counted = theirs > -FLOOR
            np.multiply(work, np.exp(theirs, out=theirs), out=work)
            divergences[row] = work.sum(where=counted, dtype=np.float64)

    _shared_out(compare, len(words))
    return Judged(losses, divergences, same)


def perplexity(losses: NDArray[np.float64]) -> float:
    """Among how many words, all as likely, a model would be as unsure; infinite is told as the largest number."""
    return math.exp(min(float(losses.mean()), 700.0))


def _normal(logits: NDArray[np.float32], work: NDArray[np.float32]) -> tuple[np.float32, np.float32]:
    """The largest of some logits, and the logarithm of the sum of all probabilities against it."""
    most = logits.max()
    np.subtract(logits, most, out=work)
    return most, np.float32(math.log(np.exp(work, out=work).sum(dtype=np.float64)))


def _shared_out(work: Callable[[int, int], None], rows: int) -> None:
    """Do rows on as many threads as there are cores: numpy lets go of the interpreter meanwhile."""
    parts = min(rows, os.cpu_count() or 1)
    ends = [rows * part // parts for part in range(parts + 1)]
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(work, ends[:-1], ends[1:]))
