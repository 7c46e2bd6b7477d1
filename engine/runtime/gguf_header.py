"""Reading the header of a GGUF file: numbers, texts, lists and the table of tensors.

Plain reads through a small window, never a memory map: a file that shrinks while it is read
must not end the program. Every count and length is held against what is left of the file and
against a limit of ours before anything is allocated. Judges the grammar only; what the values
have to be is in `gguf_check.py`.

Source of the format: docs/gguf.md of ggml; limits and refusals follow ggml/src/gguf.cpp.
"""

import struct
from dataclasses import dataclass, field
from math import prod
from typing import BinaryIO

MAGIC = b"GGUF"
HEADER_BYTES = 256 << 20  # the largest real vocabularies need about 30 MB
WINDOW_BYTES = 1 << 20
MOST_KEYS = 65_536
MOST_TENSORS = 200_000
MOST_STRINGS = 4_000_000
KEY_BYTES = 4_096
STRING_BYTES = 16 << 20
LIST_STRING_BYTES = 1 << 20
KEPT_NUMBERS = 4_096  # lists longer than this are counted, not kept: the per-layer ones are short
TOKENS = "tokenizer.ggml.tokens"
LABELS = ".classifier.output_labels"  # after the architecture

STRING, ARRAY = 8, 9
# Value types: number -> struct code. 7 is a bool, read as one byte.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "B", 10: "Q", 11: "q", 12: "d"}
# Tensor types: number -> name, weights a block, bytes a block. Source: ggml/src/ggml-common.h.
TENSOR_TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144), 13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1), 25: ("I16", 1, 2), 26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66),
    39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36), 41: ("Q1_0", 128, 18), 42: ("Q2_0", 64, 18),
}  # fmt: skip


class Damaged(Exception):
    """The file breaks a rule; the message says which, for a person."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: its element type and length; the elements only where they are needed.

    `numbers` are kept for lists up to `KEPT_NUMBERS`, `texts` for the vocabulary and the labels of a classifier alone.
    """

    type: int
    count: int
    numbers: tuple[int | float, ...] = ()
    texts: tuple[bytes, ...] = field(default=(), repr=False)


Value = int | float | bool | str | Listed


@dataclass(frozen=True, slots=True)
class Tensor:
    """One row of the table: where a tensor lies, how large it is. `at` counts from the data's start."""

    name: str
    dimensions: tuple[int, ...]
    type: int
    at: int

    @property
    def weights(self) -> int:
        """How many numbers it holds."""
        return prod(self.dimensions)

    @property
    def size_bytes(self) -> int:
        """What it takes in the file."""
        _, block, block_bytes = TENSOR_TYPES[self.type]
        return self.weights // block * block_bytes


@dataclass(frozen=True, slots=True)
class Header:
    """Everything before the weights. `ends_at` is the first byte after the table of tensors."""

    version: int
    values: dict[str, Value]
    types: dict[str, int]
    tensors: tuple[Tensor, ...]
    ends_at: int
    size_bytes: int


def read_header(file: BinaryIO, size_bytes: int) -> Header:
    """The header of an open file of `size_bytes`. Raises `Damaged`, or OSError from the disk."""
    window = _Window(file, size_bytes)
    if size_bytes == 0:
        raise Damaged("it is empty")
    if size_bytes < 4 or window.take(4) != MAGIC:
        raise Damaged("it does not begin with the letters GGUF, so it is another kind of file")
    version = window.number("I")
    if version & 0xFFFF == 0:
        raise Damaged("it was written for computers with another byte order")
    if version not in (2, 3):
        raise Damaged(f"it is of GGUF version {version}, and only 2 and 3 can be read")
    tensor_count, key_count = window.number("Q"), window.number("Q")
    if tensor_count > MOST_TENSORS or key_count > MOST_KEYS:
        raise Damaged(f"its header announces {tensor_count} tensors and {key_count} entries, which cannot be")
    values: dict[str, Value] = {}
    types: dict[str, int] = {}
    for _ in range(key_count):
        key = _text(window, KEY_BYTES, "the name of an entry")
        if not key or key in values:
            raise Damaged(f"its entry {key[:80]!r} is there twice" if key else "one of its entries has no name")
        types[key], values[key] = _value(window, key)
    tensors = tuple(_tensor(window) for _ in range(tensor_count))
    return Header(version, values, types, tensors, window.position, size_bytes)


def _value(window: "_Window", key: str) -> tuple[int, Value]:
    kind = window.number("I")
    if kind == STRING:
        return kind, window.take(window.length(STRING_BYTES, key)).decode("utf-8", "replace")
    if kind == ARRAY:
        return kind, _listed(window, key)
    if kind not in NUMBERS:
        raise Damaged(f"its entry {key[:80]!r} is of an unknown type ({kind})")
    number = window.number(NUMBERS[kind])
    return kind, bool(number) if kind == 7 else number


