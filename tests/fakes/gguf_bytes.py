"""GGUF files written byte by byte, so that any rule of the format can be broken.

path.write_bytes(model_bytes({"llama.block_count": 513}))
"""

import random
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VALUE_CODES = {"uint8": 0, "uint16": 2, "uint32": 4, "int32": 5, "float32": 6, "bool": 7, "text": 8, "uint64": 10}
_PACKED = {0: "<B", 2: "<H", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q"}


@dataclass(frozen=True)
class Row:
    """One row of the table of tensors. `at` None puts it where it belongs."""

    name: str
    dimensions: tuple[int, ...] = (4, 4)
    type: int = 0
    at: int | None = None


@dataclass(frozen=True)
class Typed:
    """A value in another type than it would have by itself."""

    kind: str
    value: object


@dataclass
class Parts:
    """What a file is made of."""

    magic: bytes = b"GGUF"
    version: int = 3
    entries: list[tuple[str, object]] = field(default_factory=list)
    rows: list[Row] = field(default_factory=lambda: [Row("token_embd.weight"), Row("output_norm.weight", (4,))])
    tensor_count: int | None = None
    data_bytes: int | None = None


PLAIN: dict[str, object] = {
    "general.architecture": "llama",
    "general.name": "Plain",
    "llama.context_length": 256,
    "llama.embedding_length": 4,
    "llama.block_count": 1,
    "llama.feed_forward_length": 8,
    "llama.attention.head_count": 1,
    "llama.attention.head_count_kv": 1,
    "llama.attention.layer_norm_rms_epsilon": 1e-5,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.tokens": ["<unk>", "<s>", "</s>", "a"],
    "tokenizer.ggml.scores": [0.0, 0.0, 0.0, 0.0],
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
}


def model_bytes(changed: Mapping[str, object] | None = None, **parts: Any) -> bytes:
    """A small model that keeps every rule, but for what is `changed` (None leaves an entry out)."""
    entries = {key: value for key, value in (PLAIN | dict(changed or {})).items() if value is not None}
    return file_bytes(Parts(entries=list(entries.items()), **parts))


def file_bytes(parts: Parts) -> bytes:
    """The file. Weights are zeros."""
    table, at = b"", 0
    for row in parts.rows:
        size = 4
        for dimension in row.dimensions:
            size *= dimension
        table += _text(row.name) + struct.pack("<I", len(row.dimensions))
        table += b"".join(struct.pack("<Q", dimension) for dimension in row.dimensions)
        table += struct.pack("<IQ", row.type, at if row.at is None else row.at)
        at += -(-size // 32) * 32
    counts = len(parts.rows) if parts.tensor_count is None else parts.tensor_count
    head = parts.magic + struct.pack("<IQQ", parts.version, counts, len(parts.entries))
    head += b"".join(_text(key) + _value(value) for key, value in parts.entries) + table
    data = at if parts.data_bytes is None else parts.data_bytes
    return head + b"\0" * (-len(head) % 32 + data)


def weighed(content: bytes, seed: int = 0) -> bytes:
    """The same file with weights that are no zeros and nowhere alike, so that a piece in a wrong place shows."""
    head = len(content.rstrip(b"\0")) + 32  # the last entry of the table may end in zeros
    head += -head % 32
    return content[:head] + random.Random(seed).randbytes(len(content) - head)


def _text(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw)) + raw


def _kind(value: object) -> int:
    if isinstance(value, Typed):
        return VALUE_CODES[value.kind]
    kinds = {bool: "bool", int: "uint32", float: "float32", str: "text", bytes: "text"}
    return VALUE_CODES[kinds[type(value)]]


def _value(value: object) -> bytes:
    if not isinstance(value, list):
        return struct.pack("<I", _kind(value)) + _plain(value)
    kind = _kind(value[0])
    return struct.pack("<IIQ", 9, kind, len(value)) + b"".join(_plain(item) for item in value)


def _plain(value: object) -> bytes:
    if isinstance(value, Typed):
        return struct.pack(_PACKED[_kind(value)], value.value)
    if isinstance(value, str | bytes):
        return _text(value)
    return struct.pack(_PACKED[_kind(value)], value)
