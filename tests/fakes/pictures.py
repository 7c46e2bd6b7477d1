"""Pictures as people and others make them, in memory."""

import io
import random
import struct
import zlib

from PIL import Image


def image(seed: int = 0, width: int = 96, height: int = 64) -> Image.Image:
    """A picture of coarse noise; the same seed gives the same one."""
    small = Image.frombytes("RGB", (8, 8), random.Random(seed).randbytes(192))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def file(form: str = "PNG", seed: int = 0, width: int = 96, height: int = 64, **how: object) -> bytes:
    """It as the bytes of a file."""
    out = io.BytesIO()
    image(seed, width, height).save(out, form, **how)
    return out.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    """A PNG that says it is so large and holds `rows`, compressed as far as they go."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def mutants(of: bytes, count: int, seed: int = 0) -> list[bytes]:
    """The bytes with some of them changed, left out, doubled or cut off."""
    dice = random.Random(seed)
    made = []
    for _ in range(count):
        raw = bytearray(of)
        for _ in range(dice.randint(1, 12)):
            at = dice.randrange(len(raw))
            what = dice.randrange(4)
            if what == 0:
                raw[at] = dice.randrange(256)
            elif what == 1:
                del raw[at : at + dice.randint(1, 8)]
            elif what == 2:
                raw[at:at] = raw[at : at + dice.randint(1, 8)]
            else:
                raw[at : at + 4] = dice.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"])
            if len(raw) < 8:
                break
        if dice.random() < 0.2:
            del raw[dice.randrange(len(raw)) :]
        made.append(bytes(raw))
    return made
