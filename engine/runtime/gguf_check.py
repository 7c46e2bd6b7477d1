"""The rules a GGUF file has to keep before llama.cpp may see it.

llama.cpp ends its whole process on several of these (an assertion, not an error), so they are
checked here first. Source of each rule: the assertion or exception in llama.cpp named beside it.
"""

import math
from collections.abc import Mapping, Sequence

from engine.runtime.gguf_adapter import ADAPTER, check_adapter
from engine.runtime.gguf_header import ARRAY, STRING, TOKENS, Damaged, Header, Listed, Value
from engine.runtime.gguf_heads import check_heads

MOST_LAYERS = 512  # LLAMA_MAX_LAYERS, llama-model.cpp asserts it
MOST_EXPERTS = 1024  # LLAMA_MAX_EXPERTS, asserted
MOST_VOCABULARY = 2_000_000
_UINT16, _INT16, _UINT32, _INT32, _FLOAT32 = 2, 3, 4, 5, 6
_ROPE_SCALINGS = ("none", "linear", "yarn", "longrope")  # any other name is asserted away
# Their positions have several parts (llama_model_rope_type), and ggml asserts that one has a width.
_PARTED_POSITIONS = frozenset({"qwen2vl", "paddleocr", "qwen3vl", "qwen3vlmoe", "qwen35", "qwen35moe"})
_NO_TOKEN = (0xFFFFFFFF, -1)
_BYTES_OF_TEXT = tuple(byte for byte in range(256) if byte not in (0xC0, 0xC1) and byte < 0xF5)  # UTF-8 has no others
# What a whole number may be; lists (one a layer) are held to the same limits.
_LIMITS = {
    "block_count": (1, MOST_LAYERS),
    "context_length": (1, 1 << 28),
    "embedding_length": (1, 1 << 20),
    "feed_forward_length": (0, 1 << 24),
    "attention.head_count": (0, 1 << 14),
    "attention.head_count_kv": (0, 1 << 14),
    "attention.key_length": (1, 1 << 16),
    "attention.value_length": (1, 1 << 16),
    "expert_count": (0, MOST_EXPERTS),
    "expert_used_count": (0, MOST_EXPERTS),
    "rope.dimension_count": (0, 1 << 16),
    "vocab_size": (1, MOST_VOCABULARY),
}
_TEXTS = (
    "general.architecture",
    "general.name",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.chat_template",
)


def check(header: Header) -> None:
    """Raise `Damaged` for the first rule that `header` breaks."""
    _check_texts(header)
    _check_tensors(header)
    if header.values.get("general.type") == ADAPTER:
        check_adapter(header)
    else:
        _check_shape(header)
        check_heads(header.values)
    _check_numbers(header)
    _check_vocabulary(header)


def alignment(header: Header) -> int:
    """What every tensor's place is a multiple of. Raises `Damaged`."""
    value = header.values.get("general.alignment", 32)
    if "general.alignment" in header.types and header.types["general.alignment"] != _UINT32:
        raise Damaged("its alignment is not a whole number")
    if not isinstance(value, int) or value <= 0 or value & (value - 1) or value > 1 << 20:
        raise Damaged("its alignment is not a power of two")
    return value


def whole(values: Mapping[str, Value], key: str, default: int = 0) -> int:
    """A whole number of the header; the largest of a list; `default` where it is absent."""
    value = values.get(key, default)
    if isinstance(value, Listed):
        return int(max(value.numbers, default=default))
    return value if isinstance(value, int) else default


def _check_texts(header: Header) -> None:
    for key in _TEXTS:
        if header.types.get(key, STRING) != STRING:
            raise Damaged(f"its entry {key!r} is not a text")
    named = header.values.get("general.architecture")
    if not isinstance(named, str) or not named or not named.isascii() or not named.isprintable() or len(named) > 64:
        raise Damaged("it does not say of which architecture it is")


