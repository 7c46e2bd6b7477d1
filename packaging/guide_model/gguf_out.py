"""The network as a GGUF file, with its vocabulary, its template, its licence and what it is.

Every weight is written in 32 bits; the program's own quantizer makes the smaller file from that.
Source: docs/gguf.md of ggml for the entries.
"""

from pathlib import Path

import gguf
import numpy as np
from torch import Tensor

from engine.worker.gguf_file import write_down
from guide_model.network import EPSILON, ROPE_BASE, Shape
from guide_model.spelling import BEGIN, END, UNKNOWN, Spelling

NAME = "Hanare guide"
DESCRIPTION = (
    "The built-in guide of Hanare: knows this program, in English and Japanese, and nothing else. "
    "Trained from the start on a corpus of our own; see docs/guide-model.md."
)
LICENCE, AUTHOR, VERSION = "apache-2.0", "The makers of Hanare", "1"
TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}<|system|>{% elif message['role'] == 'assistant' %}<|guide|>"
    "{% else %}<|user|>{% endif %}{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|guide|>{% endif %}"
)


def write(path: Path, shape: Shape, spelling: Spelling, weights: dict[str, Tensor], note: str = "") -> None:
    """Write the file onto the disk; `note` is added to its description. Raises OSError."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, shape, note)
    _spell(writer, spelling)
    for name, values in weights.items():
        ours = name if name.endswith(".weight") else f"{name}.weight"
        writer.add_tensor(ours, values.detach().cpu().numpy().astype(np.float32))
    write_down(writer, path)


def _describe(writer: gguf.GGUFWriter, shape: Shape, note: str) -> None:
    writer.add_type("model")
    writer.add_name(NAME)
    writer.add_description(f"{DESCRIPTION} {note}".strip())
    writer.add_author(AUTHOR)
    writer.add_version(VERSION)
    writer.add_license(LICENCE)
    writer.add_languages(["en", "ja"])
    writer.add_tags(["text-generation", "guide"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_dimension_count(shape.head)
    writer.add_rope_freq_base(ROPE_BASE)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_float32("general.sampling.temp", 0.0)


def _spell(writer: gguf.GGUFWriter, spelling: Spelling) -> None:
    texts, scores, types = spelling.tokens()
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_bos_token_id(BEGIN)
    writer.add_eos_token_id(END)
    writer.add_eot_token_id(END)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(True)
    writer.add_chat_template(TEMPLATE)
