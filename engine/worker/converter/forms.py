"""Weights from one form to another, some rows at a time: what is held in memory is one piece, never a tensor."""

from collections.abc import Iterator
from typing import Any

import gguf
import numpy as np
from gguf.quants import quantize
from numpy.typing import NDArray

from engine.worker.converter.safetensors_file import Stored, pieces
from engine.worker.converter.sources import Damaged

PIECE_BYTES = 2 << 20
Kind = gguf.GGMLQuantizationType
KINDS = {"F32": Kind.F32, "F16": Kind.F16, "BF16": Kind.BF16, "Q8_0": Kind.Q8_0}
FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32, "F16": gguf.LlamaFileType.MOSTLY_F16, "BF16": gguf.LlamaFileType.MOSTLY_BF16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
}  # fmt: skip
_ITEM = {"F32": 4, "F16": 2, "BF16": 2}
_RAW: dict[int, Any] = {4: np.dtype("<u4"), 2: np.dtype("<u2")}
_Q8_ROW = 32


def fitting(form: str, columns: int) -> str:
    """The form that a matrix is kept in where `form` is wished: rows that Q8_0 does not fit are kept in F16."""
    return "F16" if form == "Q8_0" and columns % _Q8_ROW else form


def size_bytes(form: str, shape: tuple[int, ...]) -> int:
    """What a tensor takes in a form."""
    block, block_bytes = gguf.GGML_QUANT_SIZES[KINDS[form]]
    count = 1
    for length in shape:
        count *= length
    return int(count // block * block_bytes)


def written(tensor: Stored, form: str, *, heads: int = 0, plus: float = 0.0) -> Iterator[bytes]:
    """The bytes of a tensor in `form`, piece by piece.

    With `heads`, the rows of each head are put in llama.cpp's order: a number and the one that is turned with it side
    by side. `plus` is added to every number. Raises `Damaged` for numbers that F16 cannot hold, `OSError`.
    """
    item = _ITEM[tensor.form]
    rows, columns = tensor.shape[0], int(np.prod(tensor.shape[1:], dtype=np.int64))
    together = rows // heads if heads else 1
    most = max(1, PIECE_BYTES // max(1, together * columns * item)) * together
    for piece in pieces(tensor, most * columns * item):
        raw = np.frombuffer(piece, dtype=_RAW[item]).reshape(-1, columns)
        if heads:
            raw = raw.reshape(-1, 2, together // 2, columns).swapaxes(1, 2).reshape(-1, columns)
        if tensor.form == form and not plus:
            yield np.ascontiguousarray(raw).tobytes()
            continue
        values = full(raw, tensor.form)
        yield _in_form(values + np.float32(plus) if plus else values, form, tensor.name)


def full(raw: NDArray[Any], form: str) -> NDArray[np.float32]:
    """Numbers in 32 bits, from the bits of a form."""
    if form == "BF16":
        return (raw.astype(np.uint32) << 16).view(np.float32)
    return raw.view(np.float16).astype(np.float32) if form == "F16" else raw.view(np.float32)


def _in_form(values: NDArray[np.float32], form: str, name: str) -> bytes:
    if form == "F16":
        with np.errstate(over="ignore"):
            made = values.astype(np.float16)
        if np.any(np.isinf(made) & ~np.isinf(values)):
            raise Damaged(f"its tensor {name[:80]!r} holds numbers too large for F16, so take BF16")
        return made.tobytes()
    return bytes(quantize(values, KINDS[form]).tobytes())
