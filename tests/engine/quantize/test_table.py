"""What the table of forms says is what llama.cpp's own rules make of a model of eight billion weights."""

import os
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np
import pytest

from engine.quantizations import QUANTIZATIONS, RECOMMENDED, TENSOR_FORMS, USUAL, MatrixUse, Recipe
from engine.worker.quantizer.ggml import type_numbers
from engine.worker.quantizer.matrix import Matrix
from engine.worker.quantizer.trial import tried

WIDTH, LAYERS, HEADS, KV_HEADS, WIDE, WORDS = 4096, 32, 32, 8, 14336, 128256  # of Llama 3.1 8B
CLOSE = 0.006  # bits: figures are written with two decimals


def shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every tensor of that model."""
    yield "token_embd.weight", (WORDS, WIDTH)
    yield "output_norm.weight", (WIDTH,)
    yield "output.weight", (WORDS, WIDTH)
    narrow = WIDTH // HEADS * KV_HEADS
    parts = {
        "attn_norm": (WIDTH,), "ffn_norm": (WIDTH,), "attn_q": (WIDTH, WIDTH), "attn_k": (narrow, WIDTH),
        "attn_v": (narrow, WIDTH), "attn_output": (WIDTH, WIDTH), "ffn_gate": (WIDE, WIDTH), "ffn_up": (WIDE, WIDTH),
        "ffn_down": (WIDTH, WIDE),
    }  # fmt: skip
    for layer in range(LAYERS):
        yield from ((f"blk.{layer}.{part}.weight", shape) for part, shape in parts.items())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """The header of such a model, with nothing behind it but a hole in the file; and its weights."""
    path = tmp_path_factory.mktemp("large") / "large.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_context_length(8192)
    writer.add_feed_forward_length(WIDE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("none")
    weights = size = 0
    for name, shape in shapes():
        kind = np.dtype(np.float16 if len(shape) > 1 else np.float32)
        count = int(np.prod(shape))
        writer.add_tensor_info(name, shape, kind, count * kind.itemsize)
        weights, size = weights + count, size + count * kind.itemsize
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    os.truncate(path, -(-path.stat().st_size // 32) * 32 + size)
    return os.fsencode(Path(path)), weights


@pytest.mark.parametrize("quantization", QUANTIZATIONS)
def test_the_bits_of_a_form_and_its_need_of_a_matrix_are_llama_cpps(
    large: tuple[bytes, int], quantization: str
) -> None:
    path, weights = large
    known = QUANTIZATIONS[quantization]
    needed = known.matrix is MatrixUse.NEEDED
    assert tried(path, [path], Recipe(), quantization, None).needs_matrix == needed
    plan = tried(path, [path], Recipe(), quantization, Matrix(importance={}) if needed else None)
    assert plan.size_bytes * 8 / weights == pytest.approx(known.bits, abs=CLOSE)


def test_every_form_of_a_tensor_is_one_that_ggml_knows() -> None:
    assert set(TENSOR_FORMS) <= set(type_numbers())
    assert {USUAL, *RECOMMENDED} <= set(QUANTIZATIONS)
