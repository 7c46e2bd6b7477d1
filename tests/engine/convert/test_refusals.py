"""What cannot be converted is refused by name, before a weight is written, and leaves nothing."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.convert.folder import looked_at
from engine.engine import Cancel, Engine, finish
from engine.errors import CheckpointNotUsable, FileMissing, FileNotReadable, TextNotAccepted
from engine.worker.converter import making
from engine.worker.converter.sources import Damaged, Sources
from tests.fakes.checkpoints import byte_level, checkpoint, sentence_piece


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that can be converted, made once."""
    folder = tmp_path_factory.mktemp("whole") / "Tiny-1B"
    checkpoint(folder, "LlamaForCausalLM", byte_level("llama-bpe"))
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, to be spoilt."""
    return Path(shutil.copytree(whole, tmp_path / "Tiny-1B"))


def changed(folder: Path, name: str, **values: Any) -> None:
    """Change what a file of JSON says; None takes it out."""
    path = folder / name
    said = json.loads(path.read_text(encoding="utf-8")) | values
    path.write_text(json.dumps({key: value for key, value in said.items() if value is not None}), encoding="utf-8")


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the weights."""
    tensors: dict[str, Any] = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


NORM = "model.layers.0.input_layernorm.weight"
QUERY = "model.layers.1.self_attn.q_proj.weight"
Spoil = Callable[[Path], Any]


def says(**values: Any) -> Spoil:
    """Have config.json say something else."""
    return lambda folder: changed(folder, "config.json", **values)


def holds(name: str, raw: bytes) -> Spoil:
    """Have a file hold something else."""
    return lambda folder: (folder / name).write_bytes(raw)


def lacks(name: str) -> Spoil:
    """Take a file away."""
    return lambda folder: (folder / name).unlink()


def without(name: str) -> Spoil:
    """Take a tensor away."""
    return lambda folder: rewritten(folder, lambda tensors: tensors.pop(name))


def with_weights(*names: str, be: Callable[[Any], Any]) -> Spoil:
    """Have tensors be something else."""
    return lambda folder: rewritten(folder, lambda tensors: [tensors.update({n: be(tensors.get(n))}) for n in names])


DYNAMIC = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}
OTHER = "model.layers.0.adapter.weight"
WORDS, OUTPUT = "model.embed_tokens.weight", "lm_head.weight"
SPOILT: dict[str, tuple[str, Spoil]] = {
    "another architecture": ("architecture MambaForCausalLM are not", says(architectures=["MambaForCausalLM"])),
    "no architecture": ("names no architecture", says(architectures=[])),
    "quantized weights": ("quantized already \\(gptq\\)", says(quantization_config={"quant_method": "gptq"})),
    "another activation": ("layers use relu2", says(hidden_act="relu2")),
    "positions told otherwise": ("positions by dynamic", says(rope_parameters=DYNAMIC)),
    "a part of each head": ("only a part of each head", says(partial_rotary_factor=0.5)),
    "heads that do not go together": ("heads do not go together", says(num_key_value_heads=3)),
    "no number": ("num_hidden_layers", says(num_hidden_layers="two")),
    "more layers than any": ("num_hidden_layers", says(num_hidden_layers=10**9)),
    "a lying width": ("llama.cpp does not load", says(intermediate_size=97)),
    "no config": ("there is no config.json", lacks("config.json")),
    "no tokenizer": ("there is no tokenizer.json", lacks("tokenizer.json")),
    "a config that is no JSON": ("config.json is not JSON", holds("config.json", b"{")),
    "a config too deep": ("config.json is not JSON", holds("config.json", b"[" * 100_000)),
    "a config that is no object": ("config.json holds no object", holds("config.json", b"[]")),
    "a config that is no text": ("not text", holds("config.json", b"\xff\xfe")),
    "a huge config": ("larger than any", holds("config.json", b" " * (5 << 20))),
    "a tokenizer that is none": ("the tokenizers library reads", holds("tokenizer.json", b"{}")),
    "more tokens than weights": ("knows a token", with_weights(WORDS, OUTPUT, be=lambda old: old[:50])),
    "a tensor too many": (f"'{OTHER}', which its", with_weights(OTHER, be=lambda _: np.ones(3, np.float32))),
    "a tensor lacking": ("does not load what it would become: .*blk.0.attn_norm", without(NORM)),
    "no words": ("vectors of its words", without(WORDS)),
    "no output": ("what chooses its words", without(OUTPUT)),
    "whole numbers": ("form I8, which is not", with_weights(QUERY, be=lambda old: old.astype(np.int8))),
    "64 bits": ("form F64, which is not", with_weights(QUERY, be=lambda old: old.astype(np.float64))),
    "heads of another size": ("has a size that", with_weights(QUERY, be=lambda old: old[:60].copy())),
    "three dimensions": ("has a size that", with_weights(QUERY, be=lambda old: old.reshape(4, 16, 64))),
    "another width": ("llama.cpp does not load", with_weights(NORM, be=lambda _: np.ones(65, np.float32))),
    "a template that is none": (
        "chat_template", lambda f: changed(f, "tokenizer_config.json", chat_template=[{"name": 1}])
    ),
}  # fmt: skip


def converted(folder: Path) -> tuple[int, int]:
    """As the process does it, in this one."""
    sources = Sources(str(folder), {name: str(path) for name, path in looked_at(folder).files.items()})
    return making.made(sources, folder.with_name("new.gguf"), "", "a", "", lambda done, total: None)


