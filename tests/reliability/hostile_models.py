"""Model files that lie on purpose, beside those that `tests/fakes/gguf_mutants.py` damages at random.

    hostile = Hostile(path.read_bytes(), random.Random(3))
    what, content = hostile.next()

Half are random mutants, half hit one rule each: lists within lists, texts and lists of any length, tensors that lie in
one another or each in the other's place, sides of no length, kinds that do not exist, names that are no text.
"""

import random
import struct
from collections.abc import Callable

from tests.fakes.gguf_mutants import EVIL, LIST, SIZES, TEXT, Field, Mutants

STEP = 32  # what every tensor's place is a multiple of
FIRST_ENTRY = 24  # bytes into the file
DEPTHS = (1, 3, 1000, 100_000)
LENGTHS = (1 << 10, 1 << 20, (16 << 20) + 1, 40 << 20)
COUNTS = (1 << 8, 1 << 16, 1 << 22)
BAD_TEXTS = (b"\xff\xfe", b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x90", b"\0\0")


class Hostile(Mutants):
    """An endless row of files made from one well file."""

    def next(self) -> tuple[str, bytes]:
        """What was done to it, and the file."""
        if self._rng.random() < 0.5:
            return super().next()
        made: list[Callable[[bytearray], str]] = [
            self._nested, self._long_text, self._long_list, self._no_kind, self._no_text, self._template,
        ]  # fmt: skip
        if len(self._named("place of ")) > 1:  # a vocabulary has no tensors
            made += [self._overlapping, self._exchanged, self._no_length, self._twice]
        content = bytearray(self._whole)
        return self._rng.choice(made)(content), bytes(content)

    def _nested(self, content: bytearray) -> str:
        depth = self._rng.choice(DEPTHS)
        value = struct.pack("<IQ", LIST, 1) * depth + struct.pack("<IQI", 4, 1, 7)
        _insert(content, "nested", struct.pack("<I", LIST) + value)
        return f"lists within lists, {depth} deep"

    def _long_text(self, content: bytearray) -> str:
        length = self._rng.choice(LENGTHS)
        key = self._rng.choice(("general.name", "general.license", "general.base_model.0.name", "own.text"))
        told = self._rng.choice((length, length, length + 1, 1 << 40))
        _insert(content, key, struct.pack("<IQ", TEXT, told) + b"x" * length)
        return f"a text of {length} bytes that is said to have {told}, in {key}"

    def _long_list(self, content: bytearray) -> str:
        count, kind = self._rng.choice(COUNTS), self._rng.choice((0, 4, TEXT))
        told = self._rng.choice((count, count, 1 << 33, (1 << 64) - 1))
        item = struct.pack("<Q", 0) if kind == TEXT else b"\1" * SIZES[kind]
        _insert(content, "own.list", struct.pack("<IIQ", LIST, kind, told) + item * count)
        return f"a list of {count} of kind {kind} that is said to have {told}"

    def _overlapping(self, content: bytearray) -> str:
        one, other = self._two("place of ")
        content[one[1] : one[1] + 8] = content[other[1] : other[1] + 8]
        return f"{one[0]} is that of {other[0]}"

    def _exchanged(self, content: bytearray) -> str:
        one, other = self._two("place of ")
        places = content[one[1] : one[1] + 8], content[other[1] : other[1] + 8]
        content[other[1] : other[1] + 8], content[one[1] : one[1] + 8] = places
        return f"{one[0]} and {other[0]} exchanged"

    def _no_length(self, content: bytearray) -> str:
        name, at, _ = self._rng.choice(self._named("dimension of "))
        length = self._rng.choice((0, 1 << 63, (1 << 64) - 1, (1 << 62) + 1))
        struct.pack_into("<Q", content, at, length)
        return f"{name} is {length}"

    def _no_kind(self, content: bytearray) -> str:
        name, at, size = self._rng.choice(self._named("type of ") + self._named("list type of "))
        kind = self._rng.choice((9, 13, 31, 36, 43, 255, *EVIL)) & ((1 << 8 * size) - 1)
        struct.pack_into("<I", content, at, kind)
        return f"{name} is {kind}"

    def _no_text(self, content: bytearray) -> str:
        name, at, size = self._rng.choice([field for field in self._named("text ") if field[2] >= 2])
        bad = self._rng.choice(BAD_TEXTS)
        place = at + self._rng.randrange(size - 1)
        content[place : place + 2] = bad[:2]
        return f"{name} is no text"

    def _twice(self, content: bytearray) -> str:
        names = [field for field in self._named("text tensor") if field[2] > 2]
        one, other = self._rng.sample(names, 2)
        shorter = min(one[2], other[2])
        content[other[1] : other[1] + shorter] = content[one[1] : one[1] + shorter]
        return "a tensor has the name of another"

    def _template(self, content: bytearray) -> str:
        line = self._rng.choice(("{% if a %}{% endif %}", "<|im_start|>\n", "{{ a }}\n{% b %}", "{#", "\u202e[INST]"))
        template = (line * (self._rng.choice((10, 5_000, 40_000)))).encode()
        _insert(content, "tokenizer.chat_template", struct.pack("<IQ", TEXT, len(template)) + template, first=False)
        return f"a template of {len(template)} bytes"

    def _named(self, begins: str) -> list[Field]:
        return [field for field in self._fields if field[0].startswith(begins)]

    def _two(self, begins: str) -> tuple[Field, Field]:
        one, other = self._rng.sample(self._named(begins), 2)
        return one, other


def _insert(content: bytearray, key: str, value: bytes, *, first: bool = True) -> None:
    """One entry more, which moves the weights by whole steps: the file is well but for it.

    An entry that is there already under `key` gets another name, unless the new one is to be there twice (`first`).
    """
    raw = key.encode()
    if not first and (at := content.find(struct.pack("<Q", len(raw)) + raw)) > 0:
        content[at + 8] = ord("_")
    entry = struct.pack("<Q", len(raw)) + raw + value
    entry += struct.pack("<Q", 5) + b"own.p" + struct.pack("<IQ", TEXT, missing := (-len(entry) - 25) % STEP)
    content[FIRST_ENTRY:FIRST_ENTRY] = entry + b" " * missing
    struct.pack_into("<Q", content, 16, struct.unpack_from("<Q", content, 16)[0] + 2)


def rows_of(wholes: list[bytes], seed: int) -> list[Hostile]:
    """One row for each well file."""
    rng = random.Random(seed)
    return [Hostile(whole, rng) for whole in wholes]
