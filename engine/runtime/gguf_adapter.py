"""What a LoRA adapter has to be before llama.cpp may see it: by itself, and beside the model it is to change.

An adapter holds two narrow matrices for each weight that it changes: "a" leads from the weight's columns to a few
numbers (the rank), "b" from there to its rows. llama.cpp compares only part of their shapes and ends its process in
the middle of an answer for the rest. Source: llama_adapter_lora_init_impl (llama-adapter.cpp), build_lora_mm,
build_lora_mm_id and build_inp_embd (llama-graph.cpp), and what ggml_mul_mat and ggml_mul_mat_id assert (ggml.c).
"""

from collections.abc import Sequence
from typing import NamedTuple

from engine.runtime.gguf_header import TENSOR_TYPES, Damaged, Header, Tensor

ADAPTER = "adapter"  # what the file says it is, in "general.type"
ALPHA = "adapter.lora.alpha"
_A, _B = ".lora_a", ".lora_b"
_NORM = "_norm.weight"  # llama.cpp passes over these
_FLOAT32 = 6
_WRITTEN_IN = ("F32", "F16", "BF16", "Q8_0")  # as convert_lora_to_gguf.py of llama.cpp writes adapters
_WORDS, _OUTPUT = "token_embd.weight", "output.weight"
_NOT_CHANGED = ("NVFP4",)  # asserted in build_ffn


class Pair(NamedTuple):
    """The two halves of what is added to one weight."""

    a: Tensor
    b: Tensor


def check_adapter(header: Header) -> None:
    """Raise `Damaged` where an adapter breaks a rule by itself."""
    if header.values.get("adapter.type") != "lora":
        raise Damaged("it is an adapter of another kind than LoRA")
    if "adapter.alora.invocation_tokens" in header.values:
        raise Damaged("it is an adapter that works only after certain words (aLoRA), which Hanare cannot do")
    if header.values.get("split.count", 1) != 1:
        raise Damaged("it is an adapter in several files, and they come in one")
    if header.types.get(ALPHA, _FLOAT32) != _FLOAT32:
        raise Damaged(f"its entry {ALPHA!r} is not a number with a fraction")
    if not pairs(header):
        raise Damaged("it is an adapter that changes nothing")


def pairs(header: Header) -> dict[str, Pair]:
    """What an adapter changes, by the names of the weights. Raises `Damaged`."""
    halves: dict[str, dict[str, Tensor]] = {}
    for tensor in header.tensors:
        end = next((end for end in (_A, _B) if tensor.name.endswith(end)), "")
        if not end and tensor.name.endswith(_NORM):
            continue
        name = tensor.name.removesuffix(end)
        if not end or not name or _A in name or _B in name:
            raise Damaged(f"its tensor {tensor.name!r} is no part of an adapter")
        written_in = TENSOR_TYPES[tensor.type][0]
        if written_in not in _WRITTEN_IN:
            raise Damaged(f"its tensor {tensor.name!r} is written in {written_in}, which adapters are not")
        halves.setdefault(name, {})[end] = tensor
    for name, both in halves.items():
        if len(both) < 2:
            raise Damaged(f"what it adds to {name!r} is there only in half")
    return {name: Pair(both[_A], both[_B]) for name, both in halves.items()}


def mismatch(adapter: Header, model: Sequence[Header]) -> str:
    """Why an adapter does not go with the model whose files have these headers, "" where it does. Raises `Damaged`."""
    wanted, found = (str(header.values["general.architecture"]) for header in (adapter, model[0]))
    if wanted != found:
        return f"it is made for models of the architecture {wanted}, and this one is of {found}"
    weights = {tensor.name: tensor for header in model for tensor in header.tensors}
    for name, pair in pairs(adapter).items():
        weight = weights.get(name)
        if weight is None:
            return f"it changes {name!r}, which this model does not have"
        if not _fits(weight, pair):
            return f"it changes {name!r} in another size than this model has, so it was made from another one"
        if name.endswith(_WORDS) and _OUTPUT not in weights:
            return "it changes the vectors of the words, which this model also picks its words with"
        if (written_in := TENSOR_TYPES[weight.type][0]) in _NOT_CHANGED:
            return f"it changes {name!r}, which this model holds in {written_in}"
    return ""


def _fits(weight: Tensor, pair: Pair) -> bool:
    """Whether the two halves lead from the weight's columns to its rows; those of the words' vectors stand the other
    way round."""
    columns, rows, *others = _four(weight)
    (a_columns, a_rows, *a_others), (rank, b_rows, *b_others) = _four(pair.a), _four(pair.b)
    if others != a_others or others != b_others:
        return False
    if weight.name.endswith(_WORDS):
        return (a_columns, a_rows, b_rows) == (rank, rows, columns)
    return (a_columns, a_rows, b_rows) == (columns, rank, rows)


def _four(tensor: Tensor) -> tuple[int, ...]:
    return (*tensor.dimensions, 1, 1, 1, 1)[:4]
