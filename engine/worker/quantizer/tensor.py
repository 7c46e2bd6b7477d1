"""A tensor of ggml as it lies in memory while a model works: its name, its shape, where its numbers are.

The binding does not know the structure, so it is declared here (struct ggml_tensor in ggml.h) and held against a
tensor that ggml makes itself before anything is read through it: a library with another layout is noticed.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelNotUsable
from engine.worker.quantizer.ggml import function

DIMENSIONS = 4
NAME_BYTES = 64
F32, I32 = 0, 26
_NAME, _SHAPE = b"hanare", (3, 5)
_MEMORY_BYTES = 16 << 10


class Tensor(ctypes.Structure):
    """struct ggml_tensor."""

    _fields_ = (
        ("type", ctypes.c_int32),
        ("buffer", ctypes.c_void_p),
        ("ne", ctypes.c_int64 * DIMENSIONS),
        ("nb", ctypes.c_size_t * DIMENSIONS),
        ("op", ctypes.c_int32),
        ("op_params", ctypes.c_int32 * 16),
        ("flags", ctypes.c_int32),
        ("src", ctypes.c_void_p * 10),
        ("view_src", ctypes.c_void_p),
        ("view_offs", ctypes.c_size_t),
        ("data", ctypes.c_void_p),
        ("name", ctypes.c_char * NAME_BYTES),
        ("extra", ctypes.c_void_p),
        ("padding", ctypes.c_char * 8),
    )


OP_AT = Tensor.op.offset


class _Room(ctypes.Structure):
    """struct ggml_init_params."""

    _fields_ = (("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool))


def check_layout() -> None:
    """Raise `ModelNotUsable` where this library's tensors are laid out in another way than ours."""
    make = function("ggml_init", ctypes.c_void_p, _Room)
    new = function("ggml_new_tensor_2d", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    call = function("ggml_set_name", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)
    free = function("ggml_free", None, ctypes.c_void_p)
    room = make(_Room(_MEMORY_BYTES, None, False))
    try:
        address = new(room, F32, *_SHAPE)
        call(address, _NAME)
        made = Tensor.from_address(address)
        pointed = function("ggml_get_data", ctypes.c_void_p, ctypes.c_void_p)(address)
        right = (
            made.type == F32 and made.name == _NAME and tuple(made.ne) == (*_SHAPE, 1, 1) and made.data == pointed
            and tuple(made.nb)[:2] == (4, 4 * _SHAPE[0]) and made.op == 0 and not any(made.src)
        )  # fmt: skip
    finally:
        free(room)
    if not right:
        raise ModelNotUsable(path="llama.cpp", why="its tensors lie in memory in another way than is known here")


def operation(name: bytes) -> int:
    """The number of an operation of ggml. Raises `ModelNotUsable` where there is none of that name."""
    name_of = function("ggml_op_name", ctypes.c_char_p, ctypes.c_int)
    for number in range(1, 100):
        if name_of(number) == name:
            return number
    raise ModelNotUsable(path="llama.cpp", why=f"it has no operation {name.decode()}")


def numbers(tensor: Tensor, kind: type[np.generic]) -> NDArray[Any]:
    """The numbers of a tensor, the fastest dimension last; a view where they lie in this computer's memory."""
    shape, strides = tuple(tensor.ne)[::-1], tuple(tensor.nb)[::-1]
    is_host = function("ggml_backend_buffer_is_host", ctypes.c_bool, ctypes.c_void_p)
    if is_host(tensor.buffer):
        size = sum((length - 1) * step for length, step in zip(shape, strides, strict=True)) + strides[-1]
        raw: Any = (ctypes.c_char * size).from_address(tensor.data)
    else:
        size = function("ggml_nbytes", ctypes.c_size_t, ctypes.c_void_p)(ctypes.addressof(tensor))
        raw = ctypes.create_string_buffer(size)
        fetch = function(
            "ggml_backend_tensor_get", None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t
        )
        fetch(ctypes.addressof(tensor), raw, 0, size)
    return np.ndarray(shape, kind, raw, strides=strides)
