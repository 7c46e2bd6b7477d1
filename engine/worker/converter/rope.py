"""How a model turns its vectors by position, which transformers has written in two ways, and llama.cpp in a third.

The factors of Llama 3 are those of `_compute_llama3_parameters` in transformers' modeling_rope_utils.py; llama.cpp
divides by what transformers multiplies with.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.worker.converter.sources import Damaged, number, whole

YARN_USUAL = {"attention_factor": None, "mscale": None, "mscale_all_dim": None, "truncate": True}


@dataclass(frozen=True, kw_only=True)
class Rope:
    """`base` is that of all layers, `local_base` that of those that look only a little way back (0: the same)."""

    kind: str
    base: float
    local_base: float = 0.0
    factor: float = 1.0
    values: Mapping[str, Any]


def rope_of(config: Mapping[str, Any], kinds: tuple[str, ...]) -> Rope:
    """How positions are told, from a config.json. Raises `Damaged` for a way that is none of `kinds`."""
    told = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if not isinstance(told, dict):
        raise Damaged("its config.json says nothing that can be used for rope_scaling")
    near = told.get("sliding_attention")
    values = told.get("full_attention", told)
    if not isinstance(values, dict) or not isinstance(near, dict | None):
        raise Damaged("its config.json says nothing that can be used for rope_scaling")
    kind = values.get("rope_type", values.get("type", "default"))
    if kind not in kinds:
        raise Damaged(f"it tells positions by {str(kind)[:40]}, which is not converted for its architecture")
    near_kind = (near or {}).get("rope_type", "default")
    if near_kind != "default":
        raise Damaged(f"it tells positions by {str(near_kind)[:40]}, which is not converted for its architecture")
    local = config.get("rope_local_base_freq")
    return Rope(
        kind=kind, base=number({**config, **values}, "rope_theta"),
        local_base=number(near, "rope_theta", local) if near else float(local or 0.0),
        factor=1.0 if kind == "default" else number(values, "factor"), values=values,
    )  # fmt: skip


def describe(writer: gguf.GGUFWriter, rope: Rope) -> None:
    """Tell llama.cpp. Raises `Damaged`."""
    writer.add_rope_freq_base(rope.base)
    if rope.local_base:
        writer.add_rope_freq_base_swa(rope.local_base)
    if rope.kind == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(rope.factor)
    if rope.kind == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope.factor)
        writer.add_rope_scaling_orig_ctx_len(whole(rope.values, "original_max_position_embeddings"))
        if any(rope.values.get(name, usual) != usual for name, usual in YARN_USUAL.items()):
            raise Damaged("it stretches its positions in a way that is not converted")
        writer.add_rope_scaling_yarn_beta_fast(number(rope.values, "beta_fast", 32.0))
        writer.add_rope_scaling_yarn_beta_slow(number(rope.values, "beta_slow", 1.0))


def factors(rope: Rope, head_width: int) -> NDArray[np.float32] | None:
    """What llama.cpp divides each frequency by, one for each pair of a head; None where nothing. Raises `Damaged`."""
    if rope.kind != "llama3":
        return None
    low, high = number(rope.values, "low_freq_factor"), number(rope.values, "high_freq_factor")
    before = number(rope.values, "original_max_position_embeddings")
    if high <= low:
        raise Damaged("its config.json says nothing that can be used for rope_scaling")
    found = []
    for place in range(0, head_width, 2):
        length = 2 * math.pi * rope.base ** (place / head_width)
        if length < before / high:
            found.append(1.0)
        elif length > before / low:
            found.append(rope.factor)
        else:
            smooth = (before / length - low) / (high - low)
            found.append(1.0 / ((1 - smooth) / rope.factor + smooth))
    return np.array(found, dtype=np.float32)
