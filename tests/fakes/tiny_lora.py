"""A LoRA adapter for a tiny model, random like the model itself, and what it adds to the weights.

lora = Lora(seed=1)
lora.write(tmp_path / "lora.gguf")
tiny_gguf.write(tmp_path / "merged.gguf", added=lora.added(strength=1.0))
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import gguf
import numpy as np
from numpy.typing import NDArray

from tests.fakes.tiny_gguf import EMBEDDING, FEED_FORWARD, HEADS, KV_HEADS, LAYERS

RANK, ALPHA = 4, 8.0
SIZES = {  # rows and columns of what is changed in every layer
    "attn_q": (EMBEDDING, EMBEDDING),
    "attn_v": (EMBEDDING // HEADS * KV_HEADS, EMBEDDING),
    "ffn_down": (EMBEDDING, FEED_FORWARD),
}
Halves = tuple[NDArray[np.float32], NDArray[np.float32]]


class Lora:
    """The same seed gives the same adapter."""

    def __init__(self, seed: int = 1, *, size: float = 0.3) -> None:
        rng = np.random.default_rng(1000 + seed)
        self.seed = seed
        self.halves: dict[str, Halves] = {}
        for layer in range(LAYERS):
            for part, (rows, columns) in SIZES.items():
                a = rng.standard_normal((RANK, columns), dtype=np.float32) * np.float32(size)
                b = rng.standard_normal((rows, RANK), dtype=np.float32) * np.float32(size)
                self.halves[f"blk.{layer}.{part}.weight"] = a, b

    def added(self, strength: float) -> dict[str, NDArray[np.float32]]:
        """What it adds to each weight that it changes, in the model's own shape."""
        return {name: np.float32(strength * ALPHA / RANK) * (b @ a) for name, (a, b) in self.halves.items()}

    def write(
        self,
        path: Path,
        *,
        architecture: str = "llama",
        entries: Mapping[str, object] = {},
        tensors: Mapping[str, NDArray[np.generic] | None] = {},
        left_out: Sequence[str] = (),
    ) -> Path:
        """Write the file; `entries` and `tensors` replace or add to what it says, `left_out` are keys it goes without.

        A tensor that is None is not written.
        """
        said: dict[str, object] = {
            "general.type": "adapter",
            "general.name": f"tiny lora {self.seed}",
            "general.base_model.0.name": "tiny 0",
            "adapter.type": "lora",
            "adapter.lora.alpha": ALPHA,
            **entries,
        }
        halves = {f"{name}.lora_{'ab'[at]}": pair[at] for name, pair in self.halves.items() for at in (0, 1)}
        writer = gguf.GGUFWriter(str(path), architecture)
        for key, value in said.items():
            if key not in left_out:
                add = {
                    str: writer.add_string,
                    float: writer.add_float32,
                    int: writer.add_uint32,
                    list: writer.add_array,
                }
                add[type(value)](key, value)
        for name, values in {**halves, **tensors}.items():
            if values is not None:
                writer.add_tensor(name, values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path
