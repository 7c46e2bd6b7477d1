"""Reads a model's file into memory."""

from collections.abc import Callable
from typing import Any

import llama_cpp as lib

from engine.errors import Cancelled, ModelNotUsable
from engine.worker.model.llama import Flag, complaints

REPORT_STEP = 0.01


def load_weights(path: str, flag: Flag, loading: Callable[[float], None] = lambda fraction: None) -> Any:
    """llama.cpp's model; `loading` hears the fraction read so far.

    Raises `ModelNotUsable` with llama.cpp's reason, `Cancelled` where `flag` was raised meanwhile.
    """
    reported = -1.0

    def hear(fraction: float, data: object) -> bool:
        nonlocal reported
        if fraction - reported >= REPORT_STEP or fraction == 1.0 != reported:
            reported = fraction
            loading(fraction)
        return not flag.raised

    params = lib.llama_model_default_params()
    callback = lib.llama_progress_callback(hear)
    params.progress_callback = callback
    complaints.forget()
    model = lib.llama_model_load_from_file(path.encode("utf-8", "surrogateescape"), params)
    if not model:
        if flag.raised:
            raise Cancelled
        raise ModelNotUsable(path=path, why=complaints.why())
    return model
