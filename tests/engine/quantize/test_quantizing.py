"""A smaller model is made of a larger one: as announced, as llama.cpp makes it, and whole or not at all."""

import ctypes
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gguf
import llama_cpp
import psutil
import pytest

from engine.engine import Engine, Places, finish
from engine.errors import (
    Cancelled,
    FileMissing,
    MatrixNeeded,
    ModelDamaged,
    ModelNotMade,
    NotFound,
    TextNotAccepted,
    WorkerDied,
)
from engine.events import Changed
from engine.models.cards import mark_of
from engine.operation import Cancel, Hold
from engine.quantizations import QUANTIZATIONS, MatrixUse, Recipe
from engine.quantize.checking import check_recipe
from engine.types import Model, ModelOrigin, Role, Turn, Wanted

MADE_ALIKE = ("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q4_0", "IQ4_XS", "Q3_K_S", "Q2_K", "F32", "BF16")


def by_llama_cpp(source: Path, to: Path, quantization: str) -> bytes:
    """What llama.cpp writes when it is asked directly, with its own choice of everything else."""
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype, params.nthread = QUANTIZATIONS[quantization].number, 1
    assert llama_cpp.llama_model_quantize(str(source).encode(), str(to).encode(), ctypes.byref(params)) == 0
    return to.read_bytes()


@pytest.mark.parametrize("quantization", MADE_ALIKE)
def test_the_file_is_what_llama_cpp_itself_writes_and_as_large_as_was_announced(
    engine: Engine, whole: Model, tmp_path: Path, quantization: str
) -> None:
    (previewed,) = finish(engine.quantizing.preview(whole.id, Cancel(), quantizations=[quantization]))
    made = finish(engine.quantizing.quantize(whole.id, Recipe(quantization=quantization), Cancel()))
    assert made.path.read_bytes() == by_llama_cpp(whole.path, tmp_path / "theirs.gguf", quantization)
    assert made.path.stat().st_size == previewed.size_bytes
    assert made.facts.quantization == quantization


def test_every_form_of_the_table_is_one_that_llama_cpp_can_make(engine: Engine, whole: Model) -> None:
    sizes = finish(engine.quantizing.preview(whole.id, Cancel()))
    assert [one.quantization for one in sizes] == list(QUANTIZATIONS)
    assert all(one.size_bytes for one in sizes), [one for one in sizes if not one.size_bytes]
    needs = {name for name, known in QUANTIZATIONS.items() if known.matrix is MatrixUse.NEEDED}
    assert {one.quantization for one in sizes if one.needs_matrix} == needs
    weighed = finish(engine.quantizing.preview(whole.id, Cancel(), weighed=True))
    assert not any(one.needs_matrix for one in weighed)


def test_the_new_model_is_in_the_library_with_its_origin_and_writes(engine: Engine, whole: Model) -> None:
    seen = []
    work = engine.quantizing.quantize(whole.id, Recipe(quantization="Q4_K_M"), Cancel())
    while True:
        try:
            seen.append(next(work))
        except StopIteration as end:
            made = end.value
            break
    assert seen[-1] == Changed(what="models")
    assert engine.models.get(made.id) == made
    assert made.name == "whole-Q4_K_M"
    assert made.origin is ModelOrigin.MADE
    assert made.path.parent == engine.places.models
    assert made.made is not None
    assert (made.made.parent_id, made.made.parent) == (whole.id, whole.name)
    assert made.made.parent_sha256 == hashlib.sha256(whole.path.read_bytes()).hexdigest()
    assert made.made.recipe == Recipe(quantization="Q4_K_M")
    assert made.made.importance == ""
    with Engine.open(Places(engine.places.data.parent / "other")) as real:
        model = finish(real.models.add(made.path, Cancel()))
        wanted = Wanted(context_tokens=256, answer_tokens=4, threads=1)
        assert finish(real.runtime.generate(model, [Turn(role=Role.USER, text="a")], wanted, Cancel())).text


def test_the_hash_of_the_original_is_kept_and_holds_as_long_as_its_file_is_the_same(
    engine: Engine, whole_file: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(whole_file, tmp_path / "own.gguf"))
    model = finish(engine.models.add(path, Cancel()))

    def hash_of_the_original() -> str:
        made = finish(engine.quantizing.quantize(model.id, Recipe(quantization="Q8_0"), Cancel()))
        assert made.made is not None
        return made.made.parent_sha256

    true = hashlib.sha256(path.read_bytes()).hexdigest()
    assert hash_of_the_original() == true
    known = engine.models.cards.known_checksum(model)
    assert known is not None
    assert known.files == (("own.gguf", true),)
    engine.models.cards.keep_checksum(model, mark_of(path), (("own.gguf", "f" * 64),))
    assert hash_of_the_original() == "f" * 64
    os.utime(path, ns=(0, 0))
    assert hash_of_the_original() == true


