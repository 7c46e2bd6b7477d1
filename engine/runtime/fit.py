"""Whether a model fits in memory: arithmetic from its header, and what this computer has free.

An estimate made before anything is loaded; its parts are told apart so that a screen can say where the memory goes.
It is of what the process has resident once it answers, pages of the model's file among it, as `Speed.peak_bytes` has
it: `make bench-fit` holds the one against the other.
"""

from dataclasses import replace

import psutil

from engine.loading import CACHES, LoadOptions, possible
from engine.runtime import container
from engine.runtime.drafts import draft_bytes
from engine.runtime.working import picks_bytes, step_bytes, vocabulary_bytes, weights_bytes
from engine.types import Fit, ModelFacts

PROCESS_BYTES = 46 << 20  # the interpreter, its libraries and llama.cpp's: 42 measured, and what moves from run to run
BATCH_TOKENS = 512  # llama.cpp's physical batch: the prompt is read in steps of this many tokens
GUESSES = 15  # in one step, of which each has a row of output too
STRANDS, RECURRENT_STRANDS = 16, 4  # conversations held, of which each has a row of output; as in the model's process
# Kept for the rest of the computer; docs/decisions has the reason.
KEPT_SHARE_SMALL, KEPT_SHARE_LARGE, KEPT_BYTES = 1 / 8, 1 / 10, 2 << 30
LEAST_CONTEXT_TOKENS, CONTEXT_STEP_TOKENS = 512, 256  # a chat in less is none


def fit(facts: ModelFacts, options: LoadOptions, promised_bytes: int = 0, measured_bytes: int = 0) -> Fit:
    """What the model will need when it is loaded as `options` have it, and what is free now beside what is promised.

    A context longer than the model knows is counted at the model's own length. Where it was measured what the model
    takes when it is so loaded, that is its need, but never less than what cannot be thrown out and read again.
    """
    options = possible(options, facts)
    context_tokens = options.context_tokens
    if facts.context_tokens:
        context_tokens = min(context_tokens, facts.context_tokens)
    context_bytes = _context_bytes(facts, options, context_tokens)
    working_bytes = _working_bytes(facts, options, context_tokens)
    draft = draft_bytes(options.draft)
    weights = weights_bytes(facts, context_tokens)
    need_bytes = weights + context_bytes + working_bytes + draft
    if measured_bytes:
        need_bytes = max(measured_bytes, context_bytes + working_bytes)
    free = max(0, free_bytes() - promised_bytes)
    return Fit(
        need_bytes=need_bytes,
        free_bytes=free,
        weights_bytes=weights,
        context_bytes=context_bytes,
        working_bytes=working_bytes,
        draft_bytes=draft,
        context_tokens=context_tokens,
        fitting_tokens=context_tokens
        if need_bytes <= free
        else fitting_tokens(facts, replace(options, context_tokens=context_tokens), free - draft),
        measured=measured_bytes > 0,
    )


def fitting_tokens(facts: ModelFacts, options: LoadOptions, free: int) -> int:
    """The longest context of at most that of `options` with which the model needs no more than `free` bytes.

    A shorter one than wanted is a multiple of 256. 0 where the model fits with none that is of use.
    """
    most_tokens = options.context_tokens
    if _need_bytes(facts, options, most_tokens) <= free:
        return most_tokens
    low, high = 0, most_tokens // CONTEXT_STEP_TOKENS
    while low < high:
        middle = (low + high + 1) // 2
        if _need_bytes(facts, options, middle * CONTEXT_STEP_TOKENS) <= free:
            low = middle
        else:
            high = middle - 1
    tokens = low * CONTEXT_STEP_TOKENS
    return tokens if tokens >= LEAST_CONTEXT_TOKENS else 0


def layer_bytes(facts: ModelFacts, options: LoadOptions) -> int:
    """What one of a model's layers takes with what it remembers: the mean over all, and what makes words as one."""
    return (facts.tensor_bytes + _context_bytes(facts, options, options.context_tokens)) // (facts.layers + 1)


def free_bytes() -> int:
    """Memory a model may take now: what is free, less what is kept so that the computer stays usable.

    Inside a container the container's limit counts too, and each of those around it. Never less than nothing.
    """
    memory = psutil.virtual_memory()
    free = memory.available - kept_bytes(memory.total)
    for group in container.limits():
        if group.limit_bytes < memory.total:
            free = min(free, group.limit_bytes - group.used_bytes - kept_bytes(group.limit_bytes))
    return max(0, free)


def most_bytes() -> int:
    """Memory a model could take here if no other program took any; inside a container, of what the container has."""
    memory = psutil.virtual_memory()
    most = memory.total - kept_bytes(memory.total)
    for group in container.limits():
        if group.limit_bytes < memory.total:
            most = min(most, group.limit_bytes - kept_bytes(group.limit_bytes))
    return max(0, most)


def kept_bytes(total_bytes: int) -> int:
    """What no model may take of a memory of this size: an eighth, at most 2 GiB; of large ones a tenth."""
    return int(max(min(total_bytes * KEPT_SHARE_SMALL, KEPT_BYTES), total_bytes * KEPT_SHARE_LARGE))


def _need_bytes(facts: ModelFacts, options: LoadOptions, context_tokens: int) -> int:
    return (
        weights_bytes(facts, context_tokens)
        + _context_bytes(facts, options, context_tokens)
        + _working_bytes(facts, options, context_tokens)
    )


def _context_bytes(facts: ModelFacts, options: LoadOptions, context_tokens: int) -> int:
    """Exactly what llama.cpp calls its KV and its RS buffer."""
    keys = CACHES[options.key_cache].size_bytes(facts.key_numbers * context_tokens)
    values = CACHES[options.value_cache].size_bytes(facts.value_numbers * context_tokens)
    return keys + values + facts.state_bytes * RECURRENT_STRANDS


def _working_bytes(facts: ModelFacts, options: LoadOptions, context_tokens: int) -> int:
    rows = min(BATCH_TOKENS, context_tokens)
    strands = RECURRENT_STRANDS if facts.state_bytes else STRANDS
    flash = options.flash_attention != "off"
    step = step_bytes(facts, rows, context_tokens, strands + GUESSES, flash=flash)
    return PROCESS_BYTES + vocabulary_bytes(facts) + step + picks_bytes(facts, strands)
