"""Small models that guess ahead for larger ones: which fit together, and what one needs in memory.

The marks in the headers decide what is offered; the process that loads both compares every token.
"""

import functools
import os
from pathlib import Path

from engine.errors import EngineError
from engine.runtime.gguf import read_facts
from engine.runtime.working import picks_bytes, step_bytes, vocabulary_bytes, weights_bytes
from engine.types import ModelFacts

CONTEXT_TOKENS, BATCH_TOKENS = 1024, 256  # as engine/worker/model/draft.py has them
F16_BYTES = 2
MOST_PADDING = 128  # tokens that files of one family differ by, at the end, for the sake of even numbers
MOST_SHARE = 0.5  # of the weights of the model it guesses for; one that is larger could not be faster


def can_guess_for(draft: ModelFacts, target: ModelFacts) -> bool:
    """Whether `draft` has the same vocabulary as `target`, and is small beside it."""
    alike = bool(draft.vocabulary_mark) and draft.vocabulary_mark == target.vocabulary_mark
    padding = abs(draft.vocabulary - target.vocabulary)
    small = draft.tensor_bytes <= MOST_SHARE * target.tensor_bytes
    return alike and padding <= MOST_PADDING and small and draft.use == "chat"


def draft_bytes(path: str) -> int:
    """What the draft model in this file adds to the memory of the model it guesses for; 0 where there is none."""
    if not path:
        return 0
    try:
        found = os.stat(path)
        return _reckoned(path, found.st_size, found.st_mtime_ns)
    except (OSError, ValueError, EngineError):
        return 0  # loading it will say what is wrong


@functools.lru_cache(maxsize=16)
def _reckoned(path: str, size_bytes: int, mtime_ns: int) -> int:
    """The same as long as the file is."""
    facts = read_facts(Path(path))
    working = vocabulary_bytes(facts) + step_bytes(facts, BATCH_TOKENS, CONTEXT_TOKENS, 1) + picks_bytes(facts, 1)
    context = (facts.key_numbers + facts.value_numbers) * F16_BYTES * CONTEXT_TOKENS
    return weights_bytes(facts, CONTEXT_TOKENS) + context + working
