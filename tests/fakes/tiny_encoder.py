"""Real GGUF files of encoders, a few hundred kilobytes: real machinery, random weights.

    path = write(tmp_path / "tiny.gguf", ranks=True)

A BERT with a WordPiece vocabulary of letters and a few words. Its numbers can be worked out again in numpy, which
`reference` does.
"""

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np

WIDE, LAYERS, HEADS, FEED_FORWARD, CONTEXT = 32, 2, 4, 64, 64
EPSILON = 1e-12
LETTERS = [chr(code) for code in range(ord("a"), ord("z") + 1)]
WORDS = ["plum", "jam", "is", "boiled", "how", "long", "pears", "keep"]
SIGNS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TOKENS = SIGNS + ["\u2581" + one for one in (*LETTERS, *WORDS)] + LETTERS
PAD, UNKNOWN, BEGINS, ENDS, MASK = range(5)


def weights(seed: int, *, ranks: bool, outputs: int = 1) -> dict[str, np.ndarray]:
    """Every tensor by its name; the same seed gives the same numbers."""
    rng = np.random.default_rng(seed)

    def random(*shape: int) -> np.ndarray:
        return (rng.standard_normal(shape) * 0.3).astype(np.float32)

    found = {
        "token_embd.weight": random(len(TOKENS), WIDE),
        "position_embd.weight": random(CONTEXT, WIDE),
        "token_types.weight": random(2, WIDE),
    }
    norms = ["token_embd_norm"]
    for layer in range(LAYERS):
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            found[f"blk.{layer}.{part}.weight"], found[f"blk.{layer}.{part}.bias"] = random(WIDE, WIDE), random(WIDE)
        found[f"blk.{layer}.ffn_up.weight"] = random(FEED_FORWARD, WIDE)
        found[f"blk.{layer}.ffn_up.bias"] = random(FEED_FORWARD)
        found[f"blk.{layer}.ffn_down.weight"] = random(WIDE, FEED_FORWARD)
        found[f"blk.{layer}.ffn_down.bias"] = random(WIDE)
        norms += [f"blk.{layer}.attn_output_norm", f"blk.{layer}.layer_output_norm"]
    for norm in norms:
        found[f"{norm}.weight"], found[f"{norm}.bias"] = 1 + random(WIDE), random(WIDE)
    if ranks:
        found["cls.weight"], found["cls.bias"] = random(WIDE, WIDE), random(WIDE)
        found["cls.output.weight"], found["cls.output.bias"] = random(outputs, WIDE), random(outputs)
    return found


def write(
    path: Path, *, seed: int = 0, ranks: bool = False, pooling: int | None = None, template: str = "", name: str = "",
    labels: Sequence[str] = ("score",), tensors: dict[str, np.ndarray] | None = None,
) -> Path:  # fmt: skip
    """Write the file. `pooling` is 1 for the mean, 2 for the first token; a model that ranks has 4.

    `labels` are what a model that ranks gives a number each; `tensors` stand in the place of random ones.
    """
    writer = gguf.GGUFWriter(str(path), "bert")
    writer.add_name(name or f"tiny encoder {seed}")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDE)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_eps(EPSILON)
    writer.add_causal_attention(False)
    if pooling != 0:
        writer.add_uint32("bert.pooling_type", pooling or (4 if ranks else 1))
    writer.add_token_type_count(2)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("bert")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3] * len(SIGNS) + [1] * (len(TOKENS) - len(SIGNS)))
    writer.add_bos_token_id(BEGINS)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_sep_token_id(ENDS)
    writer.add_pad_token_id(PAD)
    writer.add_mask_token_id(MASK)
    if template:
        writer.add_string("tokenizer.chat_template.rerank", template)
        writer.add_array("tokenizer.chat_templates", ["rerank"])
    if ranks:
        writer.add_classifier_output_labels(list(labels))
    for tensor, values in (tensors or weights(seed, ranks=ranks, outputs=len(labels))).items():
        writer.add_tensor(tensor, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def tokens(text: str) -> list[int]:
    """WordPiece: whole words where they are known, else letter by letter."""
    found: list[int] = []
    for word in text.split():
        if "\u2581" + word in TOKENS:
            found.append(TOKENS.index("\u2581" + word))
        else:
            found += [
                TOKENS.index("\u2581" + word[0]),
                *(len(TOKENS) - len(LETTERS) + LETTERS.index(one) for one in word[1:]),
            ]
    return found


def reference(ids: list[int], seed: int = 0, *, ranks: bool = False) -> np.ndarray:
    """What the model makes of `ids`: the mean of its vectors, or its score. BERT as in Devlin et al., 2018."""
    w = weights(seed, ranks=ranks)

    def norm(rows: np.ndarray, name: str) -> np.ndarray:
        centred = rows - rows.mean(-1, keepdims=True)
        return (
            centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON) * w[f"{name}.weight"] + w[f"{name}.bias"]
        )

    def linear(rows: np.ndarray, name: str) -> np.ndarray:
        return rows @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    rows = w["token_embd.weight"][ids] + w["position_embd.weight"][: len(ids)] + w["token_types.weight"][0]
    rows = norm(rows, "token_embd_norm")
    for layer in range(LAYERS):
        name, each = f"blk.{layer}.", WIDE // HEADS
        q, k, v = (
            linear(rows, f"{name}attn_{part}").reshape(-1, HEADS, each).transpose(1, 0, 2) for part in "qkv"
        )  # fmt: skip
        looks = q @ k.transpose(0, 2, 1) / each**0.5
        looks = np.exp(looks - looks.max(-1, keepdims=True))
        mixed = (looks / looks.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(-1, WIDE)
        rows = norm(linear(mixed, f"{name}attn_output") + rows, f"{name}attn_output_norm")
        wide = linear(rows, f"{name}ffn_up")
        wide = 0.5 * wide * (1 + np.tanh((2 / np.pi) ** 0.5 * (wide + 0.044715 * wide**3)))
        rows = norm(linear(wide, f"{name}ffn_down") + rows, f"{name}layer_output_norm")
    if not ranks:
        return rows.mean(0)
    return linear(np.tanh(linear(rows[0], "cls")), "cls.output")
