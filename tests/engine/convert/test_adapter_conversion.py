"""A LoRA adapter as PEFT writes it works on a converted model as on the model that it was trained for."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.engine import Cancel, Engine, finish
from engine.errors import AdapterNotForModel, NotFound, TextNotAccepted
from engine.worker.converter import adapter, making
from engine.worker.converter.sources import Damaged, Sources
from tests.engine.convert.conftest import our_logits
from tests.fakes.checkpoints import byte_level, checkpoint, sentence_piece, their_logits

RANK, ALPHA = 4, 6.0
PROMPT = "The kettle was still warm when she came back."
MATRICES = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj")


def trained(folder: Path, model: Any, *, scale: float = ALPHA / RANK, ranks: dict[str, int] | None = None,
            **says: Any) -> Path:  # fmt: skip
    """An adapter in PEFT's form; what it adds is added to `model` too, `scale` times."""
    import torch

    chance, tensors = np.random.default_rng(3), {}
    for name, weight in model.named_parameters():
        matrix = name.removesuffix(".weight")
        if not matrix.endswith(MATRICES):
            continue
        rank = (ranks or {}).get(matrix.rsplit(".", 1)[-1], RANK)
        a = chance.standard_normal((rank, weight.shape[1]), dtype=np.float32) * np.float32(0.2)
        b = chance.standard_normal((weight.shape[0], rank), dtype=np.float32) * np.float32(0.2)
        tensors[f"base_model.model.{matrix}.lora_A.weight"] = a
        tensors[f"base_model.model.{matrix}.lora_B.weight"] = b
        with torch.no_grad():
            weight.add_(torch.from_numpy(np.float32(scale * RANK / rank) * (b @ a)))
    folder.mkdir()
    save_file(tensors, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "r": RANK, "lora_alpha": ALPHA, "bias": "none", "use_dora": False,
            "base_model_name_or_path": "somebody/Tiny-1B", "modules_to_save": None} | says  # fmt: skip
    (folder / "adapter_config.json").write_text(json.dumps(said))
    return folder


@pytest.mark.parametrize(
    ("architecture", "changes"),
    [("LlamaForCausalLM", {}), ("Qwen2ForCausalLM", {}), ("Qwen3ForCausalLM", {"head_dim": 32}),
     ("Gemma2ForCausalLM", {}), ("Gemma3ForCausalLM", {"num_hidden_layers": 7}), ("SmolLM3ForCausalLM", {})],
)  # fmt: skip
def test_an_adapter_changes_a_converted_model_as_it_changes_the_trained_one(
    engine: Engine, tmp_path: Path, architecture: str, changes: dict[str, Any]
) -> None:
    tokenizer = sentence_piece() if architecture.startswith("Gemma") else byte_level()
    model = checkpoint(tmp_path / "Tiny-1B", architecture, tokenizer, **changes)
    base = finish(engine.converting.convert(tmp_path / "Tiny-1B", Cancel()))
    tokens = tokenizer.encode(PROMPT).ids
    plain = their_logits(model, tokens)
    folder = trained(tmp_path / "My-adapter", model)
    made = finish(engine.converting.convert(folder, Cancel(), base_id=base.id))
    assert (made.name, made.facts.use, made.facts.base) == ("My-adapter", "adapter", "Tiny-1B")
    changed = their_logits(model, tokens)
    assert np.abs(changed - plain).max() > 0.5
    assert np.abs(our_logits(base.path, tokens, made.path) - changed).max() < 1e-2
    attached = finish(engine.models.adapters.attach(base.id, made.id, Cancel()))
    assert [one.id for one in attached.adapters] == [made.id]