def _check_tensors(header: Header) -> None:
    """As gguf_init_from_reader: names once, one tensor straight after the other, all inside the file."""
    step = alignment(header)
    data_at = -(-header.ends_at // step) * step
    expected, last = 0, 0
    names: set[str] = set()
    for tensor in header.tensors:
        if tensor.name in names:
            raise Damaged(f"its tensor {tensor.name!r} is there twice")
        names.add(tensor.name)
        if tensor.at != expected:
            raise Damaged(f"its tensor {tensor.name!r} is not where it should be")
        last = data_at + tensor.at + tensor.size_bytes
        expected = tensor.at + -(-tensor.size_bytes // step) * step
    if last > header.size_bytes:
        raise Damaged(f"it is cut short: {in_units(header.size_bytes)} of {in_units(last)} are there")


def _check_shape(header: Header) -> None:
    values = header.values
    prefix = values["general.architecture"]
    layers = whole(values, f"{prefix}.block_count")
    for name, (least, most) in _LIMITS.items():
        key = f"{prefix}.{name}"
        if key in values:
            _check_limits(key, values[key], least, most)
    if isinstance(values.get(f"{prefix}.block_count"), Listed):
        raise Damaged(f"its entry '{prefix}.block_count' is not a whole number")
    for name in ("attention.head_count", "attention.head_count_kv", "feed_forward_length"):
        value = values.get(f"{prefix}.{name}")
        if isinstance(value, Listed) and value.count < layers:
            raise Damaged(f"its list '{prefix}.{name}' is shorter than its {layers} layers")
    experts, used = whole(values, f"{prefix}.expert_count"), whole(values, f"{prefix}.expert_used_count")
    if used > experts or (experts > 1 and not used):
        raise Damaged(f"it uses {used} of {experts} experts, which cannot be")
    if prefix == "smallthinker" and not experts:  # asserted in its file of llama.cpp
        raise Damaged("it has no experts, which cannot be")
    sections = values.get(f"{prefix}.rope.dimension_sections")
    if prefix in _PARTED_POSITIONS and not (isinstance(sections, Listed) and any(sections.numbers[:3])):
        raise Damaged(f"its entry '{prefix}.rope.dimension_sections' is missing or empty")
    if whole(values, f"{prefix}.nextn_predict_layers") > layers > 0:
        raise Damaged("it announces more prediction layers than layers")
    scaling = values.get(f"{prefix}.rope.scaling.type", "none")
    if scaling not in _ROPE_SCALINGS:
        raise Damaged(f"its entry '{prefix}.rope.scaling.type' is unknown")


def _check_limits(key: str, value: Value, least: int, most: int) -> None:
    numbers: Sequence[object] = value.numbers if isinstance(value, Listed) else (value,)
    if isinstance(value, Listed) and value.count != len(value.numbers):
        raise Damaged(f"its list {key!r} is too long")
    for number in numbers:
        if not isinstance(number, int) or isinstance(number, bool):
            raise Damaged(f"its entry {key!r} is not a whole number")
        if not least <= number <= most:
            raise Damaged(f"its entry {key!r} is {number}, and {least} to {most} can be")


def _check_numbers(header: Header) -> None:
    for key, value in header.values.items():
        if isinstance(value, float) and (not math.isfinite(value) or ("epsilon" in key and value < 0)):
            raise Damaged(f"its entry {key[:80]!r} is not a usable number")


def _check_vocabulary(header: Header) -> None:
    """As llama_vocab::impl::load: it asserts that every text is there once, as C sees them."""
    values = header.values
    tokens = values.get(TOKENS)
    if tokens is None:
        return
    if not isinstance(tokens, Listed) or tokens.type != STRING:
        raise Damaged("its vocabulary is not a list of texts")
    if not 0 < tokens.count <= MOST_VOCABULARY:
        raise Damaged(f"its vocabulary has {tokens.count} entries, which cannot be")
    seen = set(tokens.texts)
    if len(seen) != tokens.count or b"\0" in b"".join(tokens.texts):
        _check_tokens_once(tokens.texts)
    if values.get("tokenizer.ggml.model") == "llama":
        _check_bytes(seen)
    for name, types in (("scores", (_FLOAT32, _INT32)), ("token_type", (_INT32,))):
        beside = values.get(f"tokenizer.ggml.{name}")
        if beside is None:
            continue
        if not isinstance(beside, Listed) or beside.type not in types:
            raise Damaged(f"its list 'tokenizer.ggml.{name}' is of the wrong type")
        if beside.count != tokens.count:
            raise Damaged(f"its vocabulary has {tokens.count} entries and its list of {name} {beside.count}")
    merges = values.get("tokenizer.ggml.merges")
    if merges is not None and not (isinstance(merges, Listed) and merges.type == STRING):
        raise Damaged("its list 'tokenizer.ggml.merges' is not a list of texts")
    # llama.cpp passes over other ids that are out of range; these three our own loop relies on.
    for name in ("bos", "eos", "unknown"):
        key = f"tokenizer.ggml.{name}_token_id"
        number = values.get(key, 0)
        if not isinstance(number, int) or isinstance(number, bool) or header.types.get(key) == ARRAY:
            raise Damaged(f"its entry {key!r} is not a whole number")
        if number not in _NO_TOKEN and not 0 <= number < tokens.count:
            raise Damaged(f"its entry {key!r} is {number}, and the vocabulary has {tokens.count} entries")


def _check_tokens_once(texts: Sequence[bytes]) -> None:
    """A text ends at its first zero byte; an empty one is given a name by llama.cpp."""
    seen: set[bytes] = set()
    for text in texts:
        text = text.split(b"\0", 1)[0]
        if text and text in seen:
            raise Damaged(f"its vocabulary holds {text[:40].decode('utf-8', 'replace')!r} twice")
        seen.add(text)


def _check_bytes(texts: set[bytes]) -> None:
    """As llama_vocab::impl::byte_to_token: what has no word of its own is spelled in bytes, and one must be there."""
    for byte in _BYTES_OF_TEXT:
        if b"<0x%02X>" % byte not in texts and bytes((byte,)) not in texts:
            raise Damaged(
                f"its vocabulary has no entry for the byte 0x{byte:02X}, so some texts could not be read to it"
            )


def in_units(size_bytes: int) -> str:
    """A size as a person reads it, in decimal units: "45.0 MB"."""
    for unit, worth in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= worth:
            return f"{size_bytes / worth:.1f} {unit}"
    return f"{size_bytes} bytes"
