"""What the tests of converting share: llama.cpp asked directly about a file."""

from collections.abc import Callable, Sequence
from pathlib import Path

import llama_cpp
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.engine import Engine

pytest.importorskip("transformers", reason="checkpoints are made with transformers")
Logits = Callable[[Path, Sequence[int]], NDArray[np.float32]]


@pytest.fixture
def tidy(engine: Engine) -> Callable[[], bool]:
    """Whether nothing is left in the models folder, not even what is hidden."""
    return lambda: not list(engine.places.models.iterdir())


@pytest.fixture
def logits() -> Logits:
    """What llama.cpp reckons for each place of a prompt, with all in 32 bits."""
    return our_logits


def our_logits(path: Path, tokens: Sequence[int], adapter: Path | None = None) -> NDArray[np.float32]:
    """The same, with an adapter where there is one."""
    model = llama_cpp.llama_model_load_from_file(str(path).encode(), llama_cpp.llama_model_default_params())
    assert model
    lora = llama_cpp.llama_adapter_lora_init(model, str(adapter).encode()) if adapter else None
    params = llama_cpp.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_threads = 256, 256, 1
    params.type_k = params.type_v = llama_cpp.GGML_TYPE_F32
    params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    context = llama_cpp.llama_init_from_model(model, params)
    assert context
    if lora is not None:
        assert lora
        strength = (llama_cpp.ctypes.c_float * 1)(1.0)
        llama_cpp.llama_set_adapters_lora(context, (type(lora) * 1)(lora), 1, strength)
    batch = llama_cpp.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    for place, token in enumerate(tokens):
        batch.token[place], batch.pos[place], batch.n_seq_id[place] = token, place, 1
        batch.seq_id[place][0], batch.logits[place] = 0, 1
    assert llama_cpp.llama_decode(context, batch) == 0
    words = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    found = np.array(
        [
            np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, place), (words,))
            for place in range(len(tokens))
        ]
    )
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return found
