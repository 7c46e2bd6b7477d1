"""The families of models that are converted: what is in their config.json, and what llama.cpp is to be told of it.

config.json leaves out what a family usually has, so its usual values stand here. What llama.cpp would reckon otherwise
than the model is refused by name. Sources: the configuration classes of transformers for the usual values; for what
llama.cpp reads and takes for granted, `load_arch_hparams` of each family in its src/models.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.worker.converter.rope import Rope, rope_of
from engine.worker.converter.sources import Damaged, number, whole

MOST_LAYERS = 1024


@dataclass(frozen=True, kw_only=True)
class Family:
    """What is the same for all models of a family.

    `architecture` is llama.cpp's name. `permuted`: llama.cpp pairs the numbers of a head otherwise when it turns them
    by their position. `norm_plus`: what is added to the weights of norms. `window_every`: every so many layers one
    looks all the way back, 0 for all of them. `prefixes` lead to the language model among the weights, and `others` to
    what is not of it.
    """

    architecture: str
    usual: Mapping[str, Any]
    permuted: bool = False
    norm_plus: float = 0.0
    activation: str = "silu"
    window_every: int = 0
    rope_kinds: tuple[str, ...] = ("default", "linear", "yarn")
    prefixes: tuple[str, ...] = ("model.",)
    others: tuple[str, ...] = ()


_LLAMA: dict[str, Any] = {
    "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
    "rms_norm_eps": 1e-6, "max_position_embeddings": 2048, "vocab_size": 32000, "rope_theta": 10000.0,
    "tie_word_embeddings": False,
}  # fmt: skip
_QWEN = _LLAMA | {"intermediate_size": 22016, "max_position_embeddings": 32768, "vocab_size": 151936}
_GEMMA: dict[str, Any] = {
    "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8,
    "num_key_value_heads": 4, "head_dim": 256, "rms_norm_eps": 1e-6, "sliding_window": 4096,
    "query_pre_attn_scalar": 256, "tie_word_embeddings": True,
}  # fmt: skip
_GEMMA2 = Family(
    architecture="gemma2", norm_plus=1.0, activation="gelu_pytorch_tanh", window_every=2, rope_kinds=("default",),
    usual=_GEMMA | {"max_position_embeddings": 8192, "vocab_size": 256000, "rope_theta": 10000.0,
                    "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0},
)  # fmt: skip
_GEMMA3 = Family(
    architecture="gemma3", norm_plus=1.0, activation="gelu_pytorch_tanh", window_every=6,
    rope_kinds=("default", "linear"),
    usual=_GEMMA | {"max_position_embeddings": 131072, "vocab_size": 262208, "rope_theta": 1_000_000.0,
                    "rope_local_base_freq": 10000.0},
    prefixes=("model.language_model.", "language_model.model.", "model."),
    others=("vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector."),
)  # fmt: skip
FAMILIES: dict[str, Family] = {
    "LlamaForCausalLM": Family(
        architecture="llama", usual=_LLAMA, permuted=True, rope_kinds=("default", "linear", "llama3", "yarn")
    ),
    "Qwen2ForCausalLM": Family(architecture="qwen2", usual=_QWEN),
    "Qwen3ForCausalLM": Family(architecture="qwen3", usual=_QWEN | {"head_dim": 128}),
    "Gemma2ForCausalLM": _GEMMA2,
    "Gemma3ForCausalLM": _GEMMA3,
    "Gemma3ForConditionalGeneration": _GEMMA3,
    "SmolLM3ForCausalLM": Family(
        architecture="smollm3", permuted=True,
        usual=_LLAMA | {"hidden_size": 2048, "num_hidden_layers": 36, "num_attention_heads": 16,
                        "num_key_value_heads": 4, "max_position_embeddings": 32768, "vocab_size": 128256,
                        "rope_theta": 2_000_000.0, "tie_word_embeddings": True},
    ),
}  # fmt: skip
BY_ARCHITECTURE = {family.architecture: family for family in FAMILIES.values()}
NO_ROPE_EVERY = 4  # llama.cpp takes it for granted of smollm3


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One model: its family and its measures. `windows`: how far back the layers that look a little way back look."""

    family: Family
    width: int
    feed_forward: int
    layers: int
    heads: int
    key_heads: int
    head_width: int
    epsilon: float
    context_tokens: int
    vocabulary: int
    tied: bool
    rope: Rope
    window: int = 0
    softcaps: tuple[float, float] = (0.0, 0.0)  # of attention and of what comes out; 0 for none
    said: Mapping[str, Any] = field(default_factory=dict)


