"""How a model is built, from the header of its file: attention, experts, running state, positions.

Source: the entries of docs/gguf.md; which layers look through a window, `set_swa_pattern` in src/models of llama.cpp;
whose positions are slopes, `LLM_KV_ATTENTION_MAX_ALIBI_BIAS` there; the rest as `gguf_memory` reads it.
"""

from collections.abc import Mapping, Sequence

from engine.runtime.gguf_check import whole
from engine.runtime.gguf_header import Header, Listed, Tensor, Value
from engine.runtime.gguf_heads import NOT_TURNED
from engine.runtime.gguf_memory import RECURRENT, heads_of
from engine.types import Attention, Positions, Terms

# Every so many layers one looks at everything, where the header does not list them.
_EVERY = {"gemma2": 2, "gemma3": 6, "gemma3n": 5, "cohere2": 4, "gpt-oss": 2, "exaone4": 4, "gemma-embedding": 6}
_SCALINGS = ("linear", "yarn", "longrope")
_STATES = ("ssm.inner_size", "wkv.head_size", "shortconv.l_cache")  # where these are, some layers keep a running state
_SLOPES = frozenset({"bloom", "mpt", "refact", "jais", "jina-bert-v2"})


def terms_of(header: Header, tensors: Sequence[Tensor]) -> Terms:
    """The terms, as far as the header tells them."""
    values, prefix = header.values, str(header.values["general.architecture"])
    names = {tensor.name for tensor in tensors}

    def number(name: str, otherwise: int = 0) -> int:
        return whole(values, f"{prefix}.{name}", otherwise)

    kept = heads_of(header)
    heads, kv_heads = kept.heads, max(kept.kv_heads, default=0)
    layers = number("block_count")
    attending = sum(each > 0 for each in kept.kv_heads) if heads else 0
    latent = number("attention.kv_lora_rank")
    width = number("attention.key_length", number("embedding_length") // heads if heads else 0)
    window = number("attention.sliding_window")
    positions = _positions(prefix, values, names, heads)
    turned = number("rope.dimension_count", width) if positions is Positions.ROTARY else 0
    scaling = values.get(f"{prefix}.rope.scaling.type")
    return Terms(
        attention=_attention(heads if attending else 0, kv_heads, latent),
        layers=layers,
        attending=attending,
        recurrent=kept.recurrent if prefix in RECURRENT or any(map(number, _STATES)) else 0,
        heads=heads,
        kv_heads=kv_heads,
        head_width=width,
        latent_width=latent,
        window_tokens=window,
        windowed=_windowed(prefix, values, layers) if window else 0,
        experts=number("expert_count"),
        experts_used=number("expert_used_count"),
        experts_shared=number("expert_shared_count"),
        tied="token_embd.weight" in names and "output.weight" not in names,
        positions=positions,
        turned=turned,
        rope_base=_fraction(values.get(f"{prefix}.rope.freq_base")) if turned else 0.0,
        scaling="frequencies" if "rope_freqs.weight" in names else scaling if scaling in _SCALINGS else "",
        scaling_factor=_fraction(values.get(f"{prefix}.rope.scaling.factor")),
        trained_tokens=number("rope.scaling.original_context_length"),
    )


def _attention(heads: int, kv_heads: int, latent: int) -> Attention:
    if not heads:
        return Attention.NONE
    if latent:
        return Attention.LATENT
    if kv_heads >= heads:
        return Attention.FULL
    return Attention.MULTI_QUERY if kv_heads == 1 else Attention.GROUPED


def _windowed(prefix: str, values: Mapping[str, Value], layers: int) -> int:
    """How many layers look only a little way back; 0 where nothing tells."""
    pattern = values.get(f"{prefix}.attention.sliding_window_pattern")
    if isinstance(pattern, Listed):
        return sum(bool(each) for each in pattern.numbers[:layers])
    every = pattern if isinstance(pattern, int) and pattern > 1 else _EVERY.get(prefix, 0)
    return layers - layers // every if every else 0


def _positions(prefix: str, values: Mapping[str, Value], names: set[str], heads: int) -> Positions:
    if not names:
        return Positions.NONE
    if "position_embd.weight" in names:
        return Positions.LEARNED
    if any(name.endswith("attn_rel_b.weight") for name in names):
        return Positions.RELATIVE
    if prefix in _SLOPES or _fraction(values.get(f"{prefix}.attention.max_alibi_bias")) > 0:
        return Positions.SLOPES
    return Positions.NONE if not heads or prefix in NOT_TURNED else Positions.ROTARY


def _fraction(value: Value | None) -> float:
    """A number of the header; the first of a list."""
    if isinstance(value, Listed):
        return float(value.numbers[0]) if value.numbers else 0.0
    return float(value) if isinstance(value, int | float) else 0.0
