"""What a model's shape costs in memory, from the header of its file: its cache, its state, its work space.

Source: n_embd_k_gqa, n_embd_v_gqa, n_embd_r, n_embd_s and has_kv in llama-hparams.cpp, which layers hold what in
create_memory (llama-model.cpp), and which are recurrent in src/models, in llama.cpp as llama-cpp-python 0.3.36 carries
it. Layers with a sliding window are counted in full, as Hanare has them kept in full (`swa_full`): a beginning that two
chats share could not be gone on from otherwise. They may have heads of another width (Gemma 4).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from engine.runtime.gguf_check import whole
from engine.runtime.gguf_header import Header, Listed, Tensor, Value

F32_BYTES = 4
_FEED_APART = "nemotron_h"  # the feed-forward network has layers of its own, which keep nothing
_WORDS, _OUTPUT, _LAYERS_WORDS = "token_embd.weight", "output.weight", "per_layer_token_embd.weight"
_EXPERTS = "_exps."
# Nothing in these attends (llm_arch_is_recurrent), whatever the file says of heads.
RECURRENT = frozenset({"mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"})


class Shape(NamedTuple):
    """Of `engine.types.ModelFacts`, the fields of these names."""

    key_numbers: int
    value_numbers: int
    key_width: int
    value_width: int
    state_bytes: int
    heads: int
    feed_forward: int
    windowed: bool


class Heads(NamedTuple):
    """Of the layer that has most; for each layer how many keep keys and values; layers that keep a state."""

    heads: int
    kv_heads: list[int]
    recurrent: int


class Tables(NamedTuple):
    """The same."""

    table_bytes: int
    table_row_bytes: int


def tables_of(tensors: Sequence[Tensor]) -> Tables:
    """The tables of which only rows are looked up: the words', where they are not picked with it too, and the layers'.

    Of both the file is read only where a row is wanted. Source: build_inp_embd (llama-graph.cpp), `per_layer_tok_embd`
    in src/models/gemma3n.cpp and gemma4.cpp.
    """
    named = {tensor.name: tensor for tensor in tensors}
    words = (_WORDS,) if _OUTPUT in named else ()
    tables = [named[name] for name in (*words, _LAYERS_WORDS) if name in named]
    return Tables(
        sum(table.size_bytes for table in tables),
        sum(table.size_bytes // max(1, table.dimensions[-1]) for table in tables),
    )


def shape_of(header: Header) -> Shape:
    """The shape, as far as the header tells it."""
    values, prefix = header.values, str(header.values["general.architecture"])

    def number(name: str, otherwise: int = 0) -> int:
        return whole(values, f"{prefix}.{name}", otherwise)

    layers = number("block_count")
    heads, kv_heads, recurrent = heads_of(header)
    per_head = number("embedding_length") // heads if heads else 0
    key_width = number("attention.key_length", per_head)
    value_width = number("attention.value_length", per_head)
    feed_forward = _listed(values.get(f"{prefix}.feed_forward_length"), layers)
    unkept = number("attention.shared_kv_layers") + number("nextn_predict_layers")
    kept = kv_heads[: max(0, layers - unkept)]
    near = _near(values.get(f"{prefix}.attention.sliding_window_pattern"), layers)
    near_key_width = number("attention.key_length_swa", key_width)
    near_value_width = number("attention.value_length_swa", value_width)
    latent = f"{prefix}.attention.key_length_mla" in values
    row = number("attention.kv_lora_rank") + number("rope.dimension_count")
    return Shape(
        key_numbers=len(kept) * row if latent else _numbers(kept, near, key_width, near_key_width),
        value_numbers=0 if latent else _numbers(kept, near, value_width, near_value_width),
        key_width=row if latent else key_width,
        value_width=row if latent else value_width,
        state_bytes=recurrent * _state_numbers(number) * F32_BYTES,
        heads=heads,
        feed_forward=max(
            *feed_forward, 0,
            number("expert_feed_forward_length") * max(1, number("expert_used_count")),
        ),
        windowed=number("attention.sliding_window") > 0,
    )  # fmt: skip


def heads_of(header: Header) -> Heads:
    """How many heads look back, in which layers, and how many layers would keep a running state where there is one."""
    values, prefix = header.values, str(header.values["general.architecture"])
    layers = whole(values, f"{prefix}.block_count")
    heads = 0 if prefix in RECURRENT else max(_listed(values.get(f"{prefix}.attention.head_count"), layers), default=0)
    listed = values.get(f"{prefix}.attention.head_count_kv", values.get(f"{prefix}.attention.head_count"))
    kv_heads = _listed(listed, layers) if heads else [0] * layers
    if every := whole(values, f"{prefix}.full_attention_interval"):
        kv_heads = [kept if (layer + 1) % every == 0 else 0 for layer, kept in enumerate(kv_heads)]
    recurrent = kv_heads.count(0) if 0 in kv_heads else layers  # the others of a mixed model attend as well
    if prefix.startswith(_FEED_APART):
        feed_forward = _listed(values.get(f"{prefix}.feed_forward_length"), layers)
        recurrent = sum(not kept and not fed for kept, fed in zip(kv_heads, feed_forward, strict=False))
    return Heads(heads, kv_heads, recurrent)


def active_bytes(tensors: Sequence[Tensor], values: Mapping[str, Value], prefix: str) -> int:
    """What of the weights is gone through for one token: all but tables, and of experts those that are asked."""
    experts = whole(values, f"{prefix}.expert_count")
    share = whole(values, f"{prefix}.expert_used_count") / experts if experts else 1.0
    of_experts = sum(tensor.size_bytes for tensor in tensors if _EXPERTS in tensor.name)
    everything = sum(tensor.size_bytes for tensor in tensors)
    return everything - tables_of(tensors).table_bytes - int(of_experts * (1 - share))


def _numbers(kv_heads: Sequence[int], near: Sequence[bool], width: int, near_width: int) -> int:
    """What all layers keep of one token; heads that look only a little way back are `near_width` wide."""
    return sum(heads * (near_width if is_near else width) for heads, is_near in zip(kv_heads, near, strict=False))


def _near(pattern: Value | None, layers: int) -> list[bool]:
    """Which layers look only a little way back, where the header lists them; those of other models are as wide."""
    if isinstance(pattern, Listed):
        return [bool(number) for number in pattern.numbers[:layers]] + [False] * (layers - len(pattern.numbers))
    return [False] * layers


def _state_numbers(number: Callable[..., int]) -> int:
    """What one recurrent layer holds of all that was read; 0 where there is none."""
    embedding = number("embedding_length")
    if width := number("wkv.head_size"):
        return embedding * (number("token_shift_count", 2) + width)
    if convolved := number("shortconv.l_cache"):
        return embedding * (convolved - 1)
    inner, state = number("ssm.inner_size"), number("ssm.state_size")
    convolution = max(0, number("ssm.conv_kernel") - 1) * (inner + 2 * number("ssm.group_count") * state)
    return convolution + state * inner


def _listed(value: Value | None, layers: int) -> list[int]:
    """A number for each layer, of an entry that has one for all or one for each."""
    if isinstance(value, Listed):
        return [int(number) for number in value.numbers[:layers]]
    return [value if isinstance(value, int) else 0] * layers
