"""What a model would become: llama.cpp's own trial run, in which it chooses the form of each tensor and writes nothing.

What it logs of each tensor is read, and the size of the file reckoned from that, to the byte for a model in one file
with all its layers. Source of the lines: llama_model_quantize_impl in src/llama-quant.cpp.
"""

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from typing import Any, NamedTuple

import llama_cpp as lib

from engine.errors import ModelNotMade
from engine.quantizations import Recipe
from engine.worker.model.llama import complaints
from engine.worker.quantizer.ggml import function, row_bytes
from engine.worker.quantizer.matrix import Matrix
from engine.worker.quantizer.parameters import Parameters, origin

ALIGNED_BYTES = 32  # GGUF_DEFAULT_ALIGNMENT
_TENSOR = re.compile(
    r"\[ *\d+/ *\d+\] (?P<name>.+?) +- \[(?P<shape>[ \d,]+)\], type = *(?P<form>\w+), *"
    r"size = *[\d.]+ MiB(?: -> *[\d.]+ MiB \((?P<becomes>\w+)\))?"
)
_OTHERWISE = re.compile(r"(\d+) of \d+ tensor\(s\) required fallback")
_NEEDS_MATRIX = "will require an imatrix"
_NO_OTHER = "no tensor type fallback is defined"
_WHOLE_FORMS = frozenset({"f32", "f16", "bf16", "f64"})
_SET = (b"general.quantization_version", b"general.file_type")
_SPLIT = (b"split.no", b"split.count", b"split.tensors.count")


class Planned(NamedTuple):
    """One tensor: what it is kept in and what it would be kept in, and how many inputs it has, of all its experts."""

    name: str
    form: str
    becomes: str
    inputs: int
    size_bytes: int


class Plan(NamedTuple):
    """A whole model. `otherwise` tensors are kept in a larger form than was wished: their rows do not fit it."""

    tensors: tuple[Planned, ...]
    size_bytes: int
    needs_matrix: bool
    otherwise: int

    @property
    def loses_again(self) -> bool:
        """Whether weights that are quantized already would be quantized once more."""
        return any(one.form not in _WHOLE_FORMS and one.becomes != one.form for one in self.tensors)


def tried(
    path: bytes, parts: Sequence[bytes], recipe: Recipe, quantization: str, matrix: Matrix | None,
    head: Callable[[], int] | None = None,
) -> Plan:  # fmt: skip
    """The plan for a model in `parts`, the first of which is `path`. Raises `ModelNotMade` with llama.cpp's reason.

    `head` gives what `head_bytes` does, where that is known from elsewhere.
    """
    parameters = Parameters(recipe, quantization, matrix=matrix, trial=True)
    with _overheard() as said:
        status = lib.llama_model_quantize(path, b"", ctypes.byref(parameters.raw))
    if status:
        raise ModelNotMade(path=path.decode("utf-8", "replace"), why=reason())
    text = "".join(said)
    tensors = tuple(_planned(found) for found in _TENSOR.finditer(text))
    if not tensors:
        raise ModelNotMade(path=path.decode("utf-8", "replace"), why="llama.cpp did not tell what it would become")
    rest = sum(-(-one.size_bytes // ALIGNED_BYTES) * ALIGNED_BYTES for one in tensors)
    found = _OTHERWISE.search(text)
    size_bytes = rest + (head() if head else head_bytes(parts, matrix))
    return Plan(
        tensors=tensors, size_bytes=size_bytes, needs_matrix=_NEEDS_MATRIX in text,
        otherwise=int(found[1]) if found else 0,
    )  # fmt: skip


def reason() -> str:
    """Why llama.cpp made nothing, in a few words."""
    why = complaints.why().split("failed to quantize: ", 1)[-1].strip()
    if _NO_OTHER in why:
        return "its rows do not fit this form, and llama.cpp has no larger one to take for them"
    return why


@contextmanager
def _overheard() -> Iterator[list[str]]:
    said: list[str] = []
    before, complaints.overheard = complaints.overheard, said.append
    complaints.forget()
    try:
        yield said
    finally:
        complaints.overheard = before


def _planned(found: re.Match[str]) -> Planned:
    shape = [int(number) for number in found["shape"].split(",")]
    form = found["form"].lower()
    becomes = (found["becomes"] or form).lower()
    size_bytes = row_bytes(becomes, shape[0]) * prod(shape[1:])
    return Planned(found["name"], form, becomes, shape[0] * prod(shape[2:3]), size_bytes)


class _Reading(ctypes.Structure):
    """struct gguf_init_params."""

    _fields_ = (("no_alloc", ctypes.c_bool), ("ctx", ctypes.c_void_p))


def head_bytes(parts: Sequence[bytes], matrix: Matrix | None) -> int:
    """What comes before the weights: as in the original, with what llama.cpp adds to it. Raises `ModelNotMade`."""
    read = function("gguf_init_from_file", ctypes.c_void_p, ctypes.c_char_p, _Reading)
    free = function("gguf_free", None, ctypes.c_void_p)
    size = function("gguf_get_meta_size", ctypes.c_size_t, ctypes.c_void_p)
    total = 0
    for part in parts:
        header = read(part, _Reading(True, None))
        if not header:
            raise ModelNotMade(path=part.decode("utf-8", "replace"), why="its header could not be read")
        try:
            _add_entries(header, matrix)
            total += size(header)
        finally:
            free(header)
    return total


def _add_entries(header: Any, matrix: Matrix | None) -> None:
    set_whole = function("gguf_set_val_u32", None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32)
    set_text = function("gguf_set_val_str", None, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p)
    remove = function("gguf_remove_key", ctypes.c_int64, ctypes.c_void_p, ctypes.c_char_p)
    for entry in _SET:
        set_whole(header, entry, 0)
    for entry in _SPLIT:
        remove(header, entry)
    for key, value in origin(matrix) if matrix is not None and matrix.importance else ():
        if isinstance(value, int):
            set_whole(header, key.encode(), value)
        else:
            set_text(header, key.encode(), value)
