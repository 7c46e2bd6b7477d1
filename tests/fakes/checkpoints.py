"""Small random checkpoints, written by transformers itself, with tokenizers of the kinds that the real ones have.

Weights are large enough that every part of a model matters to what comes out of it, norms and biases too.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from engine.worker.converter.cuts import PATTERNS
from engine.worker.converter.sentences import SENTENCES

TEXTS = [sentence for sentences in SENTENCES.values() for sentence in sentences]
SIGNS = ("<|begin|>", "<|im_start|>", "<|im_end|>")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
)
MEASURES: dict[str, Any] = {
    "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 256, "initializer_range": 0.15, "bos_token_id": 0,
    "eos_token_id": 2, "pad_token_id": None,
}  # fmt: skip
GEMMA = MEASURES | {
    "head_dim": 16, "query_pre_attn_scalar": 16, "sliding_window": 8, "bos_token_id": 2, "eos_token_id": 1,
    "pad_token_id": 0,
}  # fmt: skip


def byte_level(cut: str = "qwen2") -> Tokenizer:
    """A tokenizer over bytes that cuts text as llama.cpp knows it by the name `cut`."""
    patterns = {name: pattern for pattern, name in PATTERNS.items()}
    made = Tokenizer(models.BPE())
    if cut in patterns:
        steps: list[Any] = [
            pre_tokenizers.Split(Regex(patterns[cut]), "isolated"), pre_tokenizers.ByteLevel(False, use_regex=False),
        ]  # fmt: skip
    else:
        steps = [pre_tokenizers.Digits(True)] if cut == "smollm" else []
        steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False))
    made.pre_tokenizer = pre_tokenizers.Sequence(steps)
    made.decoder = decoders.ByteLevel()
    if cut == "qwen2":
        made.normalizer = normalizers.NFC()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, special_tokens=list(SIGNS))
    )
    made.add_tokens([AddedToken("<tool_call>", special=False, normalized=False)])
    return made


def sentence_piece(*, space_before: bool = False) -> Tokenizer:
    """One as Gemma has, or, with a space before each text, as Llama 2 has."""
    spaces = [normalizers.Prepend("\u2581")] * space_before + [normalizers.Replace(" ", "\u2581")]
    control = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_turn>", "<end_of_turn>"]
    learner = Tokenizer(models.BPE())
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    learner.train_from_iterator(
        TEXTS, trainers.BpeTrainer(vocab_size=900, special_tokens=[*control, *(f"<0x{n:02X}>" for n in range(256))])
    )
    ids = dict(learner.get_vocab())
    for run in ("\u2581\u2581", "\u2581\u2581\u2581", "\u2581\u2581\u2581\u2581", "<table>"):
        ids[run] = len(ids)
    learned = sorted((text for text in ids if not text.startswith("<")), key=lambda text: ids[text])
    merges = [
        (text[:place], text[place:])
        for text in learned for place in range(1, len(text)) if text[:place] in ids and text[place:] in ids
    ]  # fmt: skip
    made = Tokenizer(models.BPE(ids, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    made.normalizer = normalizers.Sequence(spaces)
    made.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in control])
    made.add_tokens([AddedToken(text, special=False, normalized=False) for text in ("\u2581\u2581", "<table>")])
    made.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", 2)]
    )
    return made


def checkpoint(
    folder: Path, architecture: str, tokenizer: Tokenizer, *, form: str = "float32", several: bool = False,
    spare: int = 5, **changes: Any,
) -> Any:  # fmt: skip
    """Write a checkpoint into `folder`; the model, for its own logits. `spare` rows of weights are of no token."""
    import torch
    import transformers

    torch.manual_seed(len(architecture))
    kind = getattr(transformers, architecture)
    gemma = architecture.startswith("Gemma")
    usual = GEMMA if gemma else MEASURES
    values = usual | {"vocab_size": tokenizer.get_vocab_size() + spare} | changes
    model = kind(kind.config_class(**values, attn_implementation="eager")).to(getattr(torch, form)).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim == 1:  # norms and biases begin as ones and noughts, which would hide mistakes
                weight.add_(torch.randn(weight.shape) * (0.2 if "norm" in name else 0.3))
    model.save_pretrained(folder, max_shard_size="60KB" if several else "1GB")
    tokenizer.save(str(folder / "tokenizer.json"))
    said = {"bos_token": "<bos>" if gemma else SIGNS[0], "eos_token": "<end_of_turn>" if gemma else SIGNS[2],
            "add_bos_token": gemma, "chat_template": TEMPLATE}  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(said), encoding="utf-8")
    card = "---\nlicense: apache-2.0\nlanguage:\n- en\n- ja\nbase_model: somebody/Parent-1B\n---\n# A model\n"
    (folder / "README.md").write_text(card, encoding="utf-8")
    return model


def their_logits(model: Any, tokens: Sequence[int]) -> NDArray[np.float32]:
    """What transformers reckons for each place of a prompt."""
    import torch

    with torch.no_grad():
        found = model(torch.tensor([list(tokens)])).logits[0]
    return np.asarray(found.float().numpy(), dtype=np.float32)
