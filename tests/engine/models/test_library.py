"""The library keeps models where they lie and knows what has become of them."""

import os
import sys
from pathlib import Path

import pytest

from engine.errors import Cancelled, FileMissing, FileNotReadable, ModelDamaged, NotFound, TextNotAccepted
from engine.events import Changed
from engine.ledger import Ledger
from engine.loading import LoadOptions
from engine.models import Models
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import ModelOrigin
from tests.fakes.gguf_bytes import model_bytes
from tests.fakes.plain_user import plain_user


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A model of the person's own."""
    path = tmp_path / "Downloads" / "Some-Model-Q8_0.gguf"
    path.parent.mkdir()
    path.write_bytes(model_bytes({"llama.embedding_length": 64}))
    return path


def test_a_file_opened_from_disk_is_used_in_place(models: Models, places: Places, file: Path) -> None:
    operation = models.add(file, Cancel())
    assert next(operation) == Changed(what="models")
    model = finish(operation)
    assert model.path == file
    assert (model.name, model.origin, model.missing) == ("Some-Model-Q8_0", ModelOrigin.DISK, False)
    assert models.all() == (model,)
    assert models.get(model.id) == model
    assert list(places.models.iterdir()) == []


def test_the_same_file_added_twice_is_one_model(models: Models, file: Path) -> None:
    first = finish(models.add(file, Cancel()))
    assert list(models.add(file, Cancel())) == []  # nothing changed, nothing said
    assert finish(models.add(file.parent / "." / file.name, Cancel())) == first
    assert len(models.all()) == 1


@pytest.mark.skipif(os.name != "posix", reason="links need a right on this system")
def test_a_link_to_a_model_is_that_model(models: Models, file: Path) -> None:
    first = finish(models.add(file, Cancel()))
    link = file.with_name("link.gguf")
    link.symlink_to(file)
    assert finish(models.add(link, Cancel())).id == first.id


def test_a_damaged_file_is_not_added(models: Models, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(ModelDamaged):
        finish(models.add(file, Cancel()))
    with pytest.raises(FileMissing):
        finish(models.add(file.with_name("none.gguf"), Cancel()))
    assert models.all() == ()


def test_nothing_is_added_after_stop(models: Models, file: Path) -> None:
    cancel = Cancel()
    cancel.press()
    with pytest.raises(Cancelled):
        finish(models.add(file, cancel))
    assert models.all() == ()


def test_a_model_whose_file_is_gone_is_marked_and_comes_back(models: Models, file: Path) -> None:
    model = finish(models.add(file, Cancel()))
    away = file.rename(file.with_suffix(".away"))
    assert models.get(model.id).missing
    assert [known.missing for known in models.all()] == [True]
    away.rename(file)
    assert models.get(model.id) == model


def test_a_changed_file_is_read_again_and_kept(models: Models, store: Store, file: Path) -> None:
    model = finish(models.add(file, Cancel()))
    file.write_bytes(model_bytes({"llama.context_length": 512}))
    assert models.get(model.id).facts.context_tokens == 512
    kept = store.models.get(model.id)
    assert kept is not None
    assert kept.facts.context_tokens == 512


def test_a_file_that_became_damaged_stays_in_the_list(models: Models, file: Path) -> None:
    model = finish(models.add(file, Cancel()))
    file.write_bytes(b"gone")
    assert [known.id for known in models.all()] == [model.id]


def test_a_model_is_loaded_as_the_settings_say_but_for_what_is_set_for_it(
    store: Store, places: Places, file: Path
) -> None:
    everywhere = LoadOptions(context_tokens=8192)
    models = Models(store.models, Ledger(store.connections), places, lambda: everywhere)
    model = finish(models.add(file, Cancel()))
    assert models.options(model) == everywhere
    model = models.set_loading(model.id, key_cache="q8_0", unload_after_minutes=3)
    assert models.get(model.id).loading == {"key_cache": "q8_0", "unload_after_minutes": 3}
    everywhere = LoadOptions(context_tokens=1024, unload_after_minutes=60)
    assert models.options(model) == LoadOptions(context_tokens=1024, key_cache="q8_0", unload_after_minutes=3)
    model = models.set_loading(model.id, unload_after_minutes=None)
    assert models.options(models.get(model.id)) == LoadOptions(
        context_tokens=1024, key_cache="q8_0", unload_after_minutes=60
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"context_tokens": 100}, "the least is 512"),
        ({"context_tokens": "many"}, "of kind int"),
        ({"key_cache": "f17"}, "choose one of f16"),
        ({"colour": "red"}, "there is none of that name"),
        ({"flash_attention": "off", "value_cache": "q8_0"}, "it needs flash attention"),
    ],
)
def test_an_option_that_cannot_be_is_refused_and_nothing_is_changed(
    models: Models, file: Path, values: dict[str, object], said: str
) -> None:
    model = finish(models.add(file, Cancel()))
    models.set_loading(model.id, context_tokens=1024)
    with pytest.raises(TextNotAccepted, match=said):
        models.set_loading(model.id, **values)
    assert models.get(model.id).loading == {"context_tokens": 1024}


