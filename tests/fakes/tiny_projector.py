"""A real projector of some ten kilobytes for a tiny model: real machinery, random weights.

    write(tmp_path / "mmproj-tiny.gguf")

What it makes of a picture is noise, the same for the same picture and another for another one.
"""

from pathlib import Path

import gguf
import numpy as np

from tests.fakes.tiny_gguf import EMBEDDING

SIDE, PATCH, MERGED = 56, 14, 2  # a picture is made so large; patches of so many pixels; so many of them to a token
TOKENS = (SIDE // PATCH // MERGED) ** 2  # of a picture, where the kind takes one size only
WIDTH, HEADS, FEED_FORWARD, LAYERS = 32, 2, 64, 2


def write(path: Path, *, kind: str = "gemma3", seed: int = 0, embedding: int = EMBEDDING, layers: int = LAYERS) -> Path:
    """Write the file; the same seed gives the same bytes.

    `kind` is "gemma3", whose pictures are read in one step and may look ahead, "idefics3", which cuts large pictures
    into tiles, or "qwen2vl_merger", which takes any size and whose pictures take up fewer positions than tokens.
    """
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(str(path), "clip")
    writer.add_string("general.type", "mmproj")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", kind)
    writer.add_bool("clip.use_gelu", True)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    numbers = {
        "image_size": SIDE, "patch_size": PATCH, "embedding_length": WIDTH, "feed_forward_length": FEED_FORWARD,
        "projection_dim": embedding, "block_count": layers, "attention.head_count": HEADS,
        "projector.scale_factor": MERGED, "spatial_merge_size": MERGED, "preproc_image_size": 2 * SIDE,
    }  # fmt: skip
    for name, number in numbers.items():
        writer.add_uint32(f"clip.vision.{name}", number)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-6)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])

    def add(name: str, *shape: int, exact: bool = False) -> None:
        values = rng.standard_normal(shape, dtype=np.float32) * np.float32(0.2)
        writer.add_tensor(name, values if exact else values.astype(np.float16))

    def norm(name: str) -> None:
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(WIDTH, np.float32))

    def linear(name: str, rows: int, columns: int) -> None:
        add(f"{name}.weight", rows, columns)
        writer.add_tensor(f"{name}.bias", np.zeros(rows, np.float32))

    add("v.patch_embd.weight", WIDTH, 3, PATCH, PATCH, exact=True)
    if kind == "qwen2vl_merger":
        add("v.patch_embd.weight.1", WIDTH, 3, PATCH, PATCH, exact=True)
    else:
        writer.add_tensor("v.patch_embd.bias", np.zeros(WIDTH, np.float32))
        add("v.position_embd.weight", (SIDE // PATCH) ** 2, WIDTH, exact=True)
    for layer in range(layers):
        part = f"v.blk.{layer}."
        norm(part + "ln1")
        norm(part + "ln2")
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            linear(part + name, WIDTH, WIDTH)
        linear(part + "ffn_up", FEED_FORWARD, WIDTH)
        linear(part + "ffn_down", WIDTH, FEED_FORWARD)
    norm("v.post_ln")
    if kind == "gemma3":
        add("mm.input_projection.weight", WIDTH, embedding)
        writer.add_tensor("mm.soft_emb_norm.weight", np.ones(WIDTH, np.float32))
    elif kind == "idefics3":
        add("mm.model.fc.weight", embedding, WIDTH * MERGED * MERGED)
    else:
        linear("mm.0", WIDTH * MERGED * MERGED, WIDTH * MERGED * MERGED)
        linear("mm.2", embedding, WIDTH * MERGED * MERGED)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
