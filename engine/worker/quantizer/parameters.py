"""A recipe as llama.cpp takes it: one structure in C and what it points to."""

import ctypes
from collections.abc import Iterator
from typing import Any

import llama_cpp as lib

from engine.errors import ModelNotMade
from engine.quantizations import QUANTIZATIONS, Recipe
from engine.worker.quantizer.ggml import TYPES_COUNT, type_numbers
from engine.worker.quantizer.matrix import Matrix

# How many bytes of a tensor's rows are held at once: what stays in a processor's caches is done sooner than what goes
# through memory, and llama.cpp's own 8 GiB is most computers' whole memory.
BUFFER_BYTES = 16 << 20
LONGEST_TEXT = 127  # bytes, of a text in the header that is set so
_WHOLE, _TEXT = 0, 3  # enum llama_model_kv_override_type


class Parameters:
    """Lives as long as llama.cpp works by it; `raw` is what it is given."""

    def __init__(
        self, recipe: Recipe, quantization: str, *, threads: int = 1, matrix: Matrix | None = None, trial: bool = False
    ) -> None:
        """With `trial` llama.cpp reckons and writes nothing. Raises `ModelNotMade` for a form that there is not."""
        self.raw = params = lib.llama_model_quantize_default_params()
        params.nthread = threads
        params.ftype = _known(QUANTIZATIONS, quantization).number
        params.output_tensor_type, params.token_embedding_type = _form(recipe.output), _form(recipe.embedding)
        params.allow_requantize = recipe.again or trial
        params.dry_run = trial
        params.max_buf_size = BUFFER_BYTES
        if recipe.tensors:
            params.tt_overrides = self._overrides(recipe)
        if recipe.pruned:
            self._pruned = (ctypes.c_int32 * (len(recipe.pruned) + 1))(*sorted(recipe.pruned), -1)
            params.prune_layers = self._pruned
        if matrix is not None:
            params.imatrix = self._importance(matrix)
            if matrix.importance:
                params.kv_overrides = self._origin(matrix)

    def _overrides(self, recipe: Recipe) -> Any:
        self._tensors = (lib.llama_model_tensor_override * (len(recipe.tensors) + 1))()
        for place, (pattern, form) in zip(self._tensors, recipe.tensors, strict=False):
            place.pattern, place.type = pattern.encode(), _form(form)
        return self._tensors

    def _importance(self, matrix: Matrix) -> Any:
        self._matrix = matrix  # whose numbers are pointed to
        self._entries = (lib.llama_model_imatrix_data * (len(matrix.importance) + 1))()
        for place, (name, values) in zip(self._entries, matrix.importance.items(), strict=False):
            place.name, place.size = name.encode(), values.size
            place.data = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        return self._entries

    def _origin(self, matrix: Matrix) -> Any:
        """What llama-quantize writes into the header of a model that was made with a matrix."""
        told = list(origin(matrix))
        self._origins = (lib.llama_model_kv_override * (len(told) + 1))()
        for place, (key, value) in zip(self._origins, told, strict=False):
            place.key = key.encode()
            if isinstance(value, int):
                place.tag, place.value.val_i64 = _WHOLE, value
            else:
                place.tag, place.value.val_str = _TEXT, value
        return self._origins


def origin(matrix: Matrix) -> Iterator[tuple[str, int | bytes]]:
    """The entries with which llama-quantize tells in a model's header of the matrix that it was made with."""
    yield "quantize.imatrix.file", matrix.file.encode()[:LONGEST_TEXT]
    if matrix.called:
        yield "quantize.imatrix.dataset", matrix.called.encode()[:LONGEST_TEXT]
    yield "quantize.imatrix.entries_count", len(matrix.importance)
    if matrix.chunks > 0:
        yield "quantize.imatrix.chunks_count", matrix.chunks


def _form(name: str) -> int:
    """The number of a tensor's form, or that none is wished."""
    return _known(type_numbers(), name) if name else TYPES_COUNT


def _known(table: dict[str, Any], name: str) -> Any:
    if name not in table:
        raise ModelNotMade(path="the model", why=f"llama.cpp knows no form {name[:40]}")
    return table[name]
