"""What the table of forms says is what llama.cpp's own rules make of a model of eight billion weights."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import gguf
import numpy as np
import pytest

from engine.errors import ModelNotMade
from engine.quantizations import QUANTIZATIONS, RECOMMENDED, TENSOR_FORMS, USUAL, MatrixUse, Recipe
from engine.worker.quantizer.ggml import type_numbers
from engine.worker.quantizer.matrix import Matrix
from engine.worker.quantizer.trial import tried


class Shape(NamedTuple):
    """What decides how large the tensors of a model are."""

    width: int
    layers: int
    heads: int
    kv_heads: int
    wide: int
    words: int


LLAMA = Shape(4096, 32, 32, 8, 14336, 128256)  # Llama 3.1 8B
NARROW = Shape(576, 30, 9, 3, 1536, 49152)  # SmolLM2 135M: no K form fits its rows
CLOSE = 0.006  # bits: figures are written with two decimals


def shapes(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every tensor of that model."""
    width, wide = shape.width, shape.wide
    yield "token_embd.weight", (shape.words, width)
    yield "output_norm.weight", (width,)
    yield "output.weight", (shape.words, width)
    narrow = width // shape.heads * shape.kv_heads
    parts = {
        "attn_norm": (width,), "ffn_norm": (width,), "attn_q": (width, width), "attn_k": (narrow, width),
        "attn_v": (narrow, width), "attn_output": (width, width), "ffn_gate": (wide, width), "ffn_up": (wide, width),
        "ffn_down": (width, wide),
    }  # fmt: skip
    for layer in range(shape.layers):
        yield from ((f"blk.{layer}.{part}.weight", size) for part, size in parts.items())


def written(shape: Shape, path: Path) -> tuple[bytes, int]:
    """The header of such a model, with nothing behind it but a hole in the file; and its weights."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_context_length(8192)
    writer.add_feed_forward_length(shape.wide)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("none")
    weights = size = 0
    for name, sizes in shapes(shape):
        kind = np.dtype(np.float16 if len(sizes) > 1 else np.float32)
        count = int(np.prod(sizes))
        writer.add_tensor_info(name, sizes, kind, count * kind.itemsize)
        weights, size = weights + count, size + count * kind.itemsize
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    writer.close()
    os.truncate(path, -(-path.stat().st_size // 32) * 32 + size)
    return os.fsencode(path), weights


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, int]:
    """A large model, and its weights."""
    return written(LLAMA, tmp_path_factory.mktemp("large") / "large.gguf")


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


def test_rows_that_a_form_does_not_fit_are_kept_in_a_larger_one_or_refused_in_words(tmp_path: Path) -> None:
    """As llama-quantize has it: one form knows no larger one in its place."""
    path, _ = written(NARROW, tmp_path / "narrow.gguf")
    matrix = Matrix(importance={})
    plans = {name: tried(path, [path], Recipe(), name, matrix) for name in QUANTIZATIONS if name != "Q1_0"}
    assert all(plans[name].otherwise for name in ("Q6_K", "Q4_K_M", "IQ4_XS", "IQ2_XXS", "IQ1_S"))
    assert not any(plans[name].otherwise for name in ("F16", "Q8_0"))
    with pytest.raises(ModelNotMade, match="its rows do not fit this form"):
        tried(path, [path], Recipe(), "Q1_0", matrix)