def test_a_cache_that_a_model_cannot_have_is_refused_for_it_and_left_out_where_it_is_meant_for_all(
    store: Store, places: Places, file: Path
) -> None:
    file.write_bytes(model_bytes({"llama.embedding_length": 80}))
    models = Models(store.models, Ledger(store.connections), places, lambda: LoadOptions(key_cache="q8_0"))
    model = finish(models.add(file, Cancel()))
    with pytest.raises(TextNotAccepted, match="this model can only have f16"):
        models.set_loading(model.id, value_cache="q4_0")
    assert models.options(model) == LoadOptions()
    assert models.set_loading(model.id, context_tokens=1024).loading == {"context_tokens": 1024}


def test_what_only_a_later_program_understands_of_an_option_counts_as_never_chosen(
    models: Models, store: Store, file: Path
) -> None:
    model = finish(models.add(file, Cancel()))
    store.models.set_loading(model.id, {"key_cache": "q3_9", "sorcery": 3, "context_tokens": 1024})
    assert models.options(models.get(model.id)) == LoadOptions(context_tokens=1024)
    assert models.set_loading(model.id, value_cache="q8_0").loading == {"context_tokens": 1024, "value_cache": "q8_0"}


def test_removing_a_model_from_disk_leaves_its_file(models: Models, file: Path) -> None:
    models.remove(finish(models.add(file, Cancel())).id)
    assert file.exists()
    assert models.all() == ()
    with pytest.raises(NotFound):
        models.remove(1)


def test_a_model_is_found_by_number_name_path_and_the_start_of_its_name(models: Models, file: Path) -> None:
    first = finish(models.add(file, Cancel()))
    other = file.with_name("Another.gguf")
    other.write_bytes(model_bytes({"general.name": "Another"}))
    second = finish(models.add(other, Cancel()))
    assert models.find(str(second.id)) == second
    assert models.find("some-model-q8_0") == first
    assert models.find(str(other)) == second
    assert models.find("Ano") == second
    for wrong in ("", "zzz", "99", "a\0b"):
        with pytest.raises(NotFound):
            models.find(wrong)


def test_a_beginning_that_fits_two_models_finds_neither(models: Models, file: Path) -> None:
    finish(models.add(file, Cancel()))
    twin = file.with_name("Some-Model-Q4_0.gguf")
    twin.write_bytes(model_bytes({"general.name": "twin"}))
    finish(models.add(twin, Cancel()))
    with pytest.raises(TextNotAccepted, match="number"):
        models.find("Some-Model")


def test_a_name_that_two_models_have_finds_neither(models: Models, file: Path) -> None:
    finish(models.add(file, Cancel()))
    twin = file.parent / "other" / file.name
    twin.parent.mkdir()
    twin.write_bytes(model_bytes({"general.name": "twin"}))
    second = finish(models.add(twin, Cancel()))
    with pytest.raises(TextNotAccepted, match="number"):
        models.find(file.stem)
    assert models.find(str(twin)) == second


def test_models_for_a_chat_are_those_that_are_here_and_can_chat(models: Models, file: Path) -> None:
    here = finish(models.add(file, Cancel()))
    gone = file.with_name("gone.gguf")
    gone.write_bytes(model_bytes())
    finish(models.add(gone, Cancel()))
    gone.unlink()
    embedder = file.with_name("embedder.gguf")
    embedder.write_bytes(model_bytes({"general.name": "Embedder", "llama.pooling_type": 1}))
    assert finish(models.add(embedder, Cancel())).facts.use == "embedding"
    assert models.for_chat() == (here,)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions work differently there")
def test_a_file_that_can_no_longer_be_read_stays_in_the_list(models: Models, file: Path) -> None:
    model = finish(models.add(file, Cancel()))
    file.write_bytes(model_bytes({"llama.context_length": 512}))
    file.chmod(0)
    with plain_user():
        assert [known.id for known in models.all()] == [model.id]


@pytest.mark.skipif(sys.platform != "linux", reason="names are text on this system")
def test_a_file_whose_name_is_no_text_is_refused_with_the_reason(models: Models, file: Path) -> None:
    odd = file.rename(Path(os.fsdecode(os.fsencode(file.parent) + b"/\x83e.gguf")))
    with pytest.raises(FileNotReadable, match="its name"):
        finish(models.add(odd, Cancel()))


def test_models_of_ours_move_with_the_data_folder(models: Models, store: Store, places: Places) -> None:
    made = finish(models.make_test_models(Cancel()))
    elsewhere = Places(places.data.with_name("moved"))
    elsewhere.make()
    for path in places.models.iterdir():
        path.rename(elsewhere.models / path.name)

    there = Models(store.models, Ledger(store.connections), elsewhere)

    assert [(model.id, model.missing) for model in there.all()] == [(model.id, False) for model in made]
    assert [model.id for model in finish(there.make_test_models(Cancel()))] == [model.id for model in made]
    there.remove(made[0].id)
    assert [path.name for path in elsewhere.models.iterdir()] == [made[1].path.name]


def test_a_file_can_be_inspected_without_adding_it(models: Models, file: Path) -> None:
    facts = models.inspect(file)
    assert facts.architecture == "llama"
    assert models.fit(facts, LoadOptions(context_tokens=128)).context_tokens == 128
    assert models.all() == ()
