"""A file of safetensors: what it holds, every bound checked before a weight is read, and its weights in pieces.

Format: 8 bytes with the length of a header (little-endian), the header, which is JSON {name: {"dtype", "shape",
"data_offsets"}}, and the weights, which fill the rest without gaps. Source: the description of the format in the
README of safetensors, and `Metadata::validate` in its tensor.rs.
"""

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeGuard

from engine.errors import from_os_error
from engine.worker.converter.sources import Damaged

HEADER_BYTES = 100_000_000  # as the library itself accepts
MOST_TENSORS, MOST_DIMENSIONS, MOST_LENGTH = 200_000, 8, 1 << 40
LONGEST_NAME = 512
SIZES = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "F8_E8M0": 8, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6,
    "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
    "C64": 64,
}  # bits of one number # fmt: skip


class Stored(NamedTuple):
    """A tensor in a file: what it is called there, in what form it is, and where it lies."""

    name: str
    path: Path
    form: str
    shape: tuple[int, ...]
    start: int
    size_bytes: int


def stored(path: Path) -> list[Stored]:
    """All tensors of a file. Raises `Damaged`, `FileMissing`, `FileNotReadable`."""
    try:
        with path.open("rb") as file:
            total = file.seek(0, 2)
            header, began = _header(file, total, path.name)
    except OSError as error:
        raise from_os_error(error, path) from error
    found = [_tensor(name, entry, path, began) for name, entry in header.items() if name != "__metadata__"]
    at = began
    for tensor in sorted(found, key=lambda one: (one.start, one.size_bytes)):
        if tensor.start != at:
            raise Damaged(f"the tensors in {path.name} overlap, or leave gaps")
        at += tensor.size_bytes
    if at != total:
        raise Damaged(f"{path.name} is {total} bytes long, and its header speaks of {at}")
    return found


def pieces(tensor: Stored, piece_bytes: int) -> Iterator[bytes]:
    """The bytes of a tensor, `piece_bytes` at a time. Raises `Damaged` where the file has become shorter, `OSError`."""
    with tensor.path.open("rb", buffering=0) as file:
        file.seek(tensor.start)
        left = tensor.size_bytes
        while left:
            piece = _read(file, min(left, piece_bytes))
            if not piece:
                raise Damaged(f"{tensor.path.name} has become shorter while it was read")
            left -= len(piece)
            yield piece


def _read(file: Any, size: int) -> bytes:
    """So many bytes; fewer where there are no more."""
    buffer = bytearray(size)
    view, got = memoryview(buffer), 0
    while got < size:
        more = file.readinto(view[got:])
        if not more:
            return b""
        got += more
    view.release()
    return bytes(buffer)


def _header(file: BinaryIO, total: int, name: str) -> tuple[dict[str, Any], int]:
    file.seek(0)
    raw = file.read(8)
    length = int.from_bytes(raw, "little")
    if len(raw) < 8 or not 2 <= length <= min(HEADER_BYTES, total - 8):
        raise Damaged(f"{name} is no file of safetensors")
    try:
        found = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"the header of {name} cannot be read") from error
    if not isinstance(found, dict) or len(found) > MOST_TENSORS:
        raise Damaged(f"the header of {name} cannot be read")
    return found, 8 + length


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON. Raises `ValueError` for a name that comes twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _tensor(name: str, entry: Any, path: Path, began: int) -> Stored:
    wrong = Damaged(f"the header of {path.name} says of {name[:80]!r} what cannot be")
    if not isinstance(entry, dict) or len(name) > LONGEST_NAME:
        raise wrong
    form, shape, offsets = entry.get("dtype"), entry.get("shape"), entry.get("data_offsets")
    if not isinstance(form, str) or form not in SIZES or not _numbers(shape) or not _numbers(offsets):
        raise wrong
    if len(shape) > MOST_DIMENSIONS or len(offsets) != 2 or max(shape, default=0) > MOST_LENGTH:
        raise wrong
    bits, (start, end) = prod(shape) * SIZES[form], offsets
    if end < start or bits % 8 or bits // 8 != end - start:
        raise wrong
    return Stored(name, path, form, tuple(shape), began + start, end - start)


def _numbers(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(
        isinstance(value, int) and not isinstance(value, bool) and value >= 0 for value in values
    )
