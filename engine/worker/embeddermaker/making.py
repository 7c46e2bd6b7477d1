"""A BERT model of sentence-transformers as a GGUF file: its shape, its WordPiece vocabulary, its weights.

The words are written in 16 bits, all else in 32: without 16-bit arithmetic a processor has to widen each number of a
matrix again and again, which takes a sixth of the time. The file is as long in context as the model was trained for,
not as its table of positions is: what llama.cpp then cuts is what sentence-transformers cuts.
Sources: docs/gguf.md of ggml for the entries; the names of tensors are `gguf`'s own table; `set_vocab` of `BertModel`
in llama.cpp's conversion/bert.py for how a WordPiece vocabulary is spelled.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors import safe_open

from engine.worker.gguf_file import write_down

NORMAL_TOKEN, CONTROL_TOKEN = 1, 3
CONTINUES = "##"  # how WordPiece marks a piece that goes on a word
BEGINS = "\u2581"  # how llama.cpp marks one that begins a word
POSITIONS = "embeddings.position_embeddings.weight"
WORDS = "embeddings.word_embeddings.weight"
LEFT_OUT = ("pooler.", "embeddings.position_ids")  # of no use for embedding


def write(source: Path, path: Path, name: str, moved: Callable[[int, int], None]) -> None:
    """Write the model in folder `source` to `path` and onto the disk. `moved` hears of bytes read. Raises OSError."""
    shape = _json(source / "config.json")
    longest = int(_json(source / "sentence_bert_config.json")["max_seq_length"])
    writer = gguf.GGUFWriter(path, "bert")
    _describe(writer, shape, name, longest)
    _spell(writer, source / "vocab.txt", _json(source / "special_tokens_map.json"))
    _weigh(writer, source / "model.safetensors", int(shape["num_hidden_layers"]), longest, moved)
    write_down(writer, path)


def _describe(writer: gguf.GGUFWriter, shape: dict[str, Any], name: str, longest: int) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(longest)
    writer.add_embedding_length(shape["hidden_size"])
    writer.add_block_count(shape["num_hidden_layers"])
    writer.add_feed_forward_length(shape["intermediate_size"])
    writer.add_head_count(shape["num_attention_heads"])
    writer.add_layer_norm_eps(shape["layer_norm_eps"])
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    writer.add_token_type_count(shape["type_vocab_size"])
    writer.add_vocab_size(shape["vocab_size"])


def _spell(writer: gguf.GGUFWriter, vocabulary: Path, special: dict[str, str]) -> None:
    pieces = vocabulary.read_text(encoding="utf-8").split("\n")[:-1]
    numbers = {piece: number for number, piece in enumerate(pieces)}
    signs = set(special.values())
    tokens = [
        piece if piece in signs else piece.removeprefix(CONTINUES) if piece.startswith(CONTINUES) else BEGINS + piece
        for piece in pieces
    ]
    writer.add_tokenizer_model("bert")
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL_TOKEN if piece in signs else NORMAL_TOKEN for piece in pieces])
    writer.add_bos_token_id(numbers[special["cls_token"]])
    writer.add_unk_token_id(numbers[special["unk_token"]])
    writer.add_sep_token_id(numbers[special["sep_token"]])
    writer.add_pad_token_id(numbers[special["pad_token"]])
    writer.add_mask_token_id(numbers[special["mask_token"]])


def _weigh(
    writer: gguf.GGUFWriter, weights: Path, layers: int, longest: int, moved: Callable[[int, int], None]
) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.BERT, layers)
    total, done = weights.stat().st_size, 0
    with safe_open(weights, framework="numpy") as tensors:
        for theirs in tensors.keys():  # noqa: SIM118 - it is no dictionary
            if theirs.startswith(LEFT_OUT):
                continue
            values = tensors.get_tensor(theirs)
            done += values.nbytes
            if theirs == POSITIONS:
                values = values[:longest]
            ours = names.get_name(theirs, try_suffixes=(".weight", ".bias"))
            if ours is None:
                raise ValueError(f"a tensor that BERT does not have: {theirs}")
            writer.add_tensor(ours, values.astype(np.float16 if theirs == WORDS else np.float32))
            moved(done, total)
    moved(total, total)


def _json(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
