"""Removed documents are found by nothing, come back as they were, and are erased for good when that is wanted."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.embedding import NAME
from engine.documents.ingest import Ingest
from engine.errors import Cancelled, NotFound
from engine.events import Changed, DocumentSettled
from engine.operation import Cancel, finish
from engine.store import Store
from engine.store.vectors import Vector
from engine.types import DocumentState, Hit, IndexReport

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]
PLUMS = "Plum jam is boiled for an hour."


@pytest.fixture
def plums(folder: Path, add: Add) -> Path:
    """A document about plums, added with its folder, beside one about pears."""
    (folder / "plums.txt").write_text(PLUMS)
    (folder / "pears.txt").write_text("Pears keep in the cellar.")
    add(folder)
    return folder / "plums.txt"


def id_of(documents: Documents, path: Path) -> int:
    return next(one.id for one in (*documents.all(), *documents.trash()) if one.path == path)


def embed(store: Store, *documents_of: Documents) -> None:
    """Give every passage a vector, as the embedder would."""
    rows = store.documents.vectors
    lacking = rows.lacking(NAME, 0, 99)
    rows.keep(NAME, {id_: Vector(bytes([255] * 48), bytes([1] * 384), b"") for id_, _ in lacking})
    for documents in documents_of:
        documents.forget_vectors()


def test_a_removed_document_is_neither_found_nor_shown_nor_counted(
    plums: Path, documents: Documents, search: Search, store: Store
) -> None:
    embed(store, documents)
    whole = documents.counts()
    (hit,) = search("plum")
    documents.remove([hit.passage.document_id])
    assert search("plum") == ()
    assert finish(documents.quotes("How long is plum jam boiled?", Cancel())).quotes == ()
    assert [one.path.name for one in documents.all()] == ["pears.txt"]
    counts = documents.counts()
    assert (counts.documents, counts.passages, counts.embedded) == (1, 1, 1)
    assert (whole.documents, whole.passages, whole.embedded) == (2, 2, 2)
    assert store.documents.passages.get([hit.passage.id]) == {}
    assert [id_ for id_, _ in store.documents.vectors.bits(NAME)] != [hit.passage.id]
    assert len(list(store.documents.vectors.bits(NAME))) == 1
    with pytest.raises(NotFound):
        documents.page(hit.passage.document_id, 1)
    (lying,) = documents.trash()
    assert (lying.path, bool(lying.deleted_at)) == (plums, True)


def test_it_comes_back_as_it_was_with_its_vectors_and_without_its_file(
    plums: Path, documents: Documents, search: Search, store: Store
) -> None:
    embed(store, documents)
    before, hits = documents.all(), search("plum")
    documents.remove([hits[0].passage.document_id])
    plums.unlink()
    documents.restore([hits[0].passage.document_id])
    assert documents.all() == before
    assert search("plum") == hits
    assert documents.counts().embedded == 2
    assert len(list(store.documents.vectors.bits(NAME))) == 2
    assert documents.trash() == ()


def test_passages_in_the_trash_are_not_prepared_for_the_search_by_meaning(
    plums: Path, documents: Documents, store: Store
) -> None:
    rows = store.documents.vectors
    ((late, _),) = [row for row in rows.lacking(NAME, 0, 9) if "Plum" in row[1]]
    documents.remove([id_of(documents, plums)])
    assert rows.count_lacking(NAME) == len(rows.lacking(NAME, 0, 9)) == 1
    assert rows.keep(NAME, {late: Vector(bytes(48), bytes(384), b"")}) == []  # removed while its vector was made
    documents.restore([id_of(documents, plums)])
    assert rows.count_lacking(NAME) == 2


def test_a_folder_goes_with_the_last_of_its_documents_and_comes_back_with_the_first(
    plums: Path, folder: Path, documents: Documents
) -> None:
    ids = [one.id for one in documents.all()]
    documents.remove(ids[:1])
    assert documents.roots() == (folder,)
    documents.remove(ids[1:])
    assert documents.roots() == ()
    documents.restore(ids[1:])
    assert documents.roots() == (folder,)
    documents.remove(ids)
    finish(documents.erase(ids, Cancel()))
    documents.restore(ids)  # there is nothing to bring back
    assert documents.roots() == documents.all() == documents.trash() == ()


def test_adding_an_unchanged_file_again_takes_it_out_of_the_trash_unread(
    plums: Path, folder: Path, documents: Documents, search: Search, store: Store
) -> None:
    embed(store, documents)
    before = documents.all()
    for again in (plums, folder):  # by itself, or with its folder
        documents.remove([id_of(documents, plums)])
        events: list[object] = []
        operation = documents.add([again], Cancel())
        report = _report(operation, events)
        assert (report.restored, report.read, report.failed) == (1, 0, ())
        assert documents.all() == before
        assert len(search("plum")) == 1
        assert len(list(store.documents.vectors.bits(NAME))) == 2
        assert Changed(what="documents") in events
        assert [event.document.path for event in events if isinstance(event, DocumentSettled)] == [plums]


def test_what_a_stop_finds_taken_out_of_the_trash_stays_out(
    plums: Path, folder: Path, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents.remove([one.id for one in documents.all()])
    cancel, passed_over = Cancel(), Ingest._pass_over

    def pass_over_and_stop(*known: object) -> None:
        passed_over(*known)  # type: ignore[arg-type]
        cancel.press()

    monkeypatch.setattr(Ingest, "_pass_over", pass_over_and_stop)
    with pytest.raises(Cancelled):
        finish(documents.add([folder], cancel))
    assert (len(documents.all()), len(documents.trash())) == (1, 1)


def _report(operation: object, events: list[object]) -> IndexReport:
    while True:
        try:
            events.append(next(operation))  # type: ignore[call-overload]
        except StopIteration as end:
            report: IndexReport = end.value
            return report


def test_adding_a_changed_file_again_reads_it_anew(plums: Path, documents: Documents, add: Add, search: Search) -> None:
    documents.remove([id_of(documents, plums)])
    plums.write_text("Quinces are another matter.")
    report = add(plums)
    assert (report.read, report.restored) == (1, 0)
    assert documents.trash() == ()
    assert search("plum") == ()
    assert len(search("quinces")) == 1


def test_a_file_that_cannot_be_opened_now_stays_in_the_trash(
    plums: Path, documents: Documents, add: Add, search: Search
) -> None:
    documents.remove([id_of(documents, plums)])
    plums.unlink()
    (failed,) = add(plums).failed
    assert (failed.reason_code, failed.state) == ("FileMissing", DocumentState.FAILED)
    (lying,) = documents.trash()
    documents.restore([lying.id])
    assert len(search("plum")) == 1


def test_looking_for_changes_leaves_the_trash_alone(
    plums: Path, folder: Path, documents: Documents, search: Search
) -> None:
    documents.remove([id_of(documents, plums)])
    (folder / "new.txt").write_text("Cherries are early this year.")
    report = finish(documents.look_again(Cancel()))
    assert (report.read, report.unchanged, report.restored) == (1, 1, 0)
    assert search("plum") == ()
    plums.unlink()  # nor is it erased because its file is gone
    assert finish(documents.look_again(Cancel())).removed == 0
    assert [one.path for one in documents.trash()] == [plums]


def test_erasing_takes_the_words_out_of_the_index_at_once(plums: Path, documents: Documents, store: Store) -> None:
    id_ = id_of(documents, plums)
    documents.remove([id_])
    assert store.documents.passages.spread(["plum"]) == {"plum": 1}
    assert finish(documents.erase([id_, 999], Cancel())) == 1
    assert documents.trash() == ()
    assert store.documents.passages.spread(["plum", "pears"]) == {"plum": 0, "pears": 1}
    assert not store.documents.passages.has_words_to_erase
    assert plums.exists()


def test_a_stop_keeps_what_was_not_erased_yet(
    plums: Path, documents: Documents, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel, erase = Cancel(), store.documents.erase
    ids = [one.id for one in documents.all()]
    documents.remove(ids)
    monkeypatch.setattr(store.documents, "erase", lambda ids: (erase(ids), cancel.press())[0])
    with pytest.raises(Cancelled):
        finish(documents.erase(ids, cancel))
    assert len(documents.trash()) == 1
