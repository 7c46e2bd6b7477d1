"""An importance matrix says which inputs of a model's matrices a text uses, and makes what cannot be without one."""

import struct
from pathlib import Path

import gguf
import numpy as np
import pytest

from engine.engine import Engine, finish
from engine.errors import FormatUnknown, MatrixNotUsable, NotFound, TextNotAccepted
from engine.operation import Cancel
from engine.quantizations import Recipe
from engine.types import Importance, Model, TextOf
from engine.worker.quantizer import matrix_file
from engine.worker.quantizer.matrix import Sums
from tests.engine.quantize.conftest import SHAPE
from tests.fakes import tiny_gguf

PARTS = ("attn_k", "attn_output", "attn_q", "attn_v", "ffn_down", "ffn_gate", "ffn_up")


def measured(engine: Engine, model: Model, to: Path, text: Path, chunks: int = 3) -> Path:
    wish = Importance(text=TextOf.FILE, path=text, chunks=chunks)
    assert finish(engine.quantizing.measure(model.id, wish, to, Cancel())) == chunks
    return to


def test_every_matrix_of_every_layer_is_measured_and_tokens_are_counted(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    reader = gguf.GGUFReader(measured(engine, whole, tmp_path / "m.gguf", text_file))
    found = {tensor.name: tensor.data for tensor in reader.tensors}
    names = {f"blk.{layer}.{part}.weight" for layer in range(SHAPE.layers) for part in PARTS}
    assert set(found) == {name + end for name in names for end in (".in_sum2", ".counts")}
    assert all(values.tolist() == [[3 * 512.0]] for name, values in found.items() if name.endswith(".counts"))
    assert reader.fields["general.type"].contents() == "imatrix"
    assert reader.fields["imatrix.chunk_count"].contents() == 3
    assert reader.fields["imatrix.chunk_size"].contents() == 512
    assert reader.fields["imatrix.datasets"].contents() == ["own text"]


def test_what_goes_into_the_first_layer_is_squared_and_added_up(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    """RMS norm makes the mean square of each token's inputs 1: all columns together have one for each."""
    reader = gguf.GGUFReader(measured(engine, whole, tmp_path / "m.gguf", text_file))
    squares = {tensor.name: tensor.data for tensor in reader.tensors}["blk.0.attn_q.weight.in_sum2"]
    assert squares.shape == (1, SHAPE.embedding)
    assert squares.sum() == pytest.approx(3 * 512 * SHAPE.embedding, rel=1e-3)
    key = {tensor.name: tensor.data for tensor in reader.tensors}["blk.0.attn_k.weight.in_sum2"]
    assert (key == squares).all()


@pytest.mark.parametrize("quantization", ["Q2_K_S", "IQ4_XS"])
def test_a_model_is_made_with_a_matrix_of_the_persons_own_text(
    engine: Engine, whole: Model, text_file: Path, quantization: str
) -> None:
    wish = Importance(text=TextOf.FILE, path=text_file, chunks=3)
    made = finish(engine.quantizing.quantize(whole.id, Recipe(quantization=quantization), Cancel(), importance=wish))
    assert made.made is not None
    assert made.made.importance == "the text of words.txt"
    assert made.made.chunks == 3
    assert made.facts.quantization == quantization
    told = gguf.GGUFReader(made.path).fields
    assert told["quantize.imatrix.file"].contents() == "importance.gguf"
    assert told["quantize.imatrix.dataset"].contents() == "own text"
    assert told["quantize.imatrix.entries_count"].contents() == SHAPE.layers * len(PARTS)
    assert told["quantize.imatrix.chunks_count"].contents() == 3
    assert [path.name for path in engine.places.models.iterdir()] == [made.path.name]


def test_a_matrix_in_a_file_is_used_and_announced_to_the_byte(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    matrix = measured(engine, whole, tmp_path / "matrix.gguf", text_file)
    made = finish(engine.quantizing.quantize(
        whole.id, Recipe(quantization="Q2_K_S"), Cancel(), importance=Importance(path=matrix)
    ))  # fmt: skip
    assert made.made is not None
    assert made.made.importance == "matrix.gguf"


def test_the_texts_of_documents_collections_and_chats_are_read(
    engine: Engine, whole: Model, text_file: Path, tmp_path: Path
) -> None:
    finish(engine.documents.add([text_file], Cancel()))
    (document,) = engine.documents.all()
    collection = engine.documents.collections.make("Words")
    for wish, to in (
        (Importance(text=TextOf.DOCUMENTS, chunks=2), "documents.gguf"),
        (Importance(text=TextOf.COLLECTION, collection=collection.id, chunks=2), "collection.gguf"),
    ):
        if wish.collection:
            with pytest.raises(TextNotAccepted, match="there is none"):
                finish(engine.quantizing.measure(whole.id, wish, tmp_path / to, Cancel()))
            engine.documents.collections.add(collection, [document.id])
        assert finish(engine.quantizing.measure(whole.id, wish, tmp_path / to, Cancel())) == 2
    chat = engine.chats.new()
    finish(engine.chats.send(chat.id, text_file.read_text(encoding="utf-8")[:9000], Cancel(), whole.id))
    wish = Importance(text=TextOf.CHATS, chunks=2)
    assert finish(engine.quantizing.measure(whole.id, wish, tmp_path / "chats.gguf", Cancel())) == 2


def test_a_text_that_is_too_short_or_is_not_there_is_refused_and_nothing_is_left(
    engine: Engine, whole: Model, tmp_path: Path
) -> None:
    short = tmp_path / "short.txt"
    short.write_text("badi fego", encoding="utf-8")
    for wish, error in (
        (Importance(text=TextOf.FILE, path=short), TextNotAccepted),
        (Importance(text=TextOf.FILE, path=tmp_path / "a.unknown"), FormatUnknown),
        (Importance(text=TextOf.COLLECTION, collection=9), NotFound),
        (Importance(text=TextOf.CHATS), TextNotAccepted),
    ):
        with pytest.raises(error):
            finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), importance=wish))
    assert not list(engine.places.models.iterdir())


