"""Whether a model fits in memory: arithmetic from its header, and what this computer has free.

An estimate made before anything is loaded; its parts are told apart so that a screen can say
where the memory goes.
"""

import contextlib
from pathlib import Path

import psutil

from engine.types import Fit, ModelFacts

PROCESS_BYTES = 96 << 20  # the interpreter and llama.cpp's libraries, before a model is loaded
BATCH_TOKENS = 512  # llama.cpp's physical batch: the prompt is read in steps of this many tokens
F32_BYTES = 4
# Work space of one batch, in rows as wide as the embedding. Measured with llama.cpp's own "compute
# buffer size" at three shapes of 0.1 to 3 billion weights: four embeddings and three feed-forward
# widths, which are three to six times the embedding's; and the attention mask in 16 bits.
ROWS_ALIVE = 20
MASK_BYTES = 2
RESERVE_SHARE, RESERVE_LEAST_BYTES, RESERVE_MOST_BYTES = 0.1, 256 << 20, 1 << 30
_CGROUP = Path("/sys/fs/cgroup")
_CGROUP_UNLIMITED = 1 << 60


def fit(facts: ModelFacts, context_tokens: int) -> Fit:
    """What the model will need with a context of `context_tokens`, and what is free now.

    A context longer than the model knows is counted at the model's own length.
    """
    if facts.context_tokens:
        context_tokens = min(context_tokens, facts.context_tokens)
    context_bytes = facts.kv_bytes_per_token * context_tokens
    batch = min(BATCH_TOKENS, context_tokens)
    rows_bytes = batch * (facts.embedding * ROWS_ALIVE * F32_BYTES + context_tokens * MASK_BYTES)
    working_bytes = PROCESS_BYTES + rows_bytes + facts.vocabulary * F32_BYTES
    return Fit(
        need_bytes=facts.tensor_bytes + context_bytes + working_bytes,
        free_bytes=free_bytes(),
        weights_bytes=facts.tensor_bytes,
        context_bytes=context_bytes,
        working_bytes=working_bytes,
        context_tokens=context_tokens,
    )


def free_bytes() -> int:
    """Memory a model may take now, less a reserve that keeps the computer usable.

    The reserve is a tenth of all memory, at least 256 MiB, at most 1 GiB, and never more than half
    of what is free. Inside a container the container's limit counts.
    """
    memory = psutil.virtual_memory()
    total, available = memory.total, memory.available
    limit, used = _container()
    if limit < total:
        total, available = limit, min(available, max(0, limit - used))
    share = int(total * RESERVE_SHARE)
    return available - min(max(share, RESERVE_LEAST_BYTES), RESERVE_MOST_BYTES, available // 2)


def _container() -> tuple[int, int]:
    """The tightest memory limit of our control groups and what is used of it.

    Cached file pages are given back when memory runs short, so they do not count as used.
    Source: Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst of Linux.
    """
    tightest = (_CGROUP_UNLIMITED, 0)
    for folder, limit, used, cached in _groups():
        with contextlib.suppress(OSError, ValueError):
            most = int((folder / limit).read_text())  # "max" where there is none
            if most < tightest[0]:
                now = int((folder / used).read_text()) - _cached(folder / "memory.stat", cached)
                tightest = (most, max(0, now))
    return tightest


def _groups() -> list[tuple[Path, str, str, str]]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    groups = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            root, names = _CGROUP, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            root = _CGROUP / "memory"
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        inner = root / path.lstrip("/")
        folders = [inner, *(parent for parent in inner.parents if parent.is_relative_to(root))]
        groups += [(folder, *names) for folder in folders]
    return groups


def _cached(stat: Path, name: str) -> int:
    for line in stat.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0
