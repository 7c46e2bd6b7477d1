"""An adapter's file is judged before llama.cpp sees it: by itself, and beside the model it is attached to."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import AdapterNotForModel, ModelDamaged
from engine.runtime.gguf import must_adapt, read_facts
from engine.types import Adapter, Model
from tests.fakes.tiny_gguf import EMBEDDING, FEED_FORWARD, TOKENS, tiny_model
from tests.fakes.tiny_lora import RANK, Lora

QUERY = "blk.0.attn_q.weight"
A, B = f"{QUERY}.lora_a", f"{QUERY}.lora_b"


def numbers(*shape: int, kind: type[np.generic] = np.float32) -> np.ndarray:
    return np.zeros(shape, kind)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return tiny_model(tmp_path_factory.mktemp("models") / "tiny.gguf")


def test_an_adapter_says_what_it_is_and_what_it_was_made_from(tmp_path: Path) -> None:
    facts = read_facts(Lora().write(tmp_path / "lora.gguf"))
    assert (facts.use, facts.architecture, facts.name, facts.base) == ("adapter", "llama", "tiny lora 1", "tiny 0")
    assert facts.parameters == sum(a.size + b.size for a, b in Lora().halves.values())


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"entries": {"adapter.type": "control_vector"}}, "of another kind than LoRA"),
        ({"left_out": ["adapter.type"]}, "of another kind than LoRA"),
        ({"entries": {"adapter.lora.alpha": 8}}, "not a number with a fraction"),
        ({"entries": {"adapter.lora.alpha": float("inf")}}, "not a usable number"),
        ({"entries": {"adapter.alora.invocation_tokens": [1, 2]}}, "aLoRA"),
        ({"entries": {"split.count": 2}}, "in several files"),
        ({"tensors": {A: None}}, "there only in half"),
        ({"tensors": {"blk.0.attn_q.weight": numbers(8, 8)}}, "is no part of an adapter"),
        ({"tensors": {".lora_a": numbers(8, 8)}}, "is no part of an adapter"),
        ({"tensors": {"a.lora_b.weight.lora_a": numbers(8, 8)}}, "is no part of an adapter"),
        ({"tensors": {A: numbers(RANK, EMBEDDING, kind=np.int32)}}, "written in I32"),
        ({"tensors": {f"{name}.lora_{end}": None for name in Lora().halves for end in "ab"}}, "changes nothing"),
    ],
)  # fmt: skip
def test_an_adapter_that_breaks_a_rule_is_refused_with_the_reason(
    tmp_path: Path, how: dict[str, object], why: str
) -> None:
    path = Lora().write(tmp_path / "lora.gguf", **how)
    with pytest.raises(ModelDamaged, match=why):
        read_facts(path)


def test_an_adapter_of_an_architecture_with_rules_of_its_own_needs_to_keep_none_of_them(tmp_path: Path) -> None:
    for architecture in ("qwen3vl", "smallthinker"):
        facts = read_facts(Lora().write(tmp_path / "lora.gguf", architecture=architecture))
        assert facts.architecture == architecture


WORDS = {
    "token_embd.weight.lora_a": numbers(len(TOKENS), RANK),
    "token_embd.weight.lora_b": numbers(EMBEDDING, RANK),
}


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"architecture": "qwen3"}, "architecture qwen3, and this one is of llama"),
        ({"tensors": {"blk.9.a.weight.lora_a": numbers(4, 64), "blk.9.a.weight.lora_b": numbers(64, 4)}},
         "'blk.9.a.weight', which this model does not have"),
        ({"tensors": {A: numbers(RANK, FEED_FORWARD)}}, "in another size"),
        ({"tensors": {B: numbers(EMBEDDING, RANK + 1)}}, "in another size"),
        ({"tensors": {B: numbers(FEED_FORWARD, RANK)}}, "in another size"),
        ({"tensors": {A: numbers(2, RANK, EMBEDDING)}}, "in another size"),
        ({"tensors": {A: numbers(2, RANK, EMBEDDING), B: numbers(2, EMBEDDING, RANK)}}, "in another size"),
        ({"tensors": WORDS}, "also picks its words with"),
        ({"tensors": WORDS | {"token_embd.weight.lora_b": numbers(EMBEDDING, RANK + 1)}}, "in another size"),
    ],
)  # fmt: skip
def test_an_adapter_that_does_not_go_with_the_model_is_refused_with_the_reason(
    tmp_path: Path, model: Model, how: dict[str, object], why: str
) -> None:
    path = Lora().write(tmp_path / "lora.gguf", **how)
    read_facts(path)
    with pytest.raises(AdapterNotForModel, match=why):
        must_adapt([Adapter(id=2, name="lora", path=path)], model)


def test_an_adapter_made_for_the_model_is_taken(tmp_path: Path, model: Model) -> None:
    norm = {"blk.0.attn_norm.weight": numbers(EMBEDDING)}  # llama.cpp passes over these
    for tensors in ({}, norm):
        must_adapt([Adapter(id=2, name="lora", path=Lora().write(tmp_path / "lora.gguf", tensors=tensors))], model)