def test_removing_a_model_that_was_made_here_deletes_its_file_and_no_other(
    engine: Engine, whole: Model, tidy: Callable[[], bool]
) -> None:
    made = finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q8_0"), Cancel()))
    engine.models.remove(made.id)
    assert tidy()
    assert whole.path.exists()


def test_single_tensors_and_the_two_ends_take_the_forms_that_are_wished(engine: Engine, whole: Model) -> None:
    recipe = Recipe(
        quantization="Q4_K_M", tensors=((r"attn_v\.weight$", "q8_0"), ("blk.0.", "q6_k")), output="f16",
        embedding="q5_k",
    )  # fmt: skip
    (previewed,) = finish(engine.quantizing.preview(whole.id, Cancel(), recipe, quantizations=["Q4_K_M"]))
    made = finish(engine.quantizing.quantize(whole.id, recipe, Cancel()))
    assert made.path.stat().st_size == previewed.size_bytes
    forms = forms_of(made.path)
    assert forms["blk.0.attn_v.weight"] == forms["blk.3.attn_v.weight"] == "Q8_0"
    assert forms["blk.0.attn_q.weight"] == "Q6_K"
    assert forms["blk.1.attn_q.weight"] == "Q4_K"
    assert (forms["output.weight"], forms["token_embd.weight"]) == ("F16", "Q5_K")
    assert made.made is not None
    assert made.made.recipe == recipe


def test_layers_are_left_out_where_that_is_wished_and_the_rest_is_a_model(engine: Engine, whole: Model) -> None:
    recipe = Recipe(quantization="Q8_0", pruned=(1, 2))
    (previewed,) = finish(engine.quantizing.preview(whole.id, Cancel(), recipe, quantizations=["Q8_0"]))
    made = finish(engine.quantizing.quantize(whole.id, recipe, Cancel()))
    assert made.facts.layers == whole.facts.layers - 2
    assert abs(made.path.stat().st_size - previewed.size_bytes) < previewed.size_bytes / 100


def test_a_model_that_is_quantized_already_loses_twice_only_where_that_is_wished(
    engine: Engine, whole: Model, tidy: Callable[[], bool]
) -> None:
    once = finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q8_0"), Cancel()))
    with pytest.raises(ModelNotMade, match="quantized already"):
        finish(engine.quantizing.quantize(once.id, Recipe(quantization="Q4_0"), Cancel()))
    twice = finish(engine.quantizing.quantize(once.id, Recipe(quantization="Q4_0", again=True), Cancel()))
    assert twice.name == "whole-Q4_0"
    assert [path.suffix for path in engine.places.models.iterdir()] == [".gguf"] * 2


@pytest.mark.parametrize("quantization", ["IQ2_XS", "IQ1_S"])
def test_what_needs_a_matrix_is_refused_without_one_before_anything_is_written(
    engine: Engine, whole: Model, tidy: Callable[[], bool], quantization: str
) -> None:
    with pytest.raises(MatrixNeeded):
        finish(engine.quantizing.quantize(whole.id, Recipe(quantization=quantization), Cancel()))
    assert tidy()


def test_a_model_is_never_written_over_itself_or_over_another_file(
    engine: Engine, whole: Model, tmp_path: Path
) -> None:
    before, link, other = whole.path.read_bytes(), tmp_path / "link.gguf", tmp_path / "other.gguf"
    link.symlink_to(whole.path)
    other.write_text("somebody's")
    for target, why in ((whole.path, "made from"), (link, "made from"), (other, "already")):
        with pytest.raises(TextNotAccepted, match=why):
            finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), to=target))
    assert whole.path.read_bytes() == before
    assert other.read_text() == "somebody's"
    with pytest.raises(FileMissing):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), to=tmp_path / "no" / "folder.gguf"))


