"""Gives back what of a model's file was read only to be laid out anew.

llama.cpp maps the file and has all of it read into memory. What the processor wants in another order (most of Q4_K_M
and Q4_0) it copies, and leaves the original mapped: resident twice, and never looked at again. Source:
llama_model_loader::load_all_data, ggml_repack_get_optimal_repack_type (ggml-cpu/repack.cpp).
"""

import contextlib
import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path

_DONT_NEED = 4  # MADV_DONTNEED


def give_back(paths: Sequence[str]) -> None:
    """The pages of these files count no more as this process's; Linux only.

    They stay in the system's cache as long as there is room, so what is looked at again comes back without a disk.
    """
    if sys.platform != "linux":
        return
    release = ctypes.CDLL(None).madvise
    release.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    wanted = {str(Path(path).resolve()) for path in paths}
    with contextlib.suppress(OSError):  # a system that does not tell: they stay
        for line in Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines():
            lies, *_, found = line.split(maxsplit=5)
            if found in wanted:
                first, end = (int(address, 16) for address in lies.split("-"))
                release(first, end - first, _DONT_NEED)