@pytest.mark.parametrize("case", SPOILT)
def test_what_cannot_be_converted_is_refused_with_its_reason(folder: Path, case: str) -> None:
    why, spoil = SPOILT[case]
    spoil(folder)
    with pytest.raises(Damaged, match=why):
        converted(folder)


@pytest.mark.parametrize("case", ["another architecture", "a tensor lacking", "a tokenizer that is none"])
def test_what_is_refused_leaves_nothing(engine: Engine, folder: Path, tidy: Callable[[], bool], case: str) -> None:
    why, spoil = SPOILT[case]
    spoil(folder)
    with pytest.raises(CheckpointNotUsable, match=f"Tiny-1B cannot be converted: .*{why}"):
        finish(engine.converting.convert(folder, Cancel()))
    assert tidy()
    assert engine.models.all() == ()


@pytest.mark.parametrize(
    ("architecture", "changes", "why"),
    [
        ("Gemma2ForCausalLM", {"query_pre_attn_scalar": 12}, "scales its attention"),
        ("Gemma3ForCausalLM", {"sliding_window_pattern": 3}, "look back in another order"),
        ("Gemma3ForCausalLM", {"attn_logit_softcapping": 30.0}, "caps its attention"),
        ("Gemma3ForCausalLM", {"use_bidirectional_attention": True}, "looks ahead"),
        ("Qwen2ForCausalLM", {"use_sliding_window": True}, "only a little way back"),
        ("SmolLM3ForCausalLM", {"no_rope_layers": [1, 1]}, ""),
        ("SmolLM3ForCausalLM", {"no_rope_layers": [1, 0]}, "know no positions"),
    ],
)  # fmt: skip
def test_what_llama_cpp_would_reckon_otherwise_is_refused(
    tmp_path: Path, architecture: str, changes: dict[str, Any], why: str
) -> None:
    tokenizer = sentence_piece() if architecture.startswith("Gemma") else byte_level()
    checkpoint(tmp_path / "a", architecture, tokenizer)
    if "sliding_window_pattern" in changes:
        changed(tmp_path / "a", "config.json", layer_types=None, _sliding_window_pattern=None)
    changed(tmp_path / "a", "config.json", **changes)
    if not why:
        assert converted(tmp_path / "a")[1] > 500
        return
    with pytest.raises(Damaged, match=why):
        converted(tmp_path / "a")


def test_pickles_are_refused_unopened(engine: Engine, folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    with pytest.raises(CheckpointNotUsable, match="pytorch_model.bin, a kind of file that can run anything"):
        finish(engine.converting.convert(folder, Cancel()))
    (folder / "pytorch_model.bin").unlink()
    with pytest.raises(CheckpointNotUsable, match="no file of safetensors"):
        finish(engine.converting.convert(folder, Cancel()))
    with pytest.raises(FileMissing):
        finish(engine.converting.convert(folder / "nowhere", Cancel()))
    with pytest.raises(TextNotAccepted, match="there are F16"):
        finish(engine.converting.convert(folder, Cancel(), form="Q4_K_M"))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("../../outside.safetensors", "there is no ../../outside.safetensors in it"),
        ("/etc/passwd", "which is no file of safetensors"),
        ("/etc/x.safetensors", "there is no /etc/x.safetensors"),
        ("model-2.safetensors", "there is no model-2"),
        ("model.safetensors", "'nothing.weight', which is not where it says"),
    ],
)  # fmt: skip
def test_an_index_leads_nowhere_but_to_what_is_in_the_folder(folder: Path, tmp_path: Path, told: str, why: str) -> None:
    shutil.copy(folder / "model.safetensors", tmp_path / "outside.safetensors")
    index = {"weight_map": dict.fromkeys((*load_file(folder / "model.safetensors"), "nothing.weight"), told)}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(Damaged, match=why.replace(".", r"\.")):
        converted(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_out_of_the_folder_is_not_followed_and_one_of_the_hubs_own_cache_is(
    engine: Engine, folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "hub" / "models--somebody--Tiny-1B"
    snapshot = cache / "snapshots" / "0123"
    snapshot.mkdir(parents=True)
    (cache / "blobs").mkdir()
    for number, path in enumerate(sorted(folder.iterdir())):
        shutil.copy(path, cache / "blobs" / str(number))
        (snapshot / path.name).symlink_to(Path("../../blobs") / str(number))
    found = looked_at(snapshot)
    assert (found.name, found.repository) == ("Tiny-1B", "somebody/Tiny-1B")
    assert finish(engine.converting.convert(snapshot, Cancel())).name == "Tiny-1B"
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer_config.json").symlink_to(secret)
    with pytest.raises(CheckpointNotUsable, match="tokenizer_config.json is a link that leads out"):
        looked_at(folder)
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer_config.json").symlink_to("nowhere")
    with pytest.raises(FileMissing):
        looked_at(folder)
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer_config.json").symlink_to("tokenizer_config.json")
    with pytest.raises((CheckpointNotUsable, FileNotReadable), match="a link in it|symbolic links"):
        looked_at(folder)
    (folder / "tokenizer_config.json").unlink()
    os.mkfifo(folder / "tokenizer_config.json")
    with pytest.raises(CheckpointNotUsable, match="is no file"):
        looked_at(folder)
