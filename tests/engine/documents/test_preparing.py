"""The same text is read once by a model, wherever it stands, and each place keeps its own vector."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.documents import Documents
from engine.documents.embedding import NAME, Embedder
from engine.errors import Cancelled
from engine.operation import Cancel, finish
from engine.store import Store
from engine.store.vectors import Vector

Read = list[str]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Every text that reached the embedder, but for questions."""
    texts: Read = []
    vectors = Embedder.vectors

    def heard(self: Embedder, wanted: Sequence[str], cancel: Cancel, *, question: bool = False) -> Any:
        texts.extend(() if question else wanted)
        return vectors(self, wanted, cancel, question=question)

    monkeypatch.setattr(Embedder, "vectors", heard)
    return texts


@pytest.fixture
def prepare(quick: Documents) -> Callable[..., int]:
    """Adds files and prepares the search by meaning; of how many passages."""

    def prepared(*paths: Path) -> int:
        finish(quick.add(paths, Cancel()))
        return finish(quick.embed(Cancel())).passages

    return prepared


def written(folder: Path, names: Sequence[str], text: str = "The deposit is two months of rent.") -> None:
    for name in names:
        (folder / f"{name}.txt").write_text(text)


def test_a_text_that_stands_in_many_places_reaches_the_embedder_once(
    folder: Path, quick: Documents, read: Read, prepare: Callable[..., int]
) -> None:
    written(folder, [f"copy{number:03}" for number in range(150)])  # more than are looked at together
    written(folder, ["other"], "Something else.")
    assert prepare(folder) == 151
    assert sorted(read) == ["Something else.", "The deposit is two months of rent."]
    assert quick.counts().embedded == 151


def test_a_copy_that_comes_later_is_not_read_again_and_is_found_at_once(
    folder: Path, quick: Documents, read: Read, prepare: Callable[..., int], store: Store
) -> None:
    written(folder, ["first"])
    prepare(folder)
    finish(quick.search("deposit", Cancel(), by="meaning"))  # the index is in memory from here on
    read.clear()
    written(folder, ["second", "third"])
    assert prepare(folder) == 2
    assert read == []
    (hit,) = finish(quick.search("deposit", Cancel(), by="meaning"))
    assert {one.path.stem for one in (hit.passage, *hit.also_in)} == {"first", "second", "third"}
    assert len({bits for _, bits in store.documents.vectors.bits(NAME)}) == 1


def test_a_copy_keeps_its_vector_when_the_other_is_erased(
    folder: Path, quick: Documents, read: Read, prepare: Callable[..., int]
) -> None:
    written(folder, ["first", "second"])
    prepare(folder)
    first = next(one.id for one in quick.all() if one.path.stem == "first")
    quick.remove([first])
    finish(quick.erase([first], Cancel()))
    assert quick.counts().embedded == 1
    (hit,) = finish(quick.search("deposit", Cancel(), by="meaning"))
    assert (hit.passage.path.stem, hit.also_in) == ("second", ())
    read.clear()
    written(folder, ["third"])
    assert (prepare(folder / "third.txt"), read) == (1, [])


def test_what_one_model_made_is_nothing_to_another(folder: Path, prepare: Callable[..., int], store: Store) -> None:
    written(folder, ["first"])
    prepare(folder)
    rows = store.documents.vectors
    ((passage, _),) = rows.lacking("other 2", 0, 9)
    digest = store._vault.rows("SELECT text_sha256 FROM meaning_row")[0]["text_sha256"]
    assert rows.made_of("other 2", digest) is None
    rows.keep("other 2", {passage: Vector(bytes(8), bytes(64), digest)})
    made = rows.made_of("other 2", digest)
    assert made is not None
    assert made.bits == bytes(8)
    own = rows.made_of(NAME, digest)
    assert own is not None
    assert len(own.bits) == 48


def test_vectors_of_before_serve_their_own_passages_and_no_others(
    folder: Path, quick: Documents, read: Read, prepare: Callable[..., int], store: Store
) -> None:
    written(folder, ["first"])
    prepare(folder)
    with store._vault.writing() as db:
        db.execute("UPDATE meaning_row SET text_sha256 = NULL")
    read.clear()
    written(folder, ["second", "third"])
    prepare(folder)
    assert read == ["The deposit is two months of rent."]
    assert quick.counts().embedded == 3


def test_what_was_stopped_goes_on_with_what_is_lacking(
    folder: Path, quick: Documents, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        written(folder, [f"a{number}", f"b{number}"], f"The deposit of flat {number:02}.")
    finish(quick.add([folder], Cancel()))
    cancel = Cancel()
    work = quick.embed(cancel)
    for event in work:
        if getattr(event, "done", 0):
            cancel.press()
            break
    with pytest.raises(Cancelled):
        next(work)
    finish(quick.embed(Cancel()))
    assert len(read) == len(set(read)) == 20
    assert quick.counts().embedded == 40
