"""Files of importance matrices: llama.cpp's GGUF form is read and written, its older .dat form is read.

Source of both forms: tools/imatrix/imatrix.cpp (save_imatrix, save_imatrix_legacy) and common/imatrix-loader.cpp of
llama.cpp. What a model is made with is the mean, and 1 for experts that the text never reached, as llama-quantize has
it.
"""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from engine.errors import MatrixNotUsable, from_os_error
from engine.worker.gguf_file import write_down
from engine.worker.quantizer.matrix import Matrix, Sums

KIND = "imatrix"
DATASETS, CHUNKS, CHUNK_TOKENS = "imatrix.datasets", "imatrix.chunk_count", "imatrix.chunk_size"
_SQUARES, _COUNTS = ".in_sum2", ".counts"
_LONGEST_NAME = 255
_MOST_ENTRIES = 1 << 20
_WHOLE = struct.Struct("<i")


def read(path: Path) -> Matrix:
    """The matrix in a file of either form. Raises `MatrixNotUsable`, `FileMissing`, `FileNotReadable`."""
    try:
        with path.open("rb") as file:
            is_gguf = file.read(4) == b"GGUF"
        matrix = _read_gguf(path) if is_gguf else _read_dat(path)
    except OSError as error:
        raise from_os_error(error, path) from error
    except (ValueError, KeyError, IndexError, TypeError, struct.error, OverflowError) as error:
        raise MatrixNotUsable(path=str(path), why="it is damaged, or a file of another kind") from error
    if not matrix.importance:
        raise MatrixNotUsable(path=str(path), why="it holds nothing")
    if not all(np.isfinite(values).all() for values in matrix.importance.values()):
        raise MatrixNotUsable(path=str(path), why="it holds something else than numbers")
    return matrix


def write(path: Path, sums: Mapping[str, Sums], chunks: int, chunk_tokens: int, called: str) -> None:
    """Write what was added up, and onto the disk. Raises OSError."""
    writer = gguf.GGUFWriter(path, "")
    writer.kv_data[0].clear()  # no architecture: llama.cpp's own files have none
    writer.add_type(KIND)
    writer.add_array(DATASETS, [called])
    writer.add_uint32(CHUNKS, chunks)
    writer.add_uint32(CHUNK_TOKENS, chunk_tokens)
    for name in sorted(sums):
        found = sums[name]
        writer.add_tensor(name + _SQUARES, found.squares.astype(np.float32))
        writer.add_tensor(name + _COUNTS, found.counts.astype(np.float32).reshape(-1, 1))
    write_down(writer, path)


def _read_gguf(path: Path) -> Matrix:
    reader = gguf.GGUFReader(path)
    squares: dict[str, NDArray[np.float32]] = {}
    counts: dict[str, NDArray[np.float32]] = {}
    for tensor in reader.tensors:
        for mark, kept in ((_SQUARES, squares), (_COUNTS, counts)):
            if tensor.name.endswith(mark):
                if tensor.tensor_type != gguf.GGMLQuantizationType.F32:
                    raise ValueError(tensor.name)
                rows = int(tensor.shape[1]) if len(tensor.shape) > 1 else 1
                kept[tensor.name[: -len(mark)]] = np.array(tensor.data, np.float32).reshape(rows, -1)
    if not squares or set(squares) != set(counts):
        raise ValueError("sums without counts")
    chunks = reader.fields.get(CHUNKS)
    datasets = reader.fields.get(DATASETS)
    called = datasets.contents() if datasets is not None else []
    return Matrix(
        importance={name: _means(squares[name], counts[name]) for name in sorted(squares)},
        chunks=int(chunks.contents()) if chunks is not None else 0,
        called=str(called[0]) if called else "",
        file=path.name,
    )


def _means(squares: NDArray[np.float32], counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each column in each row; 1 where nothing was counted."""
    if counts.shape[0] not in (1, squares.shape[0]):
        raise ValueError("other counts than rows")
    reached = np.broadcast_to(counts > 0, squares.shape)
    means = np.ones_like(squares)
    np.divide(squares, counts, out=means, where=reached)
    return means.reshape(-1)


def _read_dat(path: Path) -> Matrix:
    raw = path.read_bytes()
    place = 0

    def whole(most: int) -> int:
        nonlocal place
        (number,) = _WHOLE.unpack_from(raw, place)
        place += _WHOLE.size
        if not 0 <= number <= most:
            raise ValueError(number)
        return int(number)

    def taken(size: int) -> bytes:
        nonlocal place
        if place + size > len(raw):
            raise ValueError(size)
        place += size
        return raw[place - size : place]

    importance: dict[str, NDArray[np.float32]] = {}
    for _ in range(whole(_MOST_ENTRIES)):
        name = taken(whole(_LONGEST_NAME)).decode()
        calls, numbers = whole(1 << 30), whole(len(raw) // 4)
        values = np.frombuffer(taken(4 * numbers), "<f4").astype(np.float32)
        importance[name] = values / np.float32(calls) if calls else values
    more: dict[str, Any] = {}
    if place < len(raw):  # the oldest files end here
        more["chunks"] = whole(1 << 30)
        more["called"] = taken(whole(len(raw))).decode("utf-8", "replace") if place < len(raw) else ""
    return Matrix(importance=importance, file=path.name, **more)
