"""How wide a model's heads are, and how much of one is turned by its position: what does not fit ends llama.cpp.

Source: `ggml_compute_forward_rope_flt` asserts that what is turned is even and not wider than the head;
`graph` of the architectures named here (src/models) that a whole head is turned, and that keys and values are
of one width. Read in llama.cpp as llama-cpp-python 0.3.36 carries it; the first was also seen to end it.
"""

from engine.runtime.gguf_header import Damaged, Listed, Value

_WHOLE_HEADS = frozenset({
    "apertus", "arcee", "arctic", "baichuan", "chameleon", "codeshell", "cogvlm", "cohere2moe", "dbrx", "deci",
    "deepseek", "dots1", "dream", "ernie4_5", "ernie4_5-moe", "exaone", "exaone-moe", "exaone4", "falcon", "granite",
    "granite_swa", "granitemoe", "graniteswitch", "grok", "grovemoe", "hunyuan-dense", "hunyuan-moe", "hunyuan_vl",
    "hy_v3", "internlm2", "jais2", "llada", "llada-moe", "llama", "llama-embed", "llama4", "maincoder", "mellum",
    "minicpm", "mistral3", "olmo", "olmo2", "olmoe", "orion", "paddleocr", "pangu-embedded", "plamo", "pockettts",
    "qwen2", "qwen2moe", "qwen2vl", "qwen3", "qwen3moe", "qwen3vl", "qwen3vlmoe", "rnd1", "seed_oss", "smallthinker",
    "smollm3", "starcoder2", "talkie", "xverse",
})  # fmt: skip
# Nothing is turned in these (llama_model_rope_type), whatever the file says of it.
NOT_TURNED = frozenset({
    "gpt2", "gptj", "mpt", "refact", "bloom", "mamba", "mamba2", "jamba", "jina-bert-v2", "t5", "t5encoder", "jais",
    "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7", "wavtokenizer-dec", "nemotron_h", "nemotron_h_moe", "kimi-linear",
    "kimi-k3", "glm5_next",
})  # fmt: skip
# These have a width of their own for what is turned: latent attention, and layers that look only a little way back.
_APART = (
    "attention.kv_lora_rank",
    "attention.key_length_swa",
    "attention.value_length_swa",
    "rope.dimension_count_swa",
)


def check_heads(values: dict[str, Value]) -> None:
    """Raise `Damaged` where a head does not fit what its architecture does with it."""
    prefix = values["general.architecture"]
    heads = _first(values.get(f"{prefix}.attention.head_count"))
    if prefix in NOT_TURNED or not heads or any(f"{prefix}.{name}" in values for name in _APART):
        return
    equal = _first(values.get(f"{prefix}.embedding_length")) // heads
    keys = _first(values.get(f"{prefix}.attention.key_length")) or equal
    if not keys:
        return
    key = f"{prefix}.rope.dimension_count"
    turned = _first(values[key]) if key in values else keys
    if prefix not in _WHOLE_HEADS:
        if key in values and (turned > keys or turned % 2):
            raise Damaged(f"its entry {key!r} is {turned}, and an even number of at most {keys} can be")
        return
    if turned != keys:
        raise Damaged(f"its entry {key!r} is {turned}, and its heads are {keys} wide")
    if (beside := _first(values.get(f"{prefix}.attention.value_length")) or equal) != keys:
        raise Damaged(f"its heads are {keys} wide for keys and {beside} for values, which cannot be")


def _first(value: Value | None) -> int:
    """A whole number of the header, of the first layer where there is one for each; 0 where there is none."""
    if isinstance(value, Listed):
        return int(value.numbers[0]) if value.numbers else 0
    return value if isinstance(value, int) else 0
