"""Which tensors a model's file will hold, in which form, and what of the checkpoint each is made from.

Names are those of `gguf`'s own table. A weight that the architecture does not have is refused, as is one that is in no
plain form; what is lacking or has another size is found by llama.cpp itself, which is asked before weights are written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.worker.converter import forms
from engine.worker.converter.checkpoint import WEIGHTS
from engine.worker.converter.families import Shape
from engine.worker.converter.rope import factors
from engine.worker.converter.safetensors_file import Stored
from engine.worker.converter.sources import Damaged

WORDS, OUTPUT = "token_embd.weight", "output.weight"
ARCHITECTURES = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
_HEADS = ("lm_head.", "language_model.lm_head.")
_LEFT_OUT = (".rotary_emb.inv_freq", ".attention.masked_bias", ".attention.bias")  # reckoned anew, not trained


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One tensor: made from `source`, or the numbers in `values`."""

    name: str
    form: str
    shape: tuple[int, ...]
    source: Stored | None = None
    heads: int = 0
    plus: float = 0.0
    values: NDArray[np.float32] | None = None

    @property
    def size_bytes(self) -> int:
        """What it takes in the file."""
        return forms.size_bytes(self.form, self.shape)

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, piece by piece."""
        if self.source is not None:
            yield from forms.written(self.source, self.form, heads=self.heads, plus=self.plus)
        elif self.values is not None:
            yield self.values.tobytes()


def planned(shape: Shape, tensors: Mapping[str, Stored], form: str) -> list[Planned]:
    """All tensors of the new file, that of the words first. Raises `Damaged`."""
    names = named(shape)
    found: dict[str, Planned] = {}
    for tensor in tensors.values():
        plain = plain_name(shape, tensor.name)
        if not plain or (shape.tied and plain.startswith(_HEADS[0])):
            continue
        ours = names.get_name(plain, try_suffixes=(".weight", ".bias"))
        if ours is None:
            raise Damaged(f"it has a tensor {tensor.name[:80]!r}, which its architecture does not")
        if ours in found:
            raise Damaged(f"two of its tensors are {ours!r}")
        found[ours] = _planned(shape, tensor, ours, form)
    if WORDS not in found:
        raise Damaged("the vectors of its words are not in it")
    if not shape.tied and OUTPUT not in found:
        raise Damaged("what chooses its words is not in it")
    if (divided := factors(shape.rope, shape.head_width)) is not None:
        found["rope_freqs.weight"] = Planned(
            name="rope_freqs.weight", form="F32", shape=divided.shape, values=divided
        )  # fmt: skip
    return [found.pop(WORDS), *found.values()]


def named(shape: Shape) -> gguf.TensorNameMap:
    """What tensors are called in the family of a model."""
    return gguf.get_tensor_name_map(ARCHITECTURES[shape.family.architecture], shape.layers)


def plain_name(shape: Shape, name: str) -> str:
    """A tensor as it would be called in a model that is nothing else; "" for what is left out."""
    if name.startswith(shape.family.others) or name.endswith(_LEFT_OUT):
        return ""
    for head in _HEADS:
        if name.startswith(head):
            return _HEADS[0] + name.removeprefix(head)
    prefix = next((prefix for prefix in shape.family.prefixes if name.startswith(prefix)), "")
    return "model." + name.removeprefix(prefix) if prefix else name


def turned_heads(shape: Shape, ours: str) -> int:
    """The number of heads whose rows llama.cpp has in another order, 0 where it has not."""
    if not shape.family.permuted:
        return 0
    return shape.heads if ".attn_q." in ours else shape.key_heads if ".attn_k." in ours else 0


def _planned(shape: Shape, tensor: Stored, ours: str, form: str) -> Planned:
    if tensor.form not in WEIGHTS:
        raise Damaged(f"its tensor {tensor.name[:80]!r} is in the form {tensor.form}, which is not converted")
    if not 1 <= len(tensor.shape) <= 2 or not all(tensor.shape):
        raise Damaged(f"its tensor {tensor.name[:80]!r} has a size that its architecture does not have")
    heads = turned_heads(shape, ours)
    if heads and tensor.shape[0] != heads * shape.head_width:
        raise Damaged(f"its tensor {tensor.name[:80]!r} has a size that its architecture does not have")
    norm = ours.endswith("norm.weight")
    kept = "F32" if norm or len(tensor.shape) == 1 else forms.fitting(form, tensor.shape[1])
    return Planned(
        name=ours, form=kept, shape=tensor.shape, source=tensor, heads=heads,
        plus=shape.family.norm_plus if norm else 0.0,
    )  # fmt: skip