def _listed(window: "_Window", key: str) -> Listed:
    kind, count = window.number("I"), window.number("Q")
    if kind == STRING:
        if count > MOST_STRINGS:
            raise Damaged(f"its list {key[:80]!r} announces {count} texts, which cannot be")
        return Listed(kind, count, texts=window.strings(count, key, keep=key == TOKENS or key.endswith(LABELS)))
    if kind not in NUMBERS:
        raise Damaged(f"its list {key[:80]!r} is of an unknown type ({kind})")
    code = NUMBERS[kind]
    raw_bytes = count * struct.calcsize("<" + code)
    if count > KEPT_NUMBERS:
        window.skip(raw_bytes)
        return Listed(kind, count)
    return Listed(kind, count, numbers=struct.unpack(f"<{count}{code}", window.take(raw_bytes)))


def _tensor(window: "_Window") -> Tensor:
    name = _text(window, 63, "the name of a tensor")
    axes = window.number("I")
    if axes > 4:
        raise Damaged(f"its tensor {name!r} has {axes} dimensions")
    dimensions = tuple(window.number("Q") for _ in range(axes))
    if any(not 0 < dimension < 2**40 for dimension in dimensions) or prod(dimensions) >= 2**60:
        raise Damaged(f"its tensor {name!r} has a size that cannot be")
    kind = window.number("I")
    if kind not in TENSOR_TYPES:
        raise Damaged(f"its tensor {name!r} is of an unknown type ({kind})")
    block = TENSOR_TYPES[kind][1]
    if (dimensions[0] if dimensions else 1) % block:
        raise Damaged(f"the rows of its tensor {name!r} do not divide into blocks of {block}")
    return Tensor(name, dimensions, kind, window.number("Q"))


def _text(window: "_Window", most_bytes: int, what: str) -> str:
    raw = window.take(window.length(most_bytes, what))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Damaged(f"{what} is not text") from None


class _Window:
    """A position in the file with the next stretch of it in memory."""

    def __init__(self, file: BinaryIO, size_bytes: int) -> None:
        self._file = file
        self._end = min(size_bytes, HEADER_BYTES)
        self._whole = size_bytes <= HEADER_BYTES
        self._data = b""
        self._at = 0  # within _data
        self._start = 0  # of _data within the file

    @property
    def position(self) -> int:
        """Where the next byte is taken from."""
        return self._start + self._at

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        self._reach(count)
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def skip(self, count: int) -> None:
        """Pass over `count` bytes without reading them."""
        target = self.position + count
        self._within(target)
        self._file.seek(target)
        self._start, self._data, self._at = target, b"", 0

    def number(self, code: str) -> "int":
        """The next little-endian number of struct `code` (a float for "f" and "d")."""
        form = struct.Struct("<" + code)
        self._reach(form.size)
        (value,) = form.unpack_from(self._data, self._at)
        self._at += form.size
        return value  # type: ignore[no-any-return]

    def length(self, most: int, what: str) -> int:
        """The length of a text that may have `most` bytes."""
        count = self.number("Q")
        self._within(self.position + min(count, 2**62))
        if count > most:
            raise Damaged(f"{what[:80]!r} is {count} bytes long, which cannot be")
        return count

    def strings(self, count: int, key: str, *, keep: bool) -> tuple[bytes, ...]:
        """The next `count` texts, or an empty tuple where they are only passed over."""
        kept: list[bytes] = []
        size_of = struct.Struct("<Q").unpack_from
        data, at, here = self._data, self._at, len(self._data)
        for _ in range(count):
            start = at + 8
            if start > here:
                self._at = at
                self._reach(8)
                data, start, here = self._data, self._at + 8, len(self._data)
            (length,) = size_of(data, start - 8)
            end = start + length
            if end > here:
                if length > LIST_STRING_BYTES:
                    raise Damaged(f"a text in its list {key[:80]!r} is {length} bytes long, which cannot be")
                self._at = start - 8
                self._reach(8 + length)
                data, start, here = self._data, self._at + 8, len(self._data)
                end = start + length
            if keep:
                kept.append(data[start:end])
            at = end
        self._at = at
        return tuple(kept)

    def _within(self, target: int) -> None:
        if target > self._end:
            raise Damaged(
                "it is cut short: the file ends inside its header" if self._whole else "its header is far too long"
            )

    def _reach(self, count: int) -> None:
        """Have `count` bytes from the present position in memory."""
        missing = self._at + count - len(self._data)
        if missing <= 0:
            return
        self._within(self.position + count)
        rest = self._data[self._at :]
        more = self._file.read(min(max(missing, WINDOW_BYTES), self._end - self._start - len(self._data)))
        if len(more) < missing:
            raise Damaged("it became shorter while it was read")
        self._start, self._data, self._at = self.position, rest + more, 0
