"""Models of many kinds with real shapes and random weights, whose memory is that of the real thing.

    path = write(folder, SHAPES["gemma-3-270m"])

The vocabularies are as large as the real ones; their texts are made up. Weights are written as blocks of llama.cpp's
own forms, the same few thousand over and over, so that a gigabyte takes a second.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

Form = gguf.GGMLQuantizationType
BLOCKS = 4096  # different ones of each form
LESS = 0.001  # the scale of a block, so that no sum runs over
BYTES, SPECIAL = 256, ("<unk>", "<s>", "</s>")
CONTROL, PLAIN, BYTE = 3, 1, 6  # kinds of tokens
TEMPLATE = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
# Where the scales of a block lie, in bytes. Source: ggml/src/ggml-common.h.
SCALES = {Form.Q8_0: (0,), Form.Q4_0: (0,), Form.Q4_K: (0, 2), Form.Q6_K: (208,)}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a model is made of. `form` is that of its matrices, `words` that of the vectors of its words.

    `entries` are further entries of its header, by their names after the architecture.
    """

    name: str
    architecture: str
    embedding: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    vocabulary: int
    context: int = 32768
    head: int = 0  # how wide; 0: the embedding in equal parts
    form: Form = Form.Q4_K
    words: Form = Form.Q6_K
    tied: bool = True  # words are picked with the vectors that they are read with
    experts: int = 0
    entries: dict[str, Any] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """Of one head."""
        return self.head or self.embedding // self.heads


SHAPES = {
    shape.name: shape
    for shape in (
        Shape(
            name="smollm2-135m", architecture="llama", embedding=576, layers=30, heads=9, kv_heads=3,
            feed_forward=1536, vocabulary=49152, form=Form.Q8_0, words=Form.Q8_0, context=8192,
        ),
        Shape(
            name="qwen2.5-0.5b", architecture="qwen2", embedding=896, layers=24, heads=14, kv_heads=2,
            feed_forward=4864, vocabulary=151936, form=Form.Q4_0, words=Form.Q8_0,
        ),
        Shape(
            name="llama-3.2-1b", architecture="llama", embedding=2048, layers=16, heads=32, kv_heads=8,
            feed_forward=8192, vocabulary=128256, context=131072,
        ),
        Shape(
            name="mistral-like-2b", architecture="llama", embedding=2560, layers=24, heads=32, kv_heads=8, head=128,
            feed_forward=6912, vocabulary=32000, tied=False,
        ),
        Shape(
            name="gemma-3-270m", architecture="gemma3", embedding=640, layers=18, heads=4, kv_heads=1, head=256,
            feed_forward=2048, vocabulary=262144, form=Form.Q8_0, words=Form.Q8_0,
            entries={"attention.sliding_window": 512},
        ),
        Shape(
            name="gemma-3-1b", architecture="gemma3", embedding=1152, layers=26, heads=4, kv_heads=1, head=256,
            feed_forward=6912, vocabulary=262144, form=Form.Q4_0,  words=Form.Q8_0,
            entries={"attention.sliding_window": 512},
        ),
        Shape(
            name="gemma-4-e2b-part", architecture="gemma4", embedding=1536, layers=15, heads=8, kv_heads=1, head=512,
            feed_forward=6144, vocabulary=262144,
            entries={
                "attention.sliding_window": 512, "attention.shared_kv_layers": 5, "attention.key_length_swa": 256,
                "attention.value_length_swa": 256, "embedding_length_per_layer_input": 256,
                "attention.sliding_window_pattern": [True, True, True, True, False] * 3,
                "rope.dimension_count_swa": 256,
            },
        ),
        Shape(
            name="moe-1b-a400m", architecture="qwen3moe", embedding=1024, layers=24, heads=16, kv_heads=8, head=64,
            feed_forward=512, vocabulary=49152, experts=32,
            entries={"expert_count": 32, "expert_used_count": 8, "expert_feed_forward_length": 512},
        ),
        Shape(
            name="mamba-370m", architecture="mamba", embedding=1024, layers=48, heads=0, kv_heads=0, feed_forward=0,
            vocabulary=50280, form=Form.Q8_0, words=Form.Q8_0,
            entries={
                "ssm.conv_kernel": 4, "ssm.inner_size": 2048, "ssm.state_size": 16, "ssm.time_step_rank": 64,
            },
        ),
        Shape(
            name="lfm2-350m", architecture="lfm2", embedding=1024, layers=16, heads=16, kv_heads=8,
            feed_forward=4608, vocabulary=65536, entries={"shortconv.l_cache": 3},
        ),
    )
}  # fmt: skip
_ATTENDS_OF_LFM2 = frozenset({2, 5, 8, 10, 12, 14})


