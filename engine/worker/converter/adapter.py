"""A LoRA adapter as PEFT writes it, as a GGUF file.

PEFT keeps for each matrix two narrow ones, and multiplies what they add by alpha / rank; llama.cpp does the same with
one alpha for all, and with the rank of each pair. Sources: the configuration and `LoraLayer.update_layer` of PEFT;
llama_adapter_lora_init_impl in llama-adapter.cpp.
"""

import ctypes
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import llama_cpp as lib

from engine.errors import from_os_error
from engine.worker.converter import credits
from engine.worker.converter.checkpoint import WEIGHTS, weights
from engine.worker.converter.families import BY_ARCHITECTURE, Family
from engine.worker.converter.making import Moved, write_head, write_weights
from engine.worker.converter.planning import ARCHITECTURES, Planned
from engine.worker.converter.safetensors_file import Stored
from engine.worker.converter.sources import Damaged, Sources, number, whole
from engine.worker.model.llama import complaints

CONFIG, WEIGHTS_FILE = "adapter_config.json", "adapter_model.safetensors"
_HALF = re.compile(r"base_model\.model\.(.+)\.lora_([AB])(?:\.default)?\.weight")
_ENDS = {"A": ".lora_a", "B": ".lora_b"}


class Base:
    """What has to be known of the model that an adapter was trained for, as its GGUF file says."""

    def __init__(self, path: Path) -> None:
        """Raises `Damaged` for a model of another family than those that are converted."""
        params = lib.llama_model_default_params()
        params.vocab_only = True
        complaints.forget()
        model = lib.llama_model_load_from_file(os.fsencode(path), params)
        if not model:
            raise Damaged(f"llama.cpp does not load the model that it is for: {complaints.why()}")
        architecture = _said(model, "general.architecture")
        try:
            if architecture not in BY_ARCHITECTURE:
                raise Damaged(f"the model that it is for is of the architecture {architecture[:40]}, "
                              "for which adapters are not converted")  # fmt: skip
            self.family: Family = BY_ARCHITECTURE[architecture]
            self.layers = _count(model, f"{architecture}.block_count")
            self.heads = _count(model, f"{architecture}.attention.head_count")
            self.key_heads = _count(model, f"{architecture}.attention.head_count_kv") or self.heads
        finally:
            lib.llama_model_free(model)


def made(sources: Sources, to: Path, base: Path, name: str, moved: Moved) -> int:
    """Write the adapter in `sources`, for the model in `base`, to `to`; its size. Raises as `making.made`."""
    config, model = sources.json(CONFIG), Base(base)
    alpha = alpha_of(config)
    plan = planned(model, weights(sources, WEIGHTS_FILE))
    writer = gguf.GGUFWriter(to, model.family.architecture)
    writer.add_type("adapter")
    writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
    writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, alpha)
    writer.add_name(name)
    named = config.get("base_model_name_or_path")
    if isinstance(named, str) and re.fullmatch(r"[\w.-]+/[\w.-]+", named):
        credits.describe_bases(writer, [named])
    try:
        return write_weights(plan, to, write_head(writer, plan, to), moved)
    except OSError as error:
        raise from_os_error(error, to.parent) from error


def alpha_of(config: Mapping[str, Any]) -> float:
    """The alpha that llama.cpp is to divide by the rank. Raises `Damaged` for what it cannot do, by name."""
    if config.get("peft_type") != "LORA":
        raise Damaged(f"it is an adapter of the kind {str(config.get('peft_type'))[:40]}, and only LoRA is converted")
    if config.get("use_dora"):
        raise Damaged("it is an adapter of the kind DoRA, and only LoRA is converted")
    for name in ("modules_to_save", "alpha_pattern", "layer_replication", "trainable_token_indices"):
        if config.get(name):
            raise Damaged(f"its adapter_config.json wishes for {name}, which llama.cpp does not do")
    if config.get("bias", "none") != "none" or config.get("lora_bias") or config.get("fan_in_fan_out"):
        raise Damaged("it changes more than matrices, which llama.cpp does not do")
    if not config.get("use_rslora"):
        return number(config, "lora_alpha")
    if config.get("rank_pattern"):
        raise Damaged("its adapter_config.json wishes for rank_pattern, which llama.cpp does not do")
    return float(number(config, "lora_alpha") * whole(config, "r") ** 0.5)


def planned(model: Base, tensors: Mapping[str, Stored]) -> list[Planned]:
    """The halves of every pair, in llama.cpp's names and order. Raises `Damaged`."""
    names = gguf.get_tensor_name_map(ARCHITECTURES[model.family.architecture], model.layers)
    found: dict[str, Planned] = {}
    for tensor in tensors.values():
        half = _HALF.fullmatch(tensor.name)
        ours = names.get_name(_plain(model.family, half[1])) if half else None
        if half is None or ours is None:
            raise Damaged(f"it changes {tensor.name[:80]!r}, which is not converted")
        if tensor.form not in WEIGHTS or len(tensor.shape) != 2 or not all(tensor.shape):
            raise Damaged(f"its tensor {tensor.name[:80]!r} is in the form {tensor.form}, which is not converted")
        heads = 0
        if model.family.permuted and half[2] == "B":
            heads = model.heads if ours.endswith(".attn_q") else model.key_heads if ours.endswith(".attn_k") else 0
        if heads and tensor.shape[0] % (2 * heads):
            raise Damaged(f"it changes {tensor.name[:80]!r} in another size than the model that it is for has")
        name = f"{ours}.weight{_ENDS[half[2]]}"
        found[name] = Planned(name=name, form=tensor.form, shape=tensor.shape, source=tensor, heads=heads)
    if not found:
        raise Damaged("it changes nothing")
    return [found[name] for name in sorted(found)]


def _plain(family: Family, name: str) -> str:
    prefix = next((prefix for prefix in family.prefixes if name.startswith(prefix)), "")
    return "model." + name.removeprefix(prefix) if prefix else name


def _said(model: object, key: str) -> str:
    buffer = ctypes.create_string_buffer(256)
    lib.llama_model_meta_val_str(model, key.encode(), buffer, len(buffer))
    return buffer.value.decode("utf-8", "replace")


def _count(model: object, key: str) -> int:
    said = _said(model, key)
    return int(said) if said.isascii() and said.isdecimal() else 0
