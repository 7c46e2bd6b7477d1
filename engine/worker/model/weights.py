"""Reads a model's file into memory, and makes its contexts."""

from collections.abc import Callable
from typing import Any

import llama_cpp as lib

from engine.errors import Cancelled, ModelNotUsable
from engine.worker.model.graphics import NOWHERE, Placed, place
from engine.worker.model.llama import Flag, complaints

REPORT_STEP = 0.01


def load_weights(
    path: str, flag: Flag, loading: Callable[[float], None] = lambda fraction: None, placed: Placed = NOWHERE
) -> Any:
    """llama.cpp's model, `placed` on graphics cards or nowhere; `loading` hears the fraction read so far.

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
    overrides = place(params, placed)  # has to live as long as the loading
    complaints.forget()
    model = lib.llama_model_load_from_file(path.encode("utf-8", "surrogateescape"), params)
    del overrides
    if not model:
        if flag.raised:
            raise Cancelled
        raise ModelNotUsable(path=path, why=complaints.why())
    return model


def context_params(flag: Flag) -> Any:
    """What every context of ours has, to be completed for `make_context`: `flag` aborts its steps, one thread works."""
    params = lib.llama_context_default_params()
    params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_AUTO
    params.n_threads = params.n_threads_batch = 1  # until `llama_set_n_threads`
    params.no_perf = True
    params.abort_callback = flag.callback
    params.abort_callback_data = flag.data
    return params


def make_context(model: Any, params: Any, path: str) -> Any:
    """A context of a loaded model. Raises `ModelNotUsable` with llama.cpp's reason."""
    context = lib.llama_init_from_model(model, params)
    if not context:
        raise ModelNotUsable(path=path, why=complaints.why())
    return context
