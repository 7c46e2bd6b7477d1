"""A GGUF file that was described is written down."""

import os
from pathlib import Path

import gguf


def write_down(writer: gguf.GGUFWriter, path: Path) -> None:
    """Write all that `writer` was given to its file `path` and onto the disk. Raises OSError."""
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()
    with path.open("rb") as file:
        os.fsync(file.fileno())
