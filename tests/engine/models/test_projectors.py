"""Which file a model sees with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import FileMissing, ModelDamaged, ProjectorNotForModel
from engine.runtime.projector import LOOKING_BYTES
from engine.types import Model
from tests.fakes import tiny_gguf, tiny_projector


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine.open(Places(tmp_path / "data")) as opened:
        yield opened


def added(engine: Engine, path: Path) -> Model:
    path.parent.mkdir(exist_ok=True)
    return engine.models.get(finish(engine.models.add(tiny_gguf.write(path), Cancel())).id)


def test_a_projector_beside_a_model_goes_with_it_from_the_moment_it_lies_there(engine: Engine, tmp_path: Path) -> None:
    model = added(engine, tmp_path / "owl.gguf")
    assert model.projector is None
    projector = tiny_projector.write(tmp_path / "mmproj-owl-f16.gguf")
    assert engine.models.get(model.id).projector == projector
    assert engine.models.all()[0].projector == engine.models.for_chat()[0].projector == projector
    projector.unlink()
    assert engine.models.get(model.id).projector is None


def test_of_several_the_one_that_fits_and_is_called_alike_is_taken(engine: Engine, tmp_path: Path) -> None:
    tiny_projector.write(tmp_path / "mmproj-owl-wide.gguf", embedding=96)
    tiny_projector.write(tmp_path / "mmproj-zebra.gguf")
    wanted = tiny_projector.write(tmp_path / "mmproj-owl.gguf")
    (tmp_path / "mmproj-owl-broken.gguf").write_bytes(b"GGUF")
    tiny_gguf.write(tmp_path / "mmproj-owl-not.gguf")
    assert added(engine, tmp_path / "owl-q4.gguf").projector == wanted


def test_a_projector_in_another_folder_is_taken_when_it_is_chosen(engine: Engine, tmp_path: Path) -> None:
    model = added(engine, tmp_path / "owl.gguf")
    (tmp_path / "elsewhere").mkdir()
    other = tiny_projector.write(tmp_path / "elsewhere" / "eyes.gguf")
    assert engine.models.choose_projector(model.id, other).projector == other
    beside = tiny_projector.write(tmp_path / "mmproj-owl.gguf")
    assert engine.models.get(model.id).projector == other
    assert engine.models.choose_projector(model.id, None).projector is None
    assert engine.models.choose_projector(model.id, None, by_itself=True).projector == beside


def test_what_is_no_projector_of_the_model_cannot_be_chosen(engine: Engine, tmp_path: Path) -> None:
    model = added(engine, tmp_path / "owl.gguf")
    with pytest.raises(ProjectorNotForModel, match="no projector"):
        engine.models.choose_projector(model.id, model.path)
    with pytest.raises(ProjectorNotForModel, match="rows of 96 numbers of a picture, and the model takes 64"):
        engine.models.choose_projector(model.id, tiny_projector.write(tmp_path / "wide.gguf", embedding=96))
    (tmp_path / "torn.gguf").write_bytes(b"GGUF")
    with pytest.raises(ModelDamaged):
        engine.models.choose_projector(model.id, tmp_path / "torn.gguf")
    with pytest.raises(FileMissing):
        engine.models.choose_projector(model.id, tmp_path / "none.gguf")
    assert engine.models.get(model.id).projector is None


def test_what_a_model_needs_says_what_its_projector_takes_beside_it(engine: Engine, tmp_path: Path) -> None:
    model = added(engine, tmp_path / "owl.gguf")
    blind = engine.models.need(model)
    assert blind.seeing_bytes == 0
    projector = tiny_projector.write(tmp_path / "mmproj-owl.gguf")
    need = engine.models.need(engine.models.get(model.id))
    assert need.need_bytes == blind.need_bytes
    assert need.seeing_bytes == engine.models.inspect(projector).tensor_bytes + LOOKING_BYTES
