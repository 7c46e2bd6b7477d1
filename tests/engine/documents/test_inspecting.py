"""Looking into a search: how each result was found, and where a file stands that was expected."""

import secrets
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents import documents as engine_documents
from engine.documents.embedding import Embedder
from engine.errors import EmbedderNotUsable
from engine.operation import Cancel, finish
from engine.places import Places
from engine.store import Store
from engine.types import Answer, FileStanding, Given, Inspected, NotAdded, Standing
from tests.engine.documents.test_searching import fill

RENT = "The rent is due on the first day of each month."
FLATS = 8


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the documents."""
    return tmp_path_factory.mktemp("inspected") / "papers"


@pytest.fixture(scope="module")
def library(papers: Path) -> Iterator[Documents]:
    """Documents that are only looked into; two were put in the trash, one has no vector yet."""
    papers.mkdir()
    fill(papers, rent=RENT, copy=RENT, cat="A cat sleeps.", gone=RENT, empty="   ", メモ="敷金は家賃の二か月分です。")
    fill(papers, **{f"flat{number}": "rental " * (9 - number) + f"of flat {number}." for number in range(1, FLATS + 1)})
    (papers / "scan.pdf").write_bytes(b"no PDF at all")
    places = Places(papers.parent / "data")
    places.make()
    store = Store(places.store, secrets.token_bytes(32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_documents, "Embedder", partial(Embedder, module="tests.fakes.embedder_worker"))
        made = Documents(store.documents, places)
        finish(made.add([papers], Cancel()))
        finish(made.embed(Cancel()))
        finish(made.search("rent", Cancel(), wait=True))  # its thread stays as long as these documents
        fill(papers, late="A zebra sleeps.", song="…", draft=RENT, after=RENT)
        finish(made.add([papers / "late.txt"], Cancel()))
        made.remove([one.id for one in made.all() if one.path.stem == "gone"])
        yield made
        made.close()
    store.close()


def look(
    documents: Documents, text: str, file: Path | None = None, *, question: bool = False, limit: int = 20
) -> Inspected:
    return finish(documents.inspect(text, Cancel(), question=question, file=file, limit=limit))


def where(documents: Documents, text: str, file: Path, *, question: bool = False, limit: int = 20) -> FileStanding:
    found = look(documents, text, file, question=question, limit=limit).file
    assert found is not None
    return found


def test_each_result_says_how_it_was_found(library: Documents) -> None:
    inspected = look(library, "rental flat")
    hits = finish(library.search("rental flat", Cancel(), wait=True))
    assert [one.hit for one in inspected.found] == list(hits)
    assert inspected.by_meaning
    by_words = sorted((one for one in inspected.found if one.hit.word_rank), key=lambda one: one.hit.word_rank or 0)
    assert len(by_words) == FLATS
    scores = [one.word_score for one in by_words]
    assert None not in scores
    assert scores == sorted(scores, key=lambda score: -(score or 0))
    near = sorted((one for one in inspected.found if one.hit.meaning_rank), key=lambda one: one.hit.meaning_rank or 0)
    cosines = [one.cosine or 0 for one in near]
    assert cosines == sorted(cosines, reverse=True)
    assert all(0.2 <= cosine <= 1 for cosine in cosines)
    assert all(one.given is None for one in inspected.found)


def test_what_became_of_a_result_in_the_prompt_is_told(library: Documents) -> None:
    sources = finish(library.sources("rental flat", Cancel(), 5, wait=True))
    answer = Answer(question="rental flat", text="…", model="plum", sources=sources[:3])
    inspected = finish(library.inspect("rental flat", Cancel(), question=True, answer=answer))
    further = len(inspected.found) - 5
    assert further > 0
    given = [one.given for one in inspected.found]
    assert given == [Given.GIVEN] * 3 + [Given.NO_ROOM] * 2 + [Given.FURTHER] * further


def test_an_answer_in_quotes_had_no_prompt(library: Documents) -> None:
    inspected = finish(library.inspect("cat", Cancel(), question=True, answer=Answer(question="cat", verbatim=True)))
    assert {one.given for one in inspected.found} == {None}


def test_a_file_in_the_list_says_its_place_and_what_it_holds(library: Documents, papers: Path) -> None:
    found = where(library, "When is the cat returned?", papers / "cat.txt", question=True)
    assert (found.standing, found.rank, found.word_rank) == (Standing.LISTED, 1, 1)
    assert found.holds == ("cat",)
    assert found.lacks == ("returned",)
    assert found.best is not None
    assert found.best.text == "A cat sleeps."
    assert found.cosine is not None


def test_a_file_below_the_list_and_beyond_the_depth_has_its_places_all_the_same(
    library: Documents, papers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.documents.search.DEPTH", 2)
    flats = [where(library, "rental", papers / f"flat{number}.txt", limit=3) for number in range(1, FLATS + 1)]
    assert sorted(one.word_rank or 0 for one in flats) == list(range(1, FLATS + 1))
    assert {one.by_words for one in flats} == {FLATS}
    places = [one.meaning_rank or 0 for one in flats]
    assert len(set(places)) == FLATS
    assert all(1 <= place <= one.by_meaning for place, one in zip(places, flats, strict=True))
    by_cosine = sorted(flats, key=lambda one: -(one.cosine or 0))
    assert [one.meaning_rank for one in by_cosine] == sorted(places)
    below = [one for one in flats if one.standing is Standing.BELOW]
    assert len(below) >= FLATS - 4
    assert all(one.rank is None for one in below)
    assert {one.standing for one in flats} == {Standing.LISTED, Standing.BELOW}


def test_a_file_with_none_of_the_words_is_not_found(library: Documents, papers: Path) -> None:
    found = where(library, "zeppelin boiler", papers / "メモ.txt")
    assert (found.standing, found.word_rank, found.near) == (Standing.NOT_FOUND, None, False)
    assert found.holds == ()
    assert found.lacks == ("zeppelin", "boiler")


def test_words_of_japanese_are_told_apart(library: Documents, papers: Path) -> None:
    found = where(library, "敷金の返還", papers / "メモ.txt")
    assert "敷金" in found.holds
    assert "返還" in found.lacks


def test_the_same_text_in_two_files_is_told_under_the_other(library: Documents, papers: Path) -> None:
    (hit,) = [one.hit for one in look(library, "due month").found if one.hit.also_in]
    found = where(library, "due month", hit.also_in[0].path)
    assert (found.standing, found.rank, found.of) == (Standing.SAME, hit.rank, hit.passage.path)


@pytest.mark.parametrize(
    ("search", "why"),
    [
        ("rent type:pdf", "type:pdf"),
        ("rent -file:rent", "-file:rent"),
        ("rent before:2001-02-03", "before:2001-02-03"),
        ("rent folder:elsewhere type:pdf type:docx", "folder:elsewhere type:pdf type:docx"),
    ],
)
def test_the_condition_that_leaves_a_file_out_is_named(library: Documents, papers: Path, search: str, why: str) -> None:
    found = where(library, search, papers / "rent.txt")
    assert (found.standing, found.why) == (Standing.FILTERED, why)


def test_a_collection_and_a_sender_leave_out_too(library: Documents, papers: Path) -> None:
    library.collections.add(
        library.collections.make("Cats"), [one.id for one in library.all() if one.path.stem == "cat"]
    )
    outside = where(library, "in:Cats rent", papers / "rent.txt")
    assert (outside.standing, outside.why) == (Standing.FILTERED, "in:Cats")
    assert where(library, "in:Cats sleeps", papers / "cat.txt").standing is Standing.LISTED
    assert where(library, "in:Cats who sleeps?", papers / "rent.txt", question=True).standing is Standing.FILTERED
    by_nobody = where(library, "rent from:nobody", papers / "rent.txt")
    assert (by_nobody.standing, by_nobody.why) == (Standing.FILTERED, "from:nobody")


def test_a_phrase_and_a_forbidden_word_are_named(library: Documents, papers: Path) -> None:
    phrase = where(library, 'rent "due on monday"', papers / "rent.txt")
    assert (phrase.standing, phrase.why) == (Standing.NO_PHRASE, "due on monday")
    forbidden = where(library, "rent -month", papers / "rent.txt")
    assert (forbidden.standing, forbidden.why) == (Standing.FORBIDDEN, "-month")


def test_a_file_in_the_trash_or_unread_or_empty_says_so(library: Documents, papers: Path) -> None:
    assert where(library, "rent", papers / "gone.txt").standing is Standing.IN_TRASH
    unread = where(library, "rent", papers / "scan.pdf")
    assert unread.standing is Standing.NOT_READ
    assert "scan.pdf" in unread.why
    assert where(library, "rent", papers / "empty.txt").standing in (Standing.EMPTY, Standing.NOT_READ)


def test_passages_without_a_vector_are_counted(library: Documents, papers: Path) -> None:
    found = where(library, "rental", papers / "late.txt")
    assert (found.standing, found.passages, found.unprepared, found.cosine) == (Standing.NOT_FOUND, 1, 1, None)


def test_a_search_that_only_names_documents_lists_them(library: Documents) -> None:
    inspected = look(library, "file:cat")
    assert [one.hit.passage.path.stem for one in inspected.found] == ["cat"]
    assert not inspected.by_meaning


def test_that_meaning_could_not_be_searched_is_said_with_its_reason(
    library: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EmbedderNotUsable(why="it is asleep")

    monkeypatch.setattr(Embedder, "vectors", refuse)
    inspected = look(library, "cat")
    assert [one.hit.word_rank for one in inspected.found] == [1]
    assert not inspected.by_meaning
    assert "asleep" in inspected.not_by_meaning


def test_why_a_file_is_not_among_the_documents_is_told(library: Documents, papers: Path) -> None:
    fill(papers.parent, outside=RENT)
    (papers / "song.mp3").write_bytes(b"ID3")
    (folder,) = library.folders.all()
    library.folders.change(folder.id, "draft.txt\n")
    reasons = {
        papers / "nowhere.txt": NotAdded.GONE,
        papers: NotAdded.FOLDER,
        papers / "song.mp3": NotAdded.KIND,
        papers / "draft.txt": NotAdded.RULE,
        papers.parent / "outside.txt": NotAdded.NO_FOLDER,
        papers / "after.txt": NotAdded.NOT_YET,
    }
    for path, why in reasons.items():
        found = where(library, "rent", path)
        assert (found.standing, found.why) == (Standing.NOT_ADDED, why), path
    library.folders.pause(folder.id, True)
    assert where(library, "rent", papers / "after.txt").why == NotAdded.PAUSED
    library.folders.pause(folder.id, False)
    (gone,) = library.trash()
    finish(library.erase([gone.id], Cancel()))
    assert where(library, "rent", papers / "gone.txt").why == NotAdded.KEPT_OUT


def named(documents: Documents, words: str) -> list[str]:
    return [path.name for path in finish(documents.named(words, Cancel()))]


def test_files_are_found_by_their_names_wherever_hanare_knows_of_them(library: Documents, papers: Path) -> None:
    assert named(library, "cat.txt") == ["cat.txt"]
    assert named(library, "gone") == ["gone.txt"]  # in the trash
    assert named(library, "DRAFT") == ["draft.txt"]  # not added
    assert named(library, "ﾒﾓ") == ["メモ.txt"]
    assert named(library, "flat") == [f"flat{number}.txt" for number in range(1, FLATS + 1)]
    assert named(library, "papers/ca") == ["cat.txt"]
    assert named(library, str(papers / "nowhere.txt")) == ["nowhere.txt"]
    assert named(library, "nowhere") == []