@pytest.mark.parametrize(
    ("scale", "ranks", "says"),
    [
        (ALPHA / RANK**0.5, None, {"use_rslora": True}),
        (ALPHA / RANK, {"q_proj": 2}, {"rank_pattern": {"q_proj": 2}}),
    ],
)  # fmt: skip
def test_other_ways_to_weigh_an_adapter_are_kept(
    engine: Engine, tmp_path: Path, scale: float, ranks: dict[str, int] | None, says: dict[str, Any]
) -> None:
    tokenizer = byte_level("llama-bpe")
    model = checkpoint(tmp_path / "Tiny-1B", "LlamaForCausalLM", tokenizer)
    base = finish(engine.converting.convert(tmp_path / "Tiny-1B", Cancel()))
    folder, tokens = trained(tmp_path / "a", model, scale=scale, ranks=ranks, **says), tokenizer.encode(PROMPT).ids
    made = finish(engine.converting.convert(folder, Cancel(), base_id=base.id))
    assert np.abs(our_logits(base.path, tokens, made.path) - their_logits(model, tokens)).max() < 1e-2


def said(folder: Path, **values: Any) -> None:
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def renamed(folder: Path, old: str, new: str) -> None:
    tensors = load_file(folder / "adapter_model.safetensors")
    save_file({name.replace(old, new): value for name, value in tensors.items()}, folder / "adapter_model.safetensors")


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda f: said(f, peft_type="LOHA"), "kind LOHA, and only LoRA"),
        (lambda f: said(f, use_dora=True), "DoRA"),
        (lambda f: said(f, modules_to_save=["lm_head"]), "wishes for modules_to_save"),
        (lambda f: said(f, bias="all"), "more than matrices"),
        (lambda f: said(f, alpha_pattern={"q_proj": 3}), "wishes for alpha_pattern"),
        (lambda f: said(f, use_rslora=True, rank_pattern={"q_proj": 3}), "wishes for rank_pattern"),
        (lambda f: said(f, lora_alpha="much"), "used for lora_alpha"),
        (lambda f: renamed(f, "lora_A.weight", "lora_magnitude_vector"), "which is not converted"),
        (lambda f: renamed(f, "self_attn.q_proj", "router"), "which is not converted"),
        (lambda f: (f / "adapter_model.safetensors").rename(f / "other.safetensors"), "no adapter_model.safetensors"),
    ],
)
def test_an_adapter_of_another_kind_is_refused_by_name(
    tmp_path: Path, whole: Path, spoil: Callable[[Path], None], why: str
) -> None:
    folder = tmp_path / "a"
    shutil.copytree(whole / "a", folder)
    spoil(folder)
    sources = Sources(str(folder), {path.name: str(path) for path in folder.iterdir()})
    with pytest.raises(Damaged, match=why):
        adapter.made(sources, tmp_path / "new.gguf", whole / "base.gguf", "a", lambda done, total: None)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an adapter in `a`, and its model converted."""
    place = tmp_path_factory.mktemp("whole")
    model = checkpoint(place / "Tiny-1B", "LlamaForCausalLM", byte_level("llama-bpe"))
    trained(place / "a", model)
    sources = Sources(str(place), {path.name: str(path) for path in (place / "Tiny-1B").iterdir()})
    making.made(sources, place / "base.gguf", "", "Tiny-1B", "", lambda done, total: None)
    return place


def test_an_adapter_needs_the_model_that_it_was_trained_for(engine: Engine, tmp_path: Path) -> None:
    model = checkpoint(tmp_path / "Tiny-1B", "LlamaForCausalLM", byte_level("llama-bpe"))
    folder = trained(tmp_path / "a", model)
    with pytest.raises(TextNotAccepted, match="say for which model"):
        finish(engine.converting.convert(folder, Cancel()))
    with pytest.raises(NotFound):
        finish(engine.converting.convert(folder, Cancel(), base_id=7))
    checkpoint(tmp_path / "Other", "LlamaForCausalLM", byte_level("llama-bpe"), intermediate_size=64)
    other = finish(engine.converting.convert(tmp_path / "Other", Cancel()))
    with pytest.raises(AdapterNotForModel, match="in another size"):
        finish(engine.converting.convert(folder, Cancel(), base_id=other.id))
    assert [path.name for path in engine.places.models.iterdir()] == [other.path.name]
