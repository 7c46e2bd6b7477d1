"""A converted model reckons what transformers reckons, at every place of a prompt, for every family."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from engine.engine import Cancel, Engine, finish
from engine.types import ModelOrigin
from tests.engine.convert.conftest import Logits
from tests.fakes.checkpoints import byte_level, checkpoint, sentence_piece, their_logits

PROMPT = "The kettle was still warm, 離れの縁側で 12 when she came back. Ещё раз!"
CLOSE = 1e-2
LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
          "original_max_position_embeddings": 32, "rope_theta": 10000.0}  # fmt: skip
YARN = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 32, "rope_theta": 10000.0}
NEAR_AND_FAR = {"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0}}  # fmt: skip
CASES: dict[str, tuple[str, Callable[[], Tokenizer], dict[str, Any]]] = {
    "llama": ("LlamaForCausalLM", lambda: byte_level("llama-bpe"), {}),
    "llama, tied, with biases and stretched positions": (
        "LlamaForCausalLM", lambda: byte_level("llama-bpe"),
        {"tie_word_embeddings": True, "attention_bias": True, "mlp_bias": True, "rope_parameters": LLAMA3},
    ),
    "llama, wide heads, as Llama 2 spells": (
        "LlamaForCausalLM", lambda: sentence_piece(space_before=True), {"head_dim": 32, "num_key_value_heads": 4}
    ),
    "smollm2": ("LlamaForCausalLM", lambda: byte_level("smollm"), {"tie_word_embeddings": True}),
    "smollm3": ("SmolLM3ForCausalLM", lambda: byte_level("llama-bpe"), {"num_hidden_layers": 5}),
    "qwen2": ("Qwen2ForCausalLM", byte_level, {}),
    "qwen2, tied and stretched": (
        "Qwen2ForCausalLM", byte_level, {"tie_word_embeddings": True, "rope_parameters": YARN}
    ),
    "qwen3": ("Qwen3ForCausalLM", byte_level, {"head_dim": 32}),
    "qwen3, tied": ("Qwen3ForCausalLM", byte_level, {"head_dim": 16, "tie_word_embeddings": True}),
    "gemma2": ("Gemma2ForCausalLM", sentence_piece, {"num_hidden_layers": 3}),
    "gemma3": ("Gemma3ForCausalLM", sentence_piece, {"num_hidden_layers": 7}),
    "gemma3, stretched": (
        "Gemma3ForCausalLM", sentence_piece, {"num_hidden_layers": 7, "rope_parameters": NEAR_AND_FAR}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_converted_model_reckons_what_transformers_does(
    engine: Engine, tmp_path: Path, logits: Logits, case: str
) -> None:
    architecture, made_tokenizer, changes = CASES[case]
    tokenizer, folder = made_tokenizer(), tmp_path / "Tiny-1B"
    model = checkpoint(folder, architecture, tokenizer, **changes)
    converted = finish(engine.converting.convert(folder, Cancel()))
    tokens = tokenizer.encode(PROMPT).ids
    theirs, ours = their_logits(model, tokens), logits(converted.path, tokens)
    assert ours.shape == theirs.shape
    assert theirs.std() > 0.5, "too flat to tell anything"
    assert np.abs(ours - theirs).max() < CLOSE
    assert (converted.name, converted.origin, converted.facts.quantization) == ("Tiny-1B", ModelOrigin.MADE, "F32")


def test_a_model_that_sees_gives_its_language_model(engine: Engine, tmp_path: Path, logits: Logits) -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer, alone, folder = sentence_piece(), tmp_path / "alone", tmp_path / "Seeing"
    text = checkpoint(alone, "Gemma3ForCausalLM", tokenizer, num_hidden_layers=7)
    config = transformers.Gemma3Config(
        text_config=text.config.to_dict(), mm_tokens_per_image=4, tie_word_embeddings=True,
        vision_config={"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
                       "image_size": 28, "patch_size": 14},
    )  # fmt: skip
    seeing = transformers.Gemma3ForConditionalGeneration(config)
    seeing.model.language_model.load_state_dict(text.model.state_dict())
    seeing.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    converted = finish(engine.converting.convert(folder, Cancel()))
    tokens = tokenizer.encode(PROMPT).ids
    assert np.abs(logits(converted.path, tokens) - their_logits(text, tokens)).max() < CLOSE


@pytest.mark.parametrize(("form", "apart"), [("F16", 0.05), ("BF16", 0.4), ("Q8_0", 0.4)])
def test_smaller_forms_stay_close_to_the_model(
    engine: Engine, tmp_path: Path, logits: Logits, form: str, apart: float
) -> None:
    tokenizer, folder = byte_level("llama-bpe"), tmp_path / "Tiny-1B"
    model = checkpoint(folder, "LlamaForCausalLM", tokenizer)
    converted = finish(engine.converting.convert(folder, Cancel(), form=form))
    tokens = tokenizer.encode(PROMPT).ids
    assert np.abs(logits(converted.path, tokens) - their_logits(model, tokens)).max() < apart
    assert (converted.name, converted.facts.quantization) == (f"Tiny-1B-{form}", form)


@pytest.mark.parametrize(("form", "kept"), [("bfloat16", "BF16"), ("float16", "F16")])
def test_weights_keep_the_form_that_they_are_in_bit_for_bit(
    engine: Engine, tmp_path: Path, logits: Logits, form: str, kept: str
) -> None:
    tokenizer, folder = byte_level(), tmp_path / "Tiny-1B"
    model = checkpoint(folder, "Qwen2ForCausalLM", tokenizer, form=form, several=True)
    converted = finish(engine.converting.convert(folder, Cancel()))
    wide = finish(engine.converting.convert(folder, Cancel(), form="F32"))
    assert len(list(folder.glob("*.safetensors"))) > 2
    assert converted.facts.quantization == kept
    tokens, again = tokenizer.encode(PROMPT).ids, type(model).from_pretrained(folder, dtype="float32")
    assert np.abs(logits(wide.path, tokens) - their_logits(again, tokens)).max() < CLOSE
