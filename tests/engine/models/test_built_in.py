"""The guide that comes with the program is in the library by itself, in its place, and stays there."""

from pathlib import Path

import numpy as np
import pytest

from engine.engine import Cancel, Engine, finish
from engine.errors import ModelBuiltIn, NotFound
from engine.models import Models
from engine.places import Places
from engine.store import Store
from engine.types import ModelOrigin
from tests.fakes import tiny_gguf
from tests.fakes.gguf_bytes import model_bytes


@pytest.fixture
def guide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A guide that lies in the program."""
    path = tmp_path / "program" / "resources" / "guide.gguf"
    path.parent.mkdir(parents=True)
    tiny_gguf.write(path, sampling={"temp": 0.0})
    monkeypatch.setattr("engine.places.GUIDE", path)
    return path


def test_the_guide_is_there_at_the_first_start_where_it_lies_and_nothing_is_copied(places: Places, guide: Path) -> None:
    with Engine.open(places, model_process="tests.fakes.model_worker") as engine:
        (model,) = engine.models.all()
        assert (model.name, model.path, model.origin) == ("Built-in guide", guide, ModelOrigin.BUILT_IN)
        assert (model.built_in, model.is_own, model.is_test, model.missing) == (True, False, False, False)
        assert engine.models.for_chat() == (model,)
        assert engine.models.get(model.id) == model
        assert engine.models.find("built-in") == model
        assert list(places.models.iterdir()) == []


def test_without_a_guide_in_the_program_the_library_is_empty(models: Models) -> None:
    assert models.all() == ()


def test_a_damaged_guide_is_left_out(models: Models, guide: Path) -> None:
    guide.write_bytes(b"none")
    assert models.all() == ()


def test_the_guide_keeps_its_number_and_its_options_where_the_program_has_moved(
    models: Models, guide: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (before,) = models.all()
    models.set_loading(before.id, context_tokens=1024)
    moved = guide.rename(guide.with_name("elsewhere.gguf"))
    monkeypatch.setattr("engine.places.GUIDE", moved)
    (after,) = models.all()
    assert (after.id, after.path, after.missing) == (before.id, moved, False)
    assert after.loading == {"context_tokens": 1024}


def test_a_program_without_the_guide_does_not_miss_it_and_one_with_it_knows_it_again(
    models: Models, guide: Path
) -> None:
    (model,) = models.all()
    away = guide.rename(guide.with_name("away.gguf"))
    assert models.all() == ()
    with pytest.raises(NotFound):
        models.get(model.id)
    away.rename(guide)
    assert models.get(model.id) == model


def test_a_newer_guide_is_read_again(models: Models, guide: Path) -> None:
    (before,) = models.all()
    guide.write_bytes(model_bytes({"llama.context_length": 512}))
    (after,) = models.all()
    assert (after.id, after.facts.context_tokens) == (before.id, 512)


def test_the_guide_cannot_be_removed(models: Models, guide: Path) -> None:
    (model,) = models.all()
    with pytest.raises(ModelBuiltIn, match="Built-in guide comes with Hanare"):
        models.remove(model.id)
    assert models.all() == (model,)
    assert guide.exists()


def test_the_file_of_the_guide_opened_by_hand_is_the_guide(models: Models, guide: Path) -> None:
    (model,) = models.all()
    assert finish(models.add(guide, Cancel())) == model
    assert len(models.all()) == 1


def test_the_guide_comes_back_with_a_store_that_did_not_know_it(models: Models, store: Store, guide: Path) -> None:
    (model,) = models.all()
    store.models.remove(model.id)  # as a backup from before would be
    (again,) = models.all()
    assert again.built_in


def test_the_guide_is_never_what_is_taken_instead_of_a_larger_model(
    models: Models, guide: Path, tmp_path: Path
) -> None:
    large = tmp_path / "large.gguf"
    tiny_gguf.write(large, form=np.float32)
    model = finish(models.add(large, Cancel()))
    assert models.ways_down(model.id).model is None