def test_it_is_written_where_the_person_says_and_is_theirs(engine: Engine, whole: Model, tmp_path: Path) -> None:
    target = tmp_path / "mine.gguf"
    made = finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q8_0"), Cancel(), to=target))
    assert made.path == target
    assert made.origin is ModelOrigin.DISK
    assert made.made is not None
    engine.models.remove(made.id)
    assert target.exists()


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(quantization="Q9_K"),
        Recipe(output="q9"),
        Recipe(tensors=(("attn_v", "nothing"),)),
        Recipe(tensors=(("attn_[", "q8_0"),)),
        Recipe(pruned=(4,)),
        Recipe(pruned=(0, 1, 2, 3)),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_refused_in_words(engine: Engine, whole: Model, recipe: Recipe) -> None:
    with pytest.raises(TextNotAccepted):
        finish(engine.quantizing.quantize(whole.id, recipe, Cancel()))


def test_two_models_of_one_name_lie_beside_each_other(engine: Engine, whole: Model) -> None:
    first, second = (
        finish(engine.quantizing.quantize(whole.id, Recipe(quantization="Q8_0"), Cancel())) for _ in range(2)
    )
    assert (first.path.name, second.path.name) == ("whole-Q8_0.gguf", "whole-Q8_0-2.gguf")
    assert first.id != second.id


def test_a_stop_leaves_nothing_of_a_model_that_rests_half_made(
    engine: Engine, whole: Model, tidy: Callable[[], bool]
) -> None:
    cancel, hold = Cancel(), Hold()
    hold.press(resting=True)

    def press() -> None:
        while tidy():
            threading.Event().wait(0.001)
        cancel.press()

    pressing = threading.Thread(target=press)
    pressing.start()
    with pytest.raises(Cancelled):
        finish(engine.quantizing.quantize(whole.id, Recipe(), cancel, hold=hold))
    pressing.join()
    assert tidy()
    assert [model.id for model in engine.models.all()] == [whole.id]


def test_what_rested_goes_on_and_comes_to_the_same(engine: Engine, whole: Model, tmp_path: Path) -> None:
    class Briefly(Hold):
        @contextmanager
        def calling(self, call: Callable[[bool], None]) -> Iterator[None]:
            with super().calling(call):
                self.press(resting=True)
                self.press(resting=False)
                yield

    made = finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), hold=Briefly()))
    assert made.path.read_bytes() == by_llama_cpp(whole.path, tmp_path / "theirs.gguf", "Q4_K_M")


def test_a_process_that_dies_leaves_nothing(engine: Engine, whole: Model, tidy: Callable[[], bool]) -> None:
    class Killing(Hold):
        @contextmanager
        def calling(self, call: Callable[[bool], None]) -> Iterator[None]:
            for child in psutil.Process().children(recursive=True):
                if "engine.worker.quantizer" in " ".join(child.cmdline()):
                    child.kill()
            yield

    with pytest.raises(WorkerDied):
        finish(engine.quantizing.quantize(whole.id, Recipe(), Cancel(), hold=Killing()))
    assert tidy()
    assert [model.id for model in engine.models.all()] == [whole.id]


def test_what_a_start_finds_half_made_is_cleared_away(places: Places, whole_file: Path) -> None:
    with Engine.open(places):
        half = places.models / ".whole-Q4_K_M.gguf.making"
        half.mkdir()
        shutil.copy(whole_file, half / "new.gguf")
    with Engine.open(places) as again:
        assert not half.exists()
        assert again.models.all() == ()


def test_a_damaged_model_is_refused_before_llama_cpp_sees_it(engine: Engine, whole: Model, tmp_path: Path) -> None:
    cut = tmp_path / "cut.gguf"
    shutil.copy(whole.path, cut)
    model = finish(engine.models.add(cut, Cancel()))
    cut.write_bytes(whole.path.read_bytes()[: whole.facts.size_bytes // 2])
    with pytest.raises(ModelDamaged):
        finish(engine.quantizing.quantize(model.id, Recipe(), Cancel()))
    with pytest.raises(ModelDamaged):
        finish(engine.quantizing.preview(model.id, Cancel()))
    with pytest.raises(NotFound):
        finish(engine.quantizing.quantize(999, Recipe(), Cancel()))


def test_an_adapter_cannot_be_made_smaller(engine: Engine, whole: Model) -> None:
    with pytest.raises(ModelNotMade):
        check_recipe(Recipe(), replace(whole, facts=replace(whole.facts, use="adapter")))


def forms_of(path: Path) -> dict[str, str]:
    """The form of each tensor of a file."""
    return {tensor.name: tensor.tensor_type.name for tensor in gguf.GGUFReader(path).tensors}
