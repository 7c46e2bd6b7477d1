"""Models that other programs have on this computer are found and used where they lie."""

import json
import os
from pathlib import Path

import pytest

from engine.errors import FileMissing, ModelDamaged
from engine.events import Changed, Progressed
from engine.models import Elsewhere, Models
from engine.models import other_programs as programs
from engine.operation import Cancel, finish
from engine.types import ModelElsewhere
from tests.fakes.gguf_bytes import model_bytes

WIDE = {"llama.embedding_length": 64}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's empty home folder, and no variable that leads elsewhere."""
    path = tmp_path / "home"
    path.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(path))
    for name in ("OLLAMA_MODELS", "HF_HOME", "HF_HUB_CACHE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(programs, "OLLAMA_SERVICE", path / "nobody")
    return path


@pytest.fixture
def elsewhere(models: Models, home: Path) -> Elsewhere:
    return Elsewhere(models)


def put(path: Path, content: bytes | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model_bytes(WIDE) if content is None else content)
    return path


def pull(folder: Path, name: str, *, projector: str = "", digest: str = "a" * 64) -> Path:
    """A model of Ollama's."""
    layers = [{"mediaType": "application/vnd.ollama.image.model", "digest": f"sha256:{digest}"}]
    if projector:
        layers.append({"mediaType": "application/vnd.ollama.image.projector", "digest": f"sha256:{projector}"})
    put(folder / "manifests" / name, json.dumps({"schemaVersion": 2, "layers": layers}).encode())
    return put(folder / "blobs" / f"sha256-{digest}")


def told(found: tuple[ModelElsewhere, ...]) -> list[tuple[str, str, str]]:
    return [(one.program, one.name, one.repository) for one in found]


def test_each_programs_models_are_found_by_the_names_that_people_know(elsewhere: Elsewhere, home: Path) -> None:
    here = {place.program: place.folder for place in reversed(programs.places(home, os.environ, "linux"))}
    put(home / ".lmstudio/models/some-org/Owl-GGUF/Owl-Q4_K_M.gguf")
    put(here[programs.JAN] / "finch-1b" / "model.gguf")
    put(here[programs.GPT4ALL] / "Wren.Q4_0.gguf")
    pull(here[programs.OLLAMA], "registry.ollama.ai/library/heron/2b")
    pull(home / ".ollama/models", "hf.co/somebody/crane/latest", digest="b" * 64)
    blob = put(here[programs.HUB_CACHE] / "models--lark-org--lark/blobs/abc")
    snapshot = here[programs.HUB_CACHE] / "models--lark-org--lark/snapshots/0123/lark-Q8_0.gguf"
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(blob)
    found = finish(elsewhere.find(Cancel()))
    assert told(found) == [
        ("GPT4All", "Wren.Q4_0", ""),
        ("Hugging Face cache", "lark-Q8_0", "lark-org/lark"),
        ("Jan", "finch-1b", ""),
        ("LM Studio", "Owl-Q4_K_M", "some-org/Owl-GGUF"),
        ("Ollama", "heron:2b", ""),
        ("Ollama", "hf.co/somebody/crane:latest", ""),
    ]
    assert all(one.facts and not one.why and not one.known for one in found)


def test_one_is_used_where_it_lies_under_its_name_and_known_the_next_time(
    elsewhere: Elsewhere, models: Models, home: Path
) -> None:
    blob = pull(home / ".ollama/models", "registry.ollama.ai/library/heron/2b")
    before = blob.read_bytes()
    (one,) = finish(elsewhere.find(Cancel()))
    taking = elsewhere.take(one, Cancel())
    assert next(taking) == Changed(what="models")
    model = finish(taking)
    assert (model.name, model.path) == ("heron:2b", blob)
    assert blob.read_bytes() == before
    assert [each.known for each in finish(elsewhere.find(Cancel()))] == [model.id]
    models.remove(model.id)
    assert blob.exists()


def test_the_repository_that_its_folder_tells_is_kept(elsewhere: Elsewhere, home: Path) -> None:
    put(home / ".lmstudio/models/some-org/Owl-GGUF/Owl-Q4_K_M.gguf")
    (one,) = finish(elsewhere.find(Cancel()))
    assert finish(elsewhere.take(one, Cancel())).repository == "some-org/Owl-GGUF"


def test_a_model_that_vanished_is_marked_as_missing(elsewhere: Elsewhere, models: Models, home: Path) -> None:
    blob = pull(home / ".ollama/models", "registry.ollama.ai/library/heron/2b")
    (one,) = finish(elsewhere.find(Cancel()))
    finish(elsewhere.take(one, Cancel()))
    blob.unlink()
    assert [model.missing for model in models.all()] == [True]
    (again,) = finish(elsewhere.find(Cancel()))
    assert (again.facts, again.why) == (None, "its file is missing")
    with pytest.raises(FileMissing):
        finish(elsewhere.take(again, Cancel()))


def test_what_cannot_be_used_says_why(elsewhere: Elsewhere, home: Path) -> None:
    path = put(home / ".lmstudio/models/o/r/broken.gguf", b"GGUF but no more")
    (one,) = finish(elsewhere.find(Cancel()))
    assert one.facts is None
    assert one.why
    with pytest.raises(ModelDamaged):
        finish(elsewhere.take(one, Cancel()))
    assert path.exists()


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"{", b"[]", b"null", b'{"layers": 5}', b'{"layers": [null, 7, {}]}', b"[" * 100_000,
        b'{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../../etc/passwd"}]}',
        b'{"layers": [{"mediaType": ["x"], "digest": 7}]}', b"\xff\xfe", b" " * (2 << 20),
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_names_no_file(elsewhere: Elsewhere, home: Path, manifest: bytes) -> None:
    put(home / ".ollama/models/manifests/registry.ollama.ai/library/odd/latest", manifest)
    assert finish(elsewhere.find(Cancel())) == ()


def test_a_folder_is_looked_through_with_all_below_it_and_each_file_once(
    elsewhere: Elsewhere, home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "disk"
    first = put(folder / "a/Owl.gguf")
    put(folder / "b/deep/Finch.GGUF")
    put(folder / "notes.txt", b"no model")
    (folder / "c").mkdir()
    os.link(first, folder / "c" / "Same.gguf")
    (folder / "round").symlink_to(folder)
    looking = elsewhere.find(Cancel(), folder)
    assert isinstance(next(looking), Progressed)
    assert told(finish(looking)) == [("", "Finch", ""), ("", "Owl", "")]


def test_of_a_model_in_several_files_the_first_stands_for_all(elsewhere: Elsewhere, home: Path) -> None:
    for number in (1, 2):
        put(home / f".lmstudio/models/o/r/big-0000{number}-of-00002.gguf")
    (one,) = finish(elsewhere.find(Cancel()))
    assert one.path.name == "big-00001-of-00002.gguf"


def test_a_folder_that_is_not_there_is_told(elsewhere: Elsewhere, home: Path) -> None:
    with pytest.raises(FileMissing):
        finish(elsewhere.find(Cancel(), home / "none"))


def test_lm_studio_may_have_been_told_another_home(home: Path, tmp_path: Path) -> None:
    (home / ".lmstudio-home-pointer").write_text(f"{tmp_path / 'other'}\n")
    assert programs.Place(programs.LM_STUDIO, tmp_path / "other" / "models") in programs.places(home, {}, "linux")


@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_every_program_has_a_folder_on_every_system(system: str, tmp_path: Path) -> None:
    found = programs.places(tmp_path, {}, system)
    names = {programs.LM_STUDIO, programs.JAN, programs.GPT4ALL, programs.OLLAMA, programs.HUB_CACHE}
    assert {place.program for place in found} == names
    assert all(place.folder.is_absolute() for place in found)


def test_variables_lead_to_other_folders_where_they_are_whole_paths(tmp_path: Path) -> None:
    told = {"OLLAMA_MODELS": str(tmp_path / "ollama"), "HF_HOME": str(tmp_path / "hf"), "XDG_DATA_HOME": "relative"}
    found = dict((place.program, place.folder) for place in reversed(programs.places(tmp_path, told, "linux")))
    assert found[programs.OLLAMA] == tmp_path / "ollama"
    assert found[programs.HUB_CACHE] == tmp_path / "hf" / "hub"
    assert found[programs.GPT4ALL] == tmp_path / ".local/share/nomic.ai/GPT4All"