def write(folder: Path, shape: Shape) -> Path:
    """Write a model of this shape; the path. The same shape gives the same bytes."""
    path = folder / f"{shape.name}.gguf"
    writer = gguf.GGUFWriter(path, shape.architecture)
    _describe(writer, shape)
    _Weights(writer, shape).add()
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name(shape.name)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_layer_norm_rms_eps(1e-6)
    if shape.heads:
        writer.add_head_count(shape.heads)
        heads = shape.kv_heads
        lfm2 = [heads if layer in _ATTENDS_OF_LFM2 else 0 for layer in range(shape.layers)]
        writer.add_head_count_kv(lfm2 if shape.architecture == "lfm2" else heads)
        writer.add_rope_dimension_count(shape.width)
        if shape.head:
            writer.add_key_length(shape.head)
            writer.add_value_length(shape.head)
    for name, value in shape.entries.items():
        add = writer.add_array if isinstance(value, list) else writer.add_uint32
        add(f"{shape.architecture}.{name}", value)
    tokens = [*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(BYTES)), "▁", *map(chr, range(33, 127))]
    kinds = [CONTROL] * len(SPECIAL) + [BYTE] * BYTES + [PLAIN] * (shape.vocabulary - BYTES - len(SPECIAL))
    tokens += [f"▁w{number}" for number in range(shape.vocabulary - len(tokens))]
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_vocab_size(len(tokens))
    writer.add_chat_template(TEMPLATE)


