"""Adds up, while a model reads, the squares of what goes into each of its matrices.

As tools/imatrix/imatrix.cpp of llama.cpp does: every multiplication by a matrix of a layer whose inputs are plain
numbers of 16 tokens or more, and every choice of experts. Called by llama.cpp for each step of its reckoning, before
it ("is this wanted?") and, where it was, after it; what is thrown in here cannot cross it and is kept for `check`.
"""

import ctypes
from typing import Any

import llama_cpp as lib
import numpy as np
from numpy.typing import NDArray

from engine.worker.quantizer.matrix import Sums
from engine.worker.quantizer.tensor import F32, OP_AT, Tensor, check_layout, numbers, operation

LEAST_TOKENS = 16
LAYERS = b"blk."


class Collector:
    """The sums so far. `callback` is for `cb_eval` of a context, one at a time."""

    def __init__(self) -> None:
        """Raises `ModelNotUsable` where llama.cpp is another one than is known here."""
        check_layout()
        self.sums: dict[str, Sums] = {}
        self._plain, self._of_experts = operation(b"MUL_MAT"), operation(b"MUL_MAT_ID")
        self._squared: dict[int, NDArray[np.float64]] = {}  # by the inputs, which several matrices share
        self._failed: Exception | None = None
        self.callback = lib.llama_cpp.ggml_backend_sched_eval_callback(self._hear)

    def begin(self) -> None:
        """Before each step: what lay somewhere in memory does so no more."""
        self._squared.clear()

    def check(self) -> None:
        """Raise what was thrown while llama.cpp called."""
        if self._failed is not None:
            raise self._failed

    def _hear(self, address: int, asks: bool, data: object) -> bool:
        kind = ctypes.c_int32.from_address(address + OP_AT).value
        if kind not in (self._plain, self._of_experts):
            return not asks
        try:
            step = Tensor.from_address(address)
            if asks:
                return kind == self._of_experts or _is_wanted(step)
            if kind == self._of_experts:
                self._take_experts(step)
            else:
                self._take(step)
        except Exception as error:  # noqa: BLE001 - an exception cannot cross llama.cpp
            self._failed = self._failed or error
        return True  # anything else would end its work in the middle

    def _take(self, step: Tensor) -> None:
        weights, inputs = Tensor.from_address(step.src[0]), Tensor.from_address(step.src[1])
        rows, columns = weights.ne[2] * weights.ne[3], inputs.ne[0]
        squares = self._squared.get(step.src[1])
        if squares is None:
            values = numbers(inputs, np.float32)
            squares = np.einsum("abij,abij->abj", values, values, dtype=np.float64)
            self._squared[step.src[1]] = squares
        sums = self._sums(weights, rows, columns, 1)
        for high in range(squares.shape[0]):
            for low in range(squares.shape[1]):
                row = high % weights.ne[3] * weights.ne[2] + low % weights.ne[2]
                sums.squares[row] += squares[high, low]
        sums.counts += inputs.ne[1] * inputs.ne[2] * inputs.ne[3] // rows

    def _take_experts(self, step: Tensor) -> None:
        weights, inputs = Tensor.from_address(step.src[0]), Tensor.from_address(step.src[1])
        chosen = numbers(Tensor.from_address(step.src[2]), np.int32)[0, 0]  # a row for each token
        values = numbers(inputs, np.float32)[0]  # token, choice, column
        experts = weights.ne[2]
        sums = self._sums(weights, experts, inputs.ne[0], experts)
        for choice in range(chosen.shape[1]):
            given = values[:, choice % values.shape[1]]
            for expert in np.unique(chosen[:, choice]):
                mine = given[chosen[:, choice] == expert]
                sums.squares[expert] += np.einsum("ij,ij->j", mine, mine, dtype=np.float64)
                sums.counts[expert] += len(mine)

    def _sums(self, weights: Tensor, rows: int, columns: int, counted: int) -> Sums:
        name = _named(weights)
        found = self.sums.get(name)
        if found is None:
            found = self.sums[name] = Sums(np.zeros((rows, columns), np.float64), np.zeros(counted, np.int64))
        return found


def _is_wanted(step: Tensor) -> bool:
    inputs = Tensor.from_address(step.src[1])
    named = _named(Tensor.from_address(step.src[0])).encode()
    return bool(inputs.ne[1] >= LEAST_TOKENS and inputs.type == F32 and named.startswith(LAYERS))


def _named(weights: Tensor) -> str:
    """A matrix's name without what the place where it is reckoned has set around it: "CUDA0#blk.0.attn_k.weight#0"."""
    name: Any = weights.name.decode("utf-8", "replace")
    return str(name.split("#")[1] if "#" in name else name)