def test_a_file_that_is_no_matrix_or_one_of_another_model_is_refused(
    engine: Engine, whole: Model, tmp_path: Path
) -> None:
    junk, other = tmp_path / "junk.gguf", tmp_path / "other.gguf"
    junk.write_bytes(b"GGUF" + bytes(40))
    with pytest.raises(MatrixNotUsable):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), importance=Importance(path=junk)))
    with pytest.raises(MatrixNotUsable):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), importance=Importance(path=whole.path)))
    sums = {"blk.0.attn_q.weight": Sums(np.ones((1, 32)), np.ones(1, np.int64))}
    matrix_file.write(other, sums, 2, 512, "")
    with pytest.raises(MatrixNotUsable, match="another model"):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), importance=Importance(path=other)))
    assert not list(engine.places.models.iterdir())


def test_experts_are_measured_apart_and_one_that_was_never_reached_counts_as_one(tmp_path: Path) -> None:
    path = tmp_path / "experts.gguf"
    sums = {"blk.0.ffn_up_exps.weight": Sums(np.array([[8.0, 4.0], [0.0, 0.0]]), np.array([4, 0]))}
    matrix_file.write(path, sums, 1, 512, "words")
    matrix = matrix_file.read(path)
    assert matrix.importance["blk.0.ffn_up_exps.weight"].tolist() == [2.0, 1.0, 1.0, 1.0]
    assert (matrix.chunks, matrix.called, matrix.file) == (1, "words", "experts.gguf")


@pytest.mark.parametrize("with_end", [True, False])
def test_the_older_form_of_a_matrix_is_read(tmp_path: Path, with_end: bool) -> None:
    name, values = b"blk.0.attn_q.weight", np.array([6.0, 3.0], "<f4")
    raw = struct.pack("<ii", 1, len(name)) + name + struct.pack("<ii", 3, 2) + values.tobytes()
    path = tmp_path / "old.dat"
    path.write_bytes(raw + (struct.pack("<ii", 7, 5) + b"words" if with_end else b""))
    matrix = matrix_file.read(path)
    assert matrix.importance[name.decode()].tolist() == [2.0, 1.0]
    assert (matrix.chunks, matrix.called) == ((7, "words") if with_end else (0, ""))
    path.write_bytes(raw[:-3])
    with pytest.raises(MatrixNotUsable):
        matrix_file.read(path)


def test_a_recurrent_model_is_measured_too(engine: Engine, text_file: Path, tmp_path: Path) -> None:
    model = finish(engine.models.add(tiny_gguf.write(tmp_path / "m.gguf", architecture="mamba"), Cancel()))
    reader = gguf.GGUFReader(measured(engine, model, tmp_path / "m-matrix.gguf", text_file, chunks=2))
    assert "blk.0.ssm_in.weight.in_sum2" in {tensor.name for tensor in reader.tensors}
