"""Searching: words at once, meaning when it is there, one list of both."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from engine.documents import Documents
from engine.documents import documents as engine_documents
from engine.documents.embedding import NAME, Embedder
from engine.documents.fuse import fuse
from engine.documents.meaning import MeaningIndex, packed
from engine.errors import Cancelled, EmbedderNotUsable, WorkerDied
from engine.events import HitsFound, Progressed
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.store.vectors import Vector
from engine.types import Hit, IndexReport
from engine.worker.embedder import model as embedding_model
from tests.engine.documents.paper import write_pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


def names(hits: tuple[Hit, ...]) -> list[str]:
    """The files of some hits."""
    return [hit.passage.path.stem for hit in hits]


def fill(folder: Path, **texts: str) -> None:
    """Write text files."""
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("設定", {"settings"}),
        ("鍵", {"key"}),
        ("権限", {"rights"}),
        ("署名 検証", {"key"}),
        ("ファイル", {"settings", "rights"}),
        ("を開けません", {"settings"}),
        ("有効期間はいつまで", {"contract"}),
        ('"rare phrase"', {"english"}),
        ("phrase rare", {"english", "other"}),
        ("engl", {"english", "other"}),
        ("フアイル", set()),
        ("ふぁいる", {"settings", "rights"}),
        ("ﾌｧｲﾙ", {"settings", "rights"}),
        ("nowhere", set()),
        ("", set()),
    ],
)
def test_words_are_found_in_both_languages(folder: Path, add: Add, search: Search, query: str, found: set[str]) -> None:
    fill(
        folder,
        settings="設定ファイルを開けません。",
        rights="このファイルの権限がありません。",
        key="署名の検証に使う公開鍵",
        contract="契約の有効期間は一年とする。",
        english="A rare phrase in English.",
        other="This phrase is English and not rare.",
    )
    add(folder)
    assert set(names(search(query))) >= found
    if len(query) <= 8:
        assert set(names(search(query))) == found


def test_passages_side_by_side_are_one_hit(folder: Path, add: Add, search: Search) -> None:
    write_pdf(folder / "a.pdf", [["needle " * 8 + "."] * 15, ["needle elsewhere."]])
    add(folder)
    assert sorted(hit.passage.page for hit in search("needle")) == [1, 2]


def test_words_are_returned_at_once_while_the_embedder_warms_up(
    folder: Path, quick: Documents, store: Store, places: Places
) -> None:
    fill(folder, a="a wooden house", b="stone bridges")
    finish(quick.add([folder], Cancel()))
    assert finish(quick.embed(Cancel())).passages == 2
    quick.close()  # as after the next start of the program
    quick = Documents(store.documents, places)
    events = list(quick.search("houses of wood", Cancel()))
    assert [event.complete for event in events if isinstance(event, HitsFound)] == [False]
    events = list(quick.search("houses of wood", Cancel(), wait=True))
    assert [event.complete for event in events if isinstance(event, HitsFound)] == [False, True]
    quick.close()


def test_meaning_finds_what_words_do_not(folder: Path, quick: Documents) -> None:
    fill(folder, near="housings everywhere", far="zzz qqq")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    assert names(finish(quick.search("rehousing", Cancel(), by="words"))) == []
    (hit,) = finish(quick.search("rehousing", Cancel(), wait=True))
    assert (hit.passage.path.stem, hit.word_rank, hit.meaning_rank) == ("near", None, 1)


def test_what_stands_in_quotes_is_searched_by_words_alone(folder: Path, quick: Documents) -> None:
    fill(folder, exact="a red house by the sea", near="a house, red, by the seaside")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    assert names(finish(quick.search('"red house"', Cancel(), wait=True))) == ["exact"]


def test_the_best_hit_by_words_is_never_below_the_third_place() -> None:
    by_meaning = [(id_, 0.9 - 0.001 * id_) for id_ in range(100, 150)]
    by_words = [(7, 5.0), *((id_, 4.9) for id_ in range(100, 130))]
    fused = fuse(by_words, by_meaning, {7: 0.1})
    ids = [id_ for id_, _ in fused]
    assert ids.index(7) == 2
    assert sorted(ids) == [7, *range(100, 150)]
    scores = [score for _, score in fused]
    assert scores == sorted(scores, reverse=True)


def test_what_is_far_ahead_one_way_is_before_what_is_barely_first_the_other_way() -> None:
    by_meaning = [(1, 0.60), (2, 0.59), (3, 0.58)]
    assert fuse([(3, 20.0), (2, 5.0), (1, 5.0)], by_meaning, {})[0][0] == 3
    by_words = [(3, 5.1), (2, 5.0), (1, 5.0)]
    assert fuse(by_words, [(1, 0.9), (2, 0.4), (3, 0.3)], {})[0][0] == 1


def test_what_words_alone_find_is_still_compared_by_meaning() -> None:
    by_words, by_meaning = [(1, 5.0), (2, 5.0)], [(3, 0.5)]
    assert [id_ for id_, _ in fuse(by_words, by_meaning, {1: -0.1, 2: 0.4})] == [2, 3, 1]
    assert [id_ for id_, _ in fuse(by_words, [], {1: 0.05, 2: 0.01})] == [1, 2]
    assert fuse([], [], {}) == []


def test_embedding_goes_on_where_it_was_stopped(folder: Path, quick: Documents) -> None:
    fill(folder, **{f"n{number}": f"text number {number}" for number in range(30)})
    finish(quick.add([folder], Cancel()))
    cancel = Cancel()

    def run() -> None:
        for event in quick.embed(cancel):
            if isinstance(event, Progressed) and event.done >= 16:
                cancel.press()

    with pytest.raises(Cancelled):
        run()
    done = quick.counts().embedded
    assert 16 <= done < 30
    assert finish(quick.embed(Cancel())).passages == 30 - done
    assert quick.counts().embedded == quick.counts().passages == 30
    assert finish(quick.embed(Cancel())).passages == 0


def test_removed_passages_are_no_longer_found_by_meaning(folder: Path, quick: Documents) -> None:
    fill(folder, a="a wooden house", b="a wooden horse")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    assert set(names(finish(quick.search("wooden", Cancel(), by="meaning")))) == {"a", "b"}
    removed = [one.id for one in quick.all() if one.path.stem == "a"]
    quick.remove(removed)
    assert names(finish(quick.search("wooden", Cancel(), by="meaning"))) == ["b"]
    quick.restore(removed)
    assert set(names(finish(quick.search("wooden", Cancel(), by="meaning")))) == {"a", "b"}
    quick.remove(removed)
    fill(folder, c="a wooden hut")
    finish(quick.add([folder / "c.txt"], Cancel()))
    finish(quick.embed(Cancel()))
    assert set(names(finish(quick.search("wooden", Cancel(), by="meaning")))) == {"b", "c"}


def test_a_vector_that_comes_late_finds_no_stranger(folder: Path, quick: Documents, store: Store) -> None:
    fill(folder, a="first")
    finish(quick.add([folder], Cancel()))
    ((late, _),) = store.documents.vectors.lacking(NAME, 0, 9)
    quick.remove([one.id for one in quick.all()])
    fill(folder, a="second")
    finish(quick.add([folder], Cancel()))
    assert store.documents.vectors.keep(NAME, {late: Vector(bytes(48), bytes(384), b"")}) == []
    assert quick.counts().embedded == 0


def test_bits_and_small_numbers_rank_as_full_vectors_do(folder: Path, quick: Documents, store: Store) -> None:
    fill(folder, **{f"n{number:03}": f"text {number}" for number in range(700)})
    finish(quick.add([folder], Cancel()))
    random = np.random.default_rng(1)
    vectors = random.standard_normal((700, 384)).astype(np.float32)
    vectors[:100] += 2 * vectors[0]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [id_ for id_, _ in store.documents.vectors.lacking(NAME, 0, 700)]
    index = MeaningIndex(store.documents.vectors, NAME)
    assert index.empty
    rows = {id_: Vector(*packed(vector), b"") for id_, vector in zip(ids, vectors, strict=True)}
    index.add(store.documents.vectors.keep(NAME, rows), [row.bits for row in rows.values()])
    truth = [ids[place] for place in np.argsort(-(vectors @ vectors[0]))[:10]]
    for searched in (index, MeaningIndex(store.documents.vectors, NAME)):
        found = searched.search(vectors[0], 10)
        assert len(set(truth) & {id_ for id_, _ in found}) >= 9
        assert found[0] == (truth[0], pytest.approx(1.0, abs=0.01))


def test_numbers_are_told_of_the_passages_that_are_asked_for_wherever_they_lie(
    folder: Path, quick: Documents, store: Store
) -> None:
    fill(folder, **{f"n{number}": f"text {number}" for number in range(6)})
    finish(quick.add([folder], Cancel()))
    vectors = store.documents.vectors
    ids = [id_ for id_, _ in vectors.lacking(NAME, 0, 9)]
    vectors.keep(NAME, {id_: Vector(bytes([id_]) * 48, bytes([id_]) * 384, b"") for id_ in reversed(ids)})
    vectors.keep(NAME, {ids[2]: Vector(bytes(48), bytes([ids[2]]) * 384, b"")})  # comes to lie elsewhere
    lie = {id_: row for id_, _, row in vectors.placed(NAME)}
    assert list(lie) != sorted(lie.values())
    for rows in ((), [lie[id_] for id_ in ids], [lie[ids[0]], lie[ids[5]], 999], [lie[ids[5]]] * 3):
        found = vectors.numbers(NAME, ids[:5], rows)
        assert sorted(found) == [(id_, bytes([id_]) * 384) for id_ in ids[:5]]
    assert vectors.numbers("another", ids, list(lie.values())) == []


def test_weights_that_are_not_ours_are_never_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedding_model.checked_folder().is_dir()
    monkeypatch.setattr(embedding_model, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(EmbedderNotUsable, match="not the ones we know"):
        embedding_model.checked_folder()


def test_an_embedder_that_dies_leaves_the_words_and_is_replaced(folder: Path, quick: Documents) -> None:
    fill(folder, a="a wooden house")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    process = quick._embedders.searched().embedder._kept._process
    assert process is not None
    process.end()
    process._started.wait()
    assert names(finish(quick.search("wooden", Cancel(), wait=True))) == ["a"]
    assert finish(quick.search("wooden", Cancel(), wait=True))[0].meaning_rank == 1


def test_an_embedder_nobody_needs_ends(places: Places) -> None:
    embedder = Embedder(places.private, module="tests.fakes.embedder_worker", idle_s=0.05)
    embedder.vectors(("a",), Cancel())
    assert embedder.warm
    timer, process = embedder._kept._timer, embedder._kept._process
    assert timer is not None
    assert process is not None
    while timer is not None:  # it is set anew while the process is still in use
        timer.join()
        timer = embedder._kept._timer
    assert not embedder.warm
    assert not process.alive
    assert embedder.vectors(("a", "b"), Cancel()).shape == (2, 384)
    embedder.close()


def test_a_program_that_cannot_embed_says_so_only_when_meaning_alone_is_asked_for(
    folder: Path, quick: Documents, places: Places, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(folder, a="a wooden house")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    monkeypatch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.no_such_program"))
    broken = Documents(store.documents, places)
    assert names(finish(broken.search("wooden", Cancel(), wait=True))) == ["a"]
    with pytest.raises(WorkerDied):
        finish(broken.search("wooden", Cancel(), by="meaning"))
    broken.close()