class _Weights:
    """Adds the tensors that llama.cpp wants of an architecture (src/models)."""

    def __init__(self, writer: gguf.GGUFWriter, shape: Shape) -> None:
        self._writer, self._shape = writer, shape
        self._blocks: dict[Form, NDArray[np.uint8]] = {}

    def add(self) -> None:
        """All of them."""
        shape = self._shape
        self._matrix("token_embd", shape.vocabulary, shape.embedding, form=shape.words)
        self._ones("token_embd_norm" if shape.architecture == "lfm2" else "output_norm", shape.embedding)
        if not shape.tied:
            self._matrix("output", shape.vocabulary, shape.embedding, form=shape.words)
        layers: dict[str, Callable[[str, int], None]] = {
            "gemma3": self._gemma, "gemma4": self._gemma4, "qwen3moe": self._experts, "mamba": self._mamba,
            "lfm2": self._lfm2,
        }  # fmt: skip
        add_layer = layers.get(shape.architecture, self._plain)
        for layer in range(shape.layers):
            add_layer(f"blk.{layer}.", layer)
        if shape.architecture == "gemma4":
            per_layer = shape.entries["embedding_length_per_layer_input"]
            self._matrix("per_layer_token_embd", shape.vocabulary, per_layer * shape.layers, form=shape.words)
            self._matrix("per_layer_model_proj", per_layer * shape.layers, shape.embedding)
            self._ones("per_layer_proj_norm", per_layer)
            self._ones("rope_freqs", shape.head // 2)

    def _plain(self, part: str, layer: int) -> None:
        shape = self._shape
        self._attention(part, shape.width)
        if shape.architecture == "qwen2":
            for name, heads in (("attn_q", shape.heads), ("attn_k", shape.kv_heads), ("attn_v", shape.kv_heads)):
                self._writer.add_tensor(f"{part}{name}.bias", np.zeros(heads * shape.width, np.float32))
        self._feed_forward(part)

    def _gemma(self, part: str, layer: int) -> None:
        self._attention(part, self._shape.width, normed=True)
        self._feed_forward(part)
        self._ones(part + "post_attention_norm", self._shape.embedding)
        self._ones(part + "post_ffw_norm", self._shape.embedding)

    def _gemma4(self, part: str, layer: int) -> None:
        shape = self._shape
        near = shape.entries["attention.sliding_window_pattern"][layer]
        self._attention(part, shape.entries["attention.key_length_swa"] if near else shape.width, normed=True)
        self._feed_forward(part)
        per_layer = shape.entries["embedding_length_per_layer_input"]
        self._matrix(part + "inp_gate", per_layer, shape.embedding)
        self._matrix(part + "proj", shape.embedding, per_layer)
        for name in ("post_attention_norm", "post_ffw_norm", "post_norm"):
            self._ones(part + name, shape.embedding)

    def _experts(self, part: str, layer: int) -> None:
        shape = self._shape
        self._attention(part, shape.width, normed=True)
        self._ones(part + "ffn_norm", shape.embedding)
        gate = np.linspace(-1, 1, shape.experts * shape.embedding, dtype=np.float32)
        self._writer.add_tensor(part + "ffn_gate_inp.weight", gate.reshape(shape.experts, shape.embedding))
        for name in ("gate", "up"):
            self._matrix(f"{part}ffn_{name}_exps", shape.experts, shape.feed_forward, shape.embedding)
        self._matrix(part + "ffn_down_exps", shape.experts, shape.embedding, shape.feed_forward)

    def _lfm2(self, part: str, layer: int) -> None:
        shape = self._shape
        if layer in _ATTENDS_OF_LFM2:
            self._attention(part, shape.width, normed=True)
        else:
            self._ones(part + "attn_norm", shape.embedding)
            self._matrix(part + "shortconv.in_proj", 3 * shape.embedding, shape.embedding)
            self._matrix(part + "shortconv.out_proj", shape.embedding, shape.embedding)
            self._writer.add_tensor(part + "shortconv.conv.weight", np.ones((shape.embedding, 3), np.float32))
        self._feed_forward(part)

    def _mamba(self, part: str, layer: int) -> None:
        entries, embedding = self._shape.entries, self._shape.embedding
        inner, state, steps = entries["ssm.inner_size"], entries["ssm.state_size"], entries["ssm.time_step_rank"]
        self._ones(part + "attn_norm", embedding)
        self._matrix(part + "ssm_in", 2 * inner, embedding)
        self._matrix(part + "ssm_x", steps + 2 * state, inner)
        self._matrix(part + "ssm_out", embedding, inner)
        for name, *sides in (
            ("ssm_conv1d.weight", inner, entries["ssm.conv_kernel"]), ("ssm_conv1d.bias", inner),
            ("ssm_dt.weight", inner, steps), ("ssm_dt.bias", inner), ("ssm_d", inner),
        ):  # fmt: skip
            self._writer.add_tensor(part + name, np.full(sides, 0.1, np.float32))
        self._writer.add_tensor(part + "ssm_a", np.full((inner, state), -1, np.float32))

    def _attention(self, part: str, width: int, *, normed: bool = False) -> None:
        shape = self._shape
        self._ones(part + "attn_norm", shape.embedding)
        self._matrix(part + "attn_q", shape.heads * width, shape.embedding)
        self._matrix(part + "attn_k", shape.kv_heads * width, shape.embedding)
        self._matrix(part + "attn_v", shape.kv_heads * width, shape.embedding)
        self._matrix(part + "attn_output", shape.embedding, shape.heads * width)
        if normed:
            self._ones(part + "attn_q_norm", width)
            self._ones(part + "attn_k_norm", width)

    def _feed_forward(self, part: str) -> None:
        shape = self._shape
        self._ones(part + "ffn_norm", shape.embedding)
        self._matrix(part + "ffn_gate", shape.feed_forward, shape.embedding)
        self._matrix(part + "ffn_up", shape.feed_forward, shape.embedding)
        self._matrix(part + "ffn_down", shape.embedding, shape.feed_forward)

    def _ones(self, name: str, width: int) -> None:
        self._writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))

    def _matrix(self, name: str, *sides: int, form: Form | None = None) -> None:
        """A matrix, or several; the last side is that of a row."""
        form = form or self._shape.form
        block, block_bytes = gguf.GGML_QUANT_SIZES[form]
        if sides[-1] % block:  # as llama.cpp's own quantization does
            form = Form.Q8_0
            block, block_bytes = gguf.GGML_QUANT_SIZES[form]
        if form not in self._blocks:
            blocks = np.random.default_rng(0).integers(0, 256, (BLOCKS, block_bytes), np.uint8)
            scale = np.frombuffer(np.float16(LESS).tobytes(), np.uint8)
            for at in SCALES[form]:
                blocks[:, at : at + 2] = scale
            self._blocks[form] = blocks.reshape(-1)
        rows = np.resize(self._blocks[form], (*sides[:-1], sides[-1] // block * block_bytes))
        self._writer.add_tensor(f"{name}.weight", rows, raw_dtype=form)
