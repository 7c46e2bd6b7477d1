"""The test models themselves: their shapes, their words, their weights.

The words are syllables put together by rule, so what a test model writes is printable and plainly
noise. Weights are random and the same for the same seed. One place of the hidden state is held
constant through all layers; the output reads it as a bias, which the architecture does not have:
it keeps bytes and control tokens from being written and lets the end token come up now and then.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.worker.gguf_file import write_down

CONTEXT_TOKENS = 2048
HEAD = 32
CONSTANT = 4.0  # what place 0 of the hidden state holds; the other places are about 1
NEVER = -40.0  # the bias of what is not to be written, in logits
UNKNOWN, START, TURN, TURN_END = 0, 1, 2, 3
NORMAL_TOKEN, UNKNOWN_TOKEN, CONTROL_TOKEN, BYTE_TOKEN = 1, 2, 3, 6
SPACE = "\u2581"  # how a vocabulary of this kind writes a space
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large a test model is, and what it is called."""

    file: str
    name: str
    seed: int
    embedding: int
    layers: int
    feed_forward: int
    end: float  # bias of the end token, in logits: answers of some dozens of tokens


SHAPES = (
    Shape(
        file="hanare-test-small.gguf", name="Hanare test model, small (writes noise)",
        seed=1, embedding=128, layers=4, feed_forward=384, end=2.4,
    ),
    Shape(
        file="hanare-test-smaller.gguf", name="Hanare test model, smaller (writes noise)",
        seed=2, embedding=64, layers=2, feed_forward=192, end=1.2,
    ),
)  # fmt: skip


def vocabulary() -> tuple[list[str], list[int], int]:
    """The tokens, their types, and the number of the first one that may be written."""
    control = ["<unk>", "<s>", "<|im_start|>", "<|im_end|>"]
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    letters = [SPACE, *(chr(code) for code in range(33, 127))]
    syllables = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]
    words = [SPACE + first + second for first, second in zip(syllables * 4, _turned(syllables, 4), strict=True)]
    short = [SPACE + syllable for syllable in syllables]
    ends = [syllable + sign for syllable, sign in product(syllables[::3], (",", "."))]
    written = list(dict.fromkeys([*words, *short, *syllables, *ends]))
    tokens = [*control, *byte_tokens, *letters, *written]
    types = [UNKNOWN_TOKEN] + [CONTROL_TOKEN] * 3 + [BYTE_TOKEN] * 256
    types += [NORMAL_TOKEN] * (len(tokens) - len(types))
    return tokens, types, len(tokens) - len(written)


def _turned(syllables: list[str], times: int) -> list[str]:
    """The list `times` over, each time begun at another place, so that every pair is another one."""
    turned: list[str] = []
    for turn in range(1, times + 1):
        turned += syllables[turn * 11 :] + syllables[: turn * 11]
    return turned


def write(shape: Shape, path: Path) -> None:
    """Write one test model to `path` and onto the disk. Raises OSError."""
    tokens, types, first_written = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape, tokens, types)
    _weigh(writer, shape, len(tokens), first_written)
    write_down(writer, path)


def _describe(writer: gguf.GGUFWriter, shape: Shape, tokens: list[str], types: list[int]) -> None:
    writer.add_name(shape.name)
    writer.add_description("A test model with random weights. It writes noise.")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(CONTEXT_TOKENS)
    writer.add_embedding_length(shape.embedding)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.embedding // HEAD)
    writer.add_head_count_kv(shape.embedding // HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HEAD)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(types)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(START)
    writer.add_eos_token_id(TURN_END)
    writer.add_add_bos_token(True)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE)


def _weigh(writer: gguf.GGUFWriter, shape: Shape, vocabulary: int, first_written: int) -> None:
    """Random matrices whose products keep about the size of their inputs."""
    rng = np.random.default_rng(shape.seed)
    width, wide = shape.embedding, shape.feed_forward

    def random(rows: int, columns: int, gain: float = 1.0) -> NDArray[np.float32]:
        return rng.standard_normal((rows, columns), dtype=np.float32) * np.float32(gain / columns**0.5)

    def add(name: str, values: NDArray[np.float32]) -> None:
        writer.add_tensor(name, values.astype(np.float16) if values.ndim == 2 else values)

    embedding = random(vocabulary, width, gain=width**0.5)
    embedding[:, 0] = CONSTANT
    add("token_embd.weight", embedding)
    for layer in range(shape.layers):
        name = f"blk.{layer}."
        add(name + "attn_norm.weight", np.ones(width, np.float32))
        add(name + "ffn_norm.weight", np.ones(width, np.float32))
        for part in ("attn_q", "attn_k", "attn_v"):
            add(f"{name}{part}.weight", random(width, width))
        add(name + "ffn_gate.weight", random(wide, width))
        add(name + "ffn_up.weight", random(wide, width))
        for part, columns in (("attn_output", width), ("ffn_down", wide)):
            added = random(width, columns)
            added[0] = 0.0  # nothing writes to the constant place
            add(f"{name}{part}.weight", added)
    add("output_norm.weight", np.ones(width, np.float32))
    output = random(vocabulary, width)
    output[:, 0] = 0.0
    output[:first_written, 0] = NEVER / CONSTANT
    output[TURN_END, 0] = shape.end / CONSTANT
    add("output.weight", output)
