"""A GGUF file of a checkpoint: its head is written and tried before its weights, which then stream into their places.

What llama.cpp would make of the file is known while it holds no weights yet: their places are there, and empty. So a
checkpoint that cannot be converted costs a second and no room.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import gguf
import numpy as np

from engine.errors import NotEnoughRoom, from_os_error
from engine.worker.converter import credits, forms, rope, speech
from engine.worker.converter.checkpoint import form_of, weights
from engine.worker.converter.families import Shape, shape_of
from engine.worker.converter.planning import Planned, planned
from engine.worker.converter.sources import Sources
from engine.worker.converter.verifying import check_loads, tokenizer_of, verify
from engine.worker.converter.vocabulary import words_of

ROOM_LEFT_BYTES = 64 << 20  # on the disk beside the new file: other programs write too
MB = 1_000_000

Moved = Callable[[int, int], None]


def made(sources: Sources, to: Path, form: str, name: str, repository: str, moved: Moved) -> tuple[int, int]:
    """Write the model in `sources` to `to` in `form` ("": in that of its weights); its size, and the texts tried.

    `moved` hears how many of the file's bytes are written, of how many. Raises `Damaged`, `TokenizerDiffers`,
    `NotEnoughRoom` before any weight is written, `DiskFull`, `FileMissing`, `FileNotReadable`.
    """
    shape, tensors = shape_of(sources.json("config.json")), weights(sources)
    form = form or form_of(tensors)
    plan = planned(shape, tensors, form)
    source = sources.text("tokenizer.json")
    tokenizer, words = tokenizer_of(source), words_of(sources.json("tokenizer.json"), plan[0].shape[0])
    writer = gguf.GGUFWriter(to, shape.family.architecture)
    credits.describe(writer, sources, name, repository)
    describe(writer, shape, form)
    speech.describe(writer, words, speech.speech_of(sources, shape.said, words, tokenizer))
    try:
        head_bytes = write_head(writer, plan, to)
        check_loads(to)
        tried = verify(to, words, tokenizer, sources.folder)
        return write_weights(plan, to, head_bytes, moved), tried
    except OSError as error:
        raise from_os_error(error, to.parent) from error


def describe(writer: gguf.GGUFWriter, shape: Shape, form: str) -> None:
    """The measures of a model. Raises `Damaged`."""
    writer.add_type("model")
    writer.add_file_type(forms.FILE_TYPES[form])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_heads)
    writer.add_key_length(shape.head_width)
    writer.add_value_length(shape.head_width)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    rope.describe(writer, shape.rope)
    if shape.window:
        writer.add_sliding_window(shape.window)
    attention, output = shape.softcaps
    if attention:
        writer.add_attn_logit_softcapping(attention)
    if output:
        writer.add_final_logit_softcapping(output)


def write_head(writer: gguf.GGUFWriter, plan: Sequence[Planned], to: Path) -> int:
    """Write all but the weights, and make room for them; how long the head is. Raises `NotEnoughRoom`, `OSError`."""
    for tensor in plan:
        writer.add_tensor_info(
            tensor.name, tensor.shape, np.dtype(np.float32), tensor.size_bytes, raw_dtype=forms.KINDS[tensor.form]
        )
    need, free = sum(padded(tensor.size_bytes) for tensor in plan), shutil.disk_usage(to.parent).free
    if free < need + ROOM_LEFT_BYTES:
        raise NotEnoughRoom(where=str(to.parent), need_mb=(need + ROOM_LEFT_BYTES) / MB, free_mb=free / MB)
    try:
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
    finally:
        writer.close()
    head_bytes = padded(to.stat().st_size)
    os.truncate(to, head_bytes + need)
    return head_bytes


def write_weights(plan: Sequence[Planned], to: Path, head_bytes: int, moved: Moved) -> int:
    """Write the weights into their places and all of it onto the disk; its size. Raises `Damaged`, `OSError`."""
    total, at = to.stat().st_size, head_bytes
    with to.open("r+b") as file:
        for tensor in plan:
            file.seek(at)
            for piece in tensor.pieces():
                file.write(piece)
                moved(file.tell(), total)
            if file.tell() != at + tensor.size_bytes:
                raise ValueError(f"{tensor.name} became {file.tell() - at} bytes, not {tensor.size_bytes}")
            at += padded(tensor.size_bytes)
        file.flush()
        os.fsync(file.fileno())
    moved(total, total)
    return total


def padded(size_bytes: int) -> int:
    """What a tensor takes with what is left empty after it."""
    return gguf.GGUFWriter.ggml_pad(size_bytes, gguf.GGUF_DEFAULT_ALIGNMENT)
