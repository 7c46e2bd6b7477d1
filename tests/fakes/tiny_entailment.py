"""Small models for natural language inference: one of transformers with random weights, one by a rule.

    path = from_checkpoint(checkpoint(tmp_path / "made", LABELS), tmp_path / "nli.gguf")
    path = by_rule(tmp_path / "rule.gguf")

The rule: a pair with the word "pears" contradicts, one with "long" is neutral, any other follows.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.fakes import tiny_encoder
from tests.fakes.tiny_encoder import CONTEXT, EPSILON, FEED_FORWARD, HEADS, LAYERS, TOKENS, WIDE

LABELS = ("contradiction", "neutral", "entailment")
CONTRADICTS, IS_NEUTRAL = "pears", "long"
_PARTS = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}  # fmt: skip
_ENDS = {
    "embeddings.word_embeddings": "token_embd", "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm",
    "pooler.dense": "cls", "classifier": "cls.output",
}  # fmt: skip


def checkpoint(folder: Path, labels: Sequence[str], seed: int = 0) -> Path:
    """A checkpoint as transformers writes it: config.json with id2label, and random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(TOKENS), hidden_size=WIDE, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=FEED_FORWARD, max_position_embeddings=CONTEXT, layer_norm_eps=EPSILON, hidden_act="gelu_new",
        initializer_range=0.3, id2label=dict(enumerate(labels)), label2id={name: at for at, name in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(config).eval().save_pretrained(folder)
    return folder


def from_checkpoint(folder: Path, path: Path, *, pooling: int | None = 0) -> Path:
    """The checkpoint as a GGUF file, with the labels in the order of its config; by itself it names no pooling."""
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    labels = [name for _, name in sorted(config["id2label"].items(), key=lambda item: int(item[0]))]
    tensors = {
        renamed: values for name, values in load_file(folder / "model.safetensors").items() if (renamed := _named(name))
    }  # fmt: skip
    return tiny_encoder.write(path, ranks=True, pooling=pooling, labels=labels, tensors=tensors, name="tiny entailment")


def logits(folder: Path, rows: Sequence[Sequence[int]]) -> np.ndarray:
    """What transformers makes of rows of tokens."""
    import torch
    from transformers import BertForSequenceClassification

    model = BertForSequenceClassification.from_pretrained(folder, local_files_only=True).eval()
    with torch.no_grad():
        return np.stack([model(torch.tensor([list(row)])).logits[0].numpy() for row in rows])


def by_rule(path: Path, labels: Sequence[str] = LABELS) -> Path:
    """A model whose first token sees which words are there, and nothing else of them."""
    tensors = {name: np.zeros_like(values) for name, values in tiny_encoder.weights(0, ranks=True, outputs=3).items()}
    for name in tensors:
        if name.endswith("norm.weight"):
            tensors[name][:] = 1
    whole = np.eye(WIDE, dtype=np.float32)
    for at, word in enumerate((CONTRADICTS, IS_NEUTRAL)):
        tensors["token_embd.weight"][TOKENS.index("\u2581" + word), at] = 1
    for layer in range(LAYERS):  # every token looks at all alike
        tensors[f"blk.{layer}.attn_v.weight"] = tensors[f"blk.{layer}.attn_output.weight"] = whole
    tensors["cls.weight"] = whole
    strong = 8.0
    tensors["cls.output.weight"][labels.index("contradiction"), 0] = strong
    tensors["cls.output.weight"][labels.index("neutral"), 1] = strong
    tensors["cls.output.bias"][labels.index("entailment")] = strong / 2
    return tiny_encoder.write(path, ranks=True, labels=labels, tensors=tensors, name="rule")


def _named(name: str) -> str:
    """What a tensor of transformers is called in a GGUF file; "" for one that is not needed."""
    bare, _, kind = name.removeprefix("bert.").rpartition(".")
    if bare in _ENDS:
        whole = kind == "weight" and "embeddings." in bare and "LayerNorm" not in bare
        return f"{_ENDS[bare]}.{kind}" if not whole else f"{_ENDS[bare]}.weight"
    if bare.startswith("encoder.layer."):
        layer, _, part = bare.removeprefix("encoder.layer.").partition(".")
        return f"blk.{layer}.{_PARTS[part]}.{kind}"
    return ""
