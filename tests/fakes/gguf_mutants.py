"""GGUF files after an accident or in bad faith: cut, flipped, spliced, and with values that lie.

    mutants = Mutants(path.read_bytes(), random.Random(3))
    what, content = mutants.next()

Most changes hit the header, field by field, because that is where the numbers are that steer the loading.
"""

import random
import struct

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
TEXT, LIST = 8, 9
EVIL = (
    0, 1, 2, 3, 7, 12, 13, 64, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 32, 1 << 40,
    (1 << 42) + 1, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1,
)  # fmt: skip
KINDS = ("cut", "flipped", "field", "fields", "spliced", "noise")
WEIGHTS = (10, 20, 45, 15, 5, 5)
Field = tuple[str, int, int]  # its name, where it is, how many bytes it has


class Mutants:
    """An endless row of mutants of one well file."""

    def __init__(self, whole: bytes, rng: random.Random) -> None:
        self._whole, self._rng = whole, rng
        self._fields, self._header_bytes = fields_of(whole, rng)

    def next(self) -> tuple[str, bytes]:
        """What was done to it, and the file."""
        rng, content = self._rng, bytearray(self._whole)
        kind = rng.choices(KINDS, WEIGHTS)[0]
        if kind == "cut":
            del content[rng.choice((rng.randrange(self._header_bytes), rng.randrange(len(content)))) :]
        elif kind == "flipped":
            for _ in range(rng.choice((1, 1, 3, 16, 100))):
                content[rng.randrange(self._header_bytes)] ^= 1 << rng.randrange(8)
        elif kind == "spliced":
            start, end = sorted(rng.sample(range(self._header_bytes), 2))
            del content[start:end]
        elif kind == "noise":
            content = bytearray(b"GGUF" + struct.pack("<I", 3) + rng.randbytes(4000))
        else:
            for _ in range(1 if kind == "field" else rng.randint(2, 5)):
                kind += " " + self._lie(content)
        return kind, bytes(content)

    def _lie(self, content: bytearray) -> str:
        name, at, size = self._rng.choice(self._fields)
        if name.startswith("text "):
            bad = (b"\xff" * size, b"\0" * size, (b"<0x-1>%n%s{{" * size)[:size], self._rng.randbytes(size))
            content[at : at + size] = self._rng.choice(bad)
        else:
            value = self._rng.choice(EVIL) & ((1 << 8 * size) - 1)
            content[at : at + size] = value.to_bytes(size, "little")
        return name


def fields_of(whole: bytes, rng: random.Random) -> tuple[list[Field], int]:
    """Every number and text of the header (of long lists a few), and where the header ends."""
    fields: list[Field] = [("tensor count", 8, 8), ("entry count", 16, 8)]
    tensors, entries = struct.unpack_from("<QQ", whole, 8)
    at = 24
    for _ in range(entries):
        key, at = _text(whole, at, fields, "key")
        fields.append((f"type of {key}", at, 4))
        at = _value(whole, at, key, fields, rng)
    for _ in range(tensors):
        name, at = _text(whole, at, fields, "tensor")
        (axes,) = struct.unpack_from("<I", whole, at)
        fields.append((f"axes of {name}", at, 4))
        fields += [(f"dimension of {name}", at + 4 + 8 * axis, 8) for axis in range(axes)]
        at += 4 + 8 * axes
        fields += [(f"type of {name}", at, 4), (f"place of {name}", at + 4, 8)]
        at += 12
    return fields, at


def _text(whole: bytes, at: int, fields: list[Field], what: str) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", whole, at)
    fields.append((f"length of {what}", at, 8))
    if length:
        fields.append((f"text {what}", at + 8, min(length, 64)))
    return whole[at + 8 : at + 8 + length].decode("utf-8", "replace"), at + 8 + length


def _value(whole: bytes, at: int, key: str, fields: list[Field], rng: random.Random) -> int:
    (kind,) = struct.unpack_from("<I", whole, at)
    at += 4
    if kind == TEXT:
        return _text(whole, at, fields, key)[1]
    if kind != LIST:
        fields.append((f"value of {key}", at, SIZES[kind]))
        return at + SIZES[kind]
    kind, count = struct.unpack_from("<IQ", whole, at)
    fields += [(f"list type of {key}", at, 4), (f"list length of {key}", at + 4, 8)]
    at += 12
    for number in range(count):
        told = number < 6 or rng.random() < 0.005
        if kind == TEXT:
            at = _text(whole, at, fields if told else [], key)[1]
        else:
            if told:
                fields.append((f"item of {key}", at, SIZES[kind]))
            at += SIZES[kind]
    return at
