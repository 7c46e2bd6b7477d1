"""Fetching a projector with its model: which are there, which is taken, and what ties them."""

from pathlib import Path

import pytest

from engine.errors import HubRefused, NoRoomForDownload, ProjectorNotForModel
from engine.ledger import Ledger
from engine.models import Models
from engine.models.projector_choice import best_first
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import HubFile
from tests.fakes import tiny_gguf, tiny_projector
from tests.fakes.hub import FakeHub

REPOSITORY, FILE = "someone/Owl-GGUF", "owl-Q4_K_M.gguf"


@pytest.fixture
def owl(hub: FakeHub, tmp_path: Path) -> bytes:
    """A model in its repository, with two projectors; the content of the smaller."""
    hub.put(REPOSITORY, FILE, tiny_gguf.write(tmp_path / "owl.gguf").read_bytes())
    hub.put(REPOSITORY, "README.md", b"# mmproj")
    hub.put(REPOSITORY, "mmproj-F32.gguf", tiny_projector.write(tmp_path / "l.gguf", layers=4).read_bytes())
    small = tiny_projector.write(tmp_path / "s.gguf").read_bytes()
    hub.put(REPOSITORY, "mmproj-F16.gguf", small)
    return small


def names(found: tuple[HubFile, ...]) -> list[str]:
    return [file.name for file in found]


@pytest.mark.parametrize("page_of", [1, 1000])
def test_the_projectors_of_a_repository_are_found_with_their_sizes_the_best_first(
    models: Models, hub: FakeHub, owl: bytes, page_of: int
) -> None:
    hub.page_of = page_of
    found = finish(models.projectors_of(REPOSITORY, FILE, Cancel()))
    assert names(found) == ["mmproj-F16.gguf", "mmproj-F32.gguf"]
    assert found[0].size_bytes == len(owl)
    assert not hub.bodies()
    assert {request.headers["user-agent"] for request in hub.requests} == {"hanare"}


@pytest.mark.parametrize(
    ("files", "model", "best"),
    [
        (["mmproj-F16.gguf", "mmproj-Q8_0.gguf", "mmproj-Q4_0.gguf", "mmproj-F32.gguf"], FILE, "mmproj-Q8_0.gguf"),
        (["mmproj-F32.gguf", "mmproj-BF16.gguf", "mmproj-F16.gguf"], FILE, "mmproj-F16.gguf"),
        (["mmproj-owl-q4_k_m.gguf", "mmproj-owl-f16.gguf"], FILE, "mmproj-owl-f16.gguf"),
        (["mmproj-elk-q8_0.gguf", "mmproj-owl-f16.gguf"], FILE, "mmproj-owl-f16.gguf"),
        (["owl-mmproj-f16.gguf", "owl-mmproj-q8_0.gguf"], "owl-f16.gguf", "owl-mmproj-q8_0.gguf"),
        (["other/mmproj-Q8_0.gguf", "deep/mmproj-F16.gguf"], "deep/owl.gguf", "deep/mmproj-F16.gguf"),
        (["mmproj.gguf"], "deep/owl.gguf", "mmproj.gguf"),
    ],
)
def test_the_best_is_the_smallest_that_keeps_eight_bits_and_is_called_like_the_model(
    files: list[str], model: str, best: str
) -> None:
    assert best_first([HubFile(name, 10) for name in files], model)[0].name == best


def test_a_projector_itself_needs_none() -> None:
    assert best_first([HubFile("mmproj-F16.gguf", 1)], "mmproj-F16.gguf") == ()


def test_a_projector_is_fetched_with_its_model_and_tied_to_it_also_where_the_folder_moves(
    models: Models, hub: FakeHub, owl: bytes, store: Store, places: Places
) -> None:
    finish(models.download(REPOSITORY, "mmproj-F32.gguf", Cancel()))
    best, _ = finish(models.projectors_of(REPOSITORY, FILE, Cancel()))
    model = finish(models.download(REPOSITORY, FILE, Cancel(), projector=best))
    assert model.projector is not None
    assert model.projector.read_bytes() == owl
    assert models.get(model.id) == model
    moved = Places(places.data.rename(places.data.with_name("elsewhere")))
    again = Models(store.models, Ledger(store.connections), moved).get(model.id)
    assert again.projector == moved.models / model.projector.name


def test_a_projector_that_does_not_fit_is_refused_and_the_model_stays(
    models: Models, hub: FakeHub, owl: bytes, tmp_path: Path
) -> None:
    wide = tiny_projector.write(tmp_path / "w.gguf", embedding=96).read_bytes()
    hub.put(REPOSITORY, "mmproj-wide.gguf", wide)
    with pytest.raises(ProjectorNotForModel, match="rows of 96 numbers"):
        finish(models.download(REPOSITORY, FILE, Cancel(), projector=HubFile("mmproj-wide.gguf", len(wide))))
    (model,) = models.for_chat()
    assert model.projector is None


def test_room_is_needed_for_both_before_any_of_it_is_fetched(models: Models, hub: FakeHub, owl: bytes) -> None:
    with pytest.raises(NoRoomForDownload):
        finish(models.download(REPOSITORY, FILE, Cancel(), projector=HubFile("mmproj-F16.gguf", 1 << 49)))
    assert not hub.bodies()
    assert models.all() == ()


def test_what_a_hub_lists_is_not_believed(models: Models, hub: FakeHub, owl: bytes) -> None:
    hub.lists = (
        b'[{"type": "file", "path": 7, "size": 1}, {"type": "file", "path": "mmproj.gguf", "size": -1}, 4, null,'
        b'{"type": "directory", "path": "mmproj.gguf", "size": 1}, {"type": "file", "path": "mm\\u202eproj.gguf"},'
        b'{"type": "file", "path": "a/mmproj.gguf", "size": true}]'
    )
    assert finish(models.projectors_of(REPOSITORY, FILE, Cancel())) == ()
    for lists in (b"<html>", b'{"a": 1}', b"[" * 100_000, b"[" + b" " * (5 << 20) + b"]"):
        hub.lists = lists
        with pytest.raises(HubRefused, match="its list of files could not be read"):
            finish(models.projectors_of(REPOSITORY, FILE, Cancel()))


def test_a_token_goes_with_the_question_for_the_list(models: Models, hub: FakeHub, owl: bytes) -> None:
    finish(models.projectors_of(REPOSITORY, FILE, Cancel(), token="hf_secret"))
    assert [request.headers["authorization"] for request in hub.requests] == ["Bearer hf_secret"]