def shape_of(config: Mapping[str, Any]) -> Shape:
    """The shape that a config.json describes. Raises `Damaged` for what is not converted, by name."""
    family = _family(config)
    text = config.get("text_config")
    said = {**config, **text} if isinstance(text, dict) else config
    values = {**family.usual, **{name: value for name, value in said.items() if value is not None}}
    heads, width = whole(values, "num_attention_heads"), whole(values, "hidden_size")
    shape = Shape(
        family=family, width=width, feed_forward=whole(values, "intermediate_size"),
        layers=whole(values, "num_hidden_layers", most=MOST_LAYERS), heads=heads,
        key_heads=whole(values, "num_key_value_heads", heads), head_width=whole(values, "head_dim", width // heads),
        epsilon=number(values, "rms_norm_eps"), context_tokens=whole(values, "max_position_embeddings"),
        vocabulary=whole(values, "vocab_size"), tied=values["tie_word_embeddings"] is True,
        rope=rope_of(values, family.rope_kinds),
        window=whole(values, "sliding_window") if family.window_every else 0,
        softcaps=(_cap(values, "attn_logit_softcapping"), _cap(values, "final_logit_softcapping")), said=said,
    )  # fmt: skip
    _check(shape, values)
    return shape


def _family(config: Mapping[str, Any]) -> Family:
    named = config.get("architectures")
    name = named[0] if isinstance(named, list) and named and isinstance(named[0], str) else ""
    if not name:
        raise Damaged("its config.json names no architecture")
    if name not in FAMILIES:
        raise Damaged(f"models of the architecture {name[:80]} are not converted here")
    quantized = config.get("quantization_config")
    if quantized:
        method = quantized.get("quant_method") if isinstance(quantized, dict) else ""
        raise Damaged(f"its weights are quantized already ({str(method or 'in its own way')[:40]})")
    return FAMILIES[name]


def _cap(values: Mapping[str, Any], name: str) -> float:
    return number(values, name) if values.get(name) else 0.0


def _check(shape: Shape, values: Mapping[str, Any]) -> None:
    """Raise `Damaged` for what llama.cpp would reckon otherwise."""
    family = shape.family
    activation = values.get("hidden_activation") if family.norm_plus else values.get("hidden_act")
    if activation not in (None, family.activation):
        raise Damaged(f"its layers use {str(activation)[:40]}, which llama.cpp does not for this architecture")
    if shape.heads % shape.key_heads or shape.head_width % 2:
        raise Damaged("the numbers of its heads do not go together")
    if not family.window_every and values.get("use_sliding_window") is True:
        raise Damaged("some of its layers look only a little way back, which llama.cpp does not do for it")
    if values.get("partial_rotary_factor", 1) != 1:
        raise Damaged("it turns only a part of each head, which llama.cpp does not do for it")
    if values.get("use_bidirectional_attention") is True:
        raise Damaged("it looks ahead in its text, which llama.cpp does not do for it")
    _check_layers(shape, values)
    if family.window_every:
        _check_scale(shape, values)
    if family.architecture == "gemma3" and shape.softcaps[0]:
        raise Damaged("it caps its attention, which llama.cpp does not do for this architecture")


def _check_layers(shape: Shape, values: Mapping[str, Any]) -> None:
    """Which layers look how far back, and which know no positions, is taken for granted by llama.cpp."""
    every, kinds = shape.family.window_every, values.get("layer_types")
    expected = [
        "full_attention" if not every or (layer + 1) % every == 0 else "sliding_attention"
        for layer in range(shape.layers)
    ]
    told = values.get("sliding_window_pattern", values.get("_sliding_window_pattern", every))
    if (kinds is not None and kinds != expected) or (every == 6 and kinds is None and told != every):
        raise Damaged("its layers look back in another order than llama.cpp takes for granted")
    if shape.family.architecture == "smollm3":
        turned = [int((layer + 1) % NO_ROPE_EVERY != 0) for layer in range(shape.layers)]
        if values.get("no_rope_layers", turned) != turned or values.get("no_rope_layer_interval", 4) != NO_ROPE_EVERY:
            raise Damaged("other layers of it know no positions than llama.cpp takes for granted")


def _check_scale(shape: Shape, values: Mapping[str, Any]) -> None:
    largest = {"gemma2": 46, "gemma3": 62}[shape.family.architecture]
    scale = shape.width // shape.heads if shape.layers == largest else shape.head_width
    if number(values, "query_pre_attn_scalar") != scale:
        raise Damaged("it scales its attention otherwise than llama.cpp takes for granted")
