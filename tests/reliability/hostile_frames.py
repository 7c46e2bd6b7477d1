"""Lines as a process that went wrong, or was taken over, might send them: noise, and messages bent in one place."""

import json
import random
from collections.abc import Iterator
from typing import Any

from engine import wire

JOB = 1
REPORTS: tuple[wire.Message, ...] = (
    wire.Hello(process="model"),
    wire.Loading(job=JOB, fraction=0.5),
    wire.Loaded(job=JOB, context_tokens=512),
    wire.Reading(job=JOB, done=1, total=2),
    wire.Token(job=JOB, text="word 語 🏡"),
    wire.Done(job=JOB, end="end", tokens=3),
    wire.Embedded(job=JOB, vectors="AACAPwAAAAA=", dimensions=2),
    wire.PageRead(job=JOB, number=1, text="page"),
    wire.TextRead(job=JOB, which=0, pages=(("page", ((0, "section", 1, "a"),), ""),), left_out=(("Odd", {}),)),
    wire.DocumentRead(job=JOB, pages=1),
    wire.Drawn(job=JOB, png="iVBORw0KGgo=", width=9, height=9, boxes=((0.0, 0.0, 1.0, 1.0),)),
    wire.Moved(job=JOB, done=1, total=2),
    wire.Fetched(job=JOB, paths=("x",), sha256="0", size_bytes=1, commit="c", verified=True),
    wire.FilesFound(job=JOB, files=(("mmproj.gguf", 1),)),
    wire.ModelsMade(job=JOB, paths=("a", "b")),
    wire.Failed(job=JOB, code="NotEnoughMemory", facts={"model": "m", "need_gib": 1.5, "free_gib": 1}),
)
# Values that JSON can say and no field means.
ODD: tuple[str, ...] = (
    "null", "true", "-1", "0", "1e999", "-1e999", "NaN", "Infinity", "9" * 400, "9" * 5000, str(1 << 63), "1.5", '""',
    r'"\ud800"', r'"\u0000"', '"' + "x" * 9000 + '"', "[]", "{}", "[" * 3000, "[[[[1]]]]",
    '[null,{"a":[1]}]', '{"self":1}',
    '{"why":{"a":1},"path":[9]}', '{"path":7,"seconds":"soon"}', '"<img src=//host/x>"', r'"\u001b[2J"', '"Cancelled"',
    '"NotEnoughMemory"', '"__class__"', '[["a","b"],[1,2,3,4,5]]', '[[1,2,3,1e999]]', '"====="', '"QUJD"',
)  # fmt: skip


def frames(seed: int, count: int) -> Iterator[bytes]:
    """`count` lines, the same for the same seed."""
    chance = random.Random(seed)
    ways = (_noise, _flipped, _cut, _odd_value, _odd_value, _odd_value, _wrong_kind, _untouched)
    for _ in range(count):
        yield chance.choice(ways)(chance).replace(b"\n", b" ") + b"\n"


def _some(chance: random.Random) -> bytes:
    return wire.line(chance.choice(REPORTS)).rstrip()


def _untouched(chance: random.Random) -> bytes:
    return _some(chance)


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice((0, 1, 7, 80, 4000)))


def _flipped(chance: random.Random) -> bytes:
    raw = bytearray(_some(chance))
    for _ in range(chance.choice((1, 1, 3, 20))):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    return bytes(raw)


def _cut(chance: random.Random) -> bytes:
    raw = _some(chance)
    return raw[chance.randrange(len(raw)) :] + raw[: chance.randrange(len(raw))]


def _odd_value(chance: random.Random) -> bytes:
    fields: dict[str, Any] = json.loads(_some(chance))
    name = chance.choice([*fields, "another"])
    rest = {key: value for key, value in fields.items() if key != name}
    return json.dumps(rest)[:-1].encode() + f', "{name}": {chance.choice(ODD)}}}'.encode()


def _wrong_kind(chance: random.Random) -> bytes:
    fields: dict[str, Any] = json.loads(_some(chance))
    return json.dumps({**fields, "kind": chance.choice([*wire.REPORTS, *wire.REQUESTS, "", "object"])}).encode()
