"""A header of safetensors that lies is refused, whatever it says; nothing outside the file's own bytes is ever read."""

import json
import random
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from engine.worker.converter.forms import size_bytes, written
from engine.worker.converter.safetensors_file import SIZES, pieces, stored
from engine.worker.converter.sources import Damaged

MUTANTS = 3000
MOST_HELD_BYTES = 24 << 20
TENSORS = {
    "a.weight": np.arange(24, dtype=np.float32).reshape(4, 6), "b.bias": np.arange(7, dtype=np.float16),
    "c": np.zeros((0, 3), np.float32), "d": np.array(3.5, np.float32),
}  # fmt: skip


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file as the library writes it."""
    path = tmp_path_factory.mktemp("sound") / "sound.safetensors"
    save_file(TENSORS, path, metadata={"format": "pt"})
    return path.read_bytes()


def file_of(path: Path, header: Any, weights: bytes = b"", *, length: int | None = None) -> Path:
    """A file with this header."""
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes((len(raw) if length is None else length).to_bytes(8, "little") + raw + weights)
    return path


def test_a_file_of_the_library_is_read_as_the_library_reads_it(sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(sound)
    theirs: dict[str, Any] = load_file(path)
    found = {tensor.name: tensor for tensor in stored(path)}
    assert set(found) == set(theirs)
    for name, tensor in found.items():
        assert tensor.shape == theirs[name].shape
        assert b"".join(pieces(tensor, 5)) == theirs[name].tobytes()


def entry(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} | changes


@pytest.mark.parametrize(
    "header",
    [
        {"a": entry(shape=[3])},
        {"a": entry(shape=[-2])},
        {"a": entry(shape=[2.0])},
        {"a": entry(shape=[True, 2])},
        {"a": entry(shape=[1 << 62, 1 << 62])},
        {"a": entry(shape=[1] * 9 + [2])},
        {"a": entry(shape="2")},
        {"a": entry(dtype="F33")},
        {"a": entry(dtype=["F32"])},
        {"a": entry(dtype="F4", shape=[3])},
        {"a": entry(data_offsets=[8, 0])},
        {"a": entry(data_offsets=[0, 8, 8])},
        {"a": entry(data_offsets=[0, 10**4000])},
        {"a": entry(data_offsets=[1 << 63, (1 << 63) + 8])},
        {"a": entry(data_offsets=[4, 12])},
        {"a": entry(), "b": entry()},
        {"a": entry(), "b": entry(data_offsets=[16, 24])},
        {"a": []},
        {"a": {}},
        {"a" * 600: entry()},
        [],
        b"{",
        b"\xff\xff",
        b"[" * 5000,
        b'{"a": 1, "a": 2}',
        {},
    ],
)  # fmt: skip
def test_a_header_that_lies_is_refused(tmp_path: Path, header: Any) -> None:
    with pytest.raises(Damaged):
        stored(file_of(tmp_path / "a.safetensors", header, bytes(8)))


@pytest.mark.parametrize("length", [0, 1, 1 << 20, 1 << 40, (1 << 64) - 1])
def test_a_header_is_not_read_past_the_end_of_its_file(tmp_path: Path, length: int) -> None:
    with pytest.raises(Damaged):
        stored(file_of(tmp_path / "a.safetensors", {"a": entry()}, bytes(8), length=length))


@pytest.mark.parametrize("size", range(9))
def test_a_file_that_is_too_short_for_a_header_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(bytes(size))
    with pytest.raises(Damaged):
        stored(path)


def test_a_file_cut_short_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.safetensors", {"a": entry(shape=[1024], data_offsets=[0, 4096])}, bytes(4096))
    (tensor,) = stored(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Damaged, match="shorter"):
        list(pieces(tensor, 1000))


def test_thousands_of_damaged_files_are_refused_or_read_within_their_bounds(sound: bytes, tmp_path: Path) -> None:
    chance, path, read = random.Random(59), tmp_path / "a.safetensors", 0
    head = 8 + int.from_bytes(sound[:8], "little")
    for _ in range(MUTANTS):
        raw = bytearray(sound)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(head if chance.random() < 0.9 else len(raw))
            raw[place] = chance.choice((chance.randrange(256), *b'0129-"[]{},:eE'))
        if chance.random() < 0.2:
            del raw[chance.randrange(len(raw)) :]
        path.write_bytes(raw)
        try:
            found = stored(path)
        except Damaged:
            continue
        read += 1
        assert sum(tensor.size_bytes for tensor in found) + 8 + int.from_bytes(raw[:8], "little") == len(raw)
        for tensor in found:
            assert SIZES[tensor.form] * int(np.prod(tensor.shape, dtype=object)) == tensor.size_bytes * 8
            assert len(b"".join(pieces(tensor, 16))) == tensor.size_bytes
    assert 0 < read < MUTANTS / 2


@pytest.mark.parametrize(("form", "heads"), [("BF16", 0), ("F16", 128), ("F32", 128), ("Q8_0", 0)])
def test_a_large_tensor_is_never_held_as_a_whole(tmp_path: Path, form: str, heads: int) -> None:
    rows, columns = 16384, 1024
    header = {"w": {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [0, rows * columns * 2]}}
    path = file_of(tmp_path / "a.safetensors", header)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + rows * columns * 2)
    (tensor,) = stored(path)
    tracemalloc.start()
    size = sum(len(piece) for piece in written(tensor, form, heads=heads))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == size_bytes(form, tensor.shape)
    assert peak < MOST_HELD_BYTES < tensor.size_bytes
