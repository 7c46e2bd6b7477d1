"""Functions of ggml that the binding does not have, from the library that llama.cpp itself has loaded.

Never a second copy of it, which would have another registry of devices. On Linux and macOS a name is looked up in
what libllama depends on as well; on Windows the library beside it is asked, which is loaded already.
"""

import ctypes
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llama_cpp as lib

TYPES_COUNT = 43  # GGML_TYPE_COUNT: stands for "none said" where a type is wished


def function(name: str, answer: Any, *takes: Any) -> Callable[..., Any]:
    """A function of ggml by its name in C, with the types of what it gives and takes."""
    found = getattr(_library(), name)
    found.restype, found.argtypes = answer, takes
    return found  # type: ignore[no-any-return]


@cache
def type_numbers() -> dict[str, int]:
    """The numbers of the forms of a tensor, by their names in lower case."""
    name_of = function("ggml_type_name", ctypes.c_char_p, ctypes.c_int)
    names = ((number, name_of(number)) for number in range(TYPES_COUNT))
    return {name.decode().lower(): number for number, name in names if name}


def row_bytes(form: str, columns: int) -> int:
    """What `columns` numbers take in this form."""
    size: int = function("ggml_row_size", ctypes.c_size_t, ctypes.c_int, ctypes.c_int64)(type_numbers()[form], columns)
    return size


@cache
def _library() -> Any:
    if sys.platform == "win32":
        return ctypes.CDLL(str(Path(lib.__file__).parent / "lib" / "ggml-base.dll"))
    return lib.llama_cpp._lib
