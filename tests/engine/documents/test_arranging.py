"""The list of results: the same text once, neighbours as one, newest first, counted by documents."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from engine.documents import Documents
from engine.documents.arrange import BEHIND, distinct
from engine.operation import Cancel, finish
from engine.types import Hit, IndexReport
from tests.engine.documents.paper import write_pdf

Add = Callable[..., IndexReport]
Search = Callable[[str], tuple[Hit, ...]]


def write(path: Path, text: str, changed_s: int) -> None:
    """A text file that was last changed at a moment."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (changed_s, changed_s))


def test_the_same_text_is_listed_once_with_the_other_places_and_the_newest_on_request(
    folder: Path, documents: Documents, add: Add
) -> None:
    write(folder / "a.txt", "The plum tree blooms.", 1000)
    write(folder / "b.txt", "the  Plum-tree\nblooms", 3000)
    write(folder / "c.txt", "A plum is a plum is a plum.", 2000)
    add(folder)
    for newest in (False, True):
        hits = finish(documents.search("plum", Cancel(), by="words", newest=newest))
        assert [hit.rank for hit in hits] == [1, 2]
        twin = next(hit for hit in hits if hit.also_in)
        places = [twin.passage.path.name, *(other.path.name for other in twin.also_in)]
        assert places == (["b.txt", "a.txt"] if newest else places)
        assert sorted(places) == ["a.txt", "b.txt"]
        assert [twin.passage.text[start:end].lower() for start, end in twin.marks] == ["plum"]
    assert [hit.passage.path.name for hit in hits] == ["b.txt", "c.txt"]


def test_what_is_folded_away_takes_no_place_from_others(folder: Path, documents: Documents, add: Add) -> None:
    for number in range(8):
        (folder / f"copy{number}.txt").write_text("plum plum plum")
    (folder / "other.txt").write_text("a plum and much else that is told here")
    add(folder)
    hits = finish(documents.search("plum", Cancel(), limit=2, by="words"))
    assert [len(hit.also_in) for hit in hits] == [7, 0]


def test_no_more_is_read_than_the_list_needs(folder: Path, documents: Documents, add: Add) -> None:
    write(folder / "a.txt", "The plum tree blooms.", 1000)
    add(folder)
    (hit,) = finish(documents.search("plum", Cancel(), by="words"))
    taken: list[int] = []

    def coming() -> Iterator[Hit]:
        for number in range(500):
            taken.append(number)
            text = "The last." if number in (BEHIND, BEHIND + 2) else f"Number {max(number, 9)}."
            yield replace(hit, passage=replace(hit.passage, document_id=number, text=text))

    listed = distinct(coming(), 3)
    assert [one.passage.text for one in listed] == ["Number 9.", "Number 10.", "Number 11."]
    assert len(listed[0].also_in) == 9  # these take no place from others
    assert len(taken) == 3 + BEHIND
    taken.clear()
    assert len(distinct(coming(), 400)) == 400
    assert taken[-1] > 400


def test_neighbours_are_one_result_that_holds_the_text_of_both(folder: Path, add: Add, search: Search) -> None:
    sentences = [f"Sentence {number} of this long text speaks of needles and of hay." for number in range(25)]
    (folder / "a.txt").write_text(" ".join(sentences))
    (folder / "b.txt").write_text("A needle, alone.")
    add(folder)
    found = {hit.passage.path.stem: hit for hit in search("needles")}
    assert set(found) == {"a", "b"}
    joined = found["a"].passage
    text = (folder / "a.txt").read_text()
    assert joined.text == text[joined.start : joined.end]
    assert joined.text.count("needles") == len(found["a"].marks) == 25


def test_a_result_does_not_grow_into_a_page(folder: Path, add: Add, search: Search) -> None:
    (folder / "a.txt").write_text(" ".join(["The needle is in the hay, and the hay is in the barn."] * 200))
    add(folder)
    hits = search("needle")
    assert all(len(hit.passage.text) <= 2000 for hit in hits)


def test_results_are_counted_by_their_documents(folder: Path, add: Add, search: Search) -> None:
    write_pdf(folder / "a.pdf", [["needle."], ["needle, the second of this document."], ["nothing"]])
    (folder / "b.txt").write_text("needle in b, and hay, and more hay than ever")
    add(folder)
    hits = search("needle")
    names = [hit.passage.path.name for hit in hits]
    assert sorted(names) == ["a.pdf", "a.pdf", "b.txt"]
    groups = dict(zip(names, (hit.group for hit in hits), strict=True))
    assert hits[0].group == 1
    assert set(groups.values()) == {1, 2}
    assert [groups[name] for name in names] == [hit.group for hit in hits]


def test_an_answer_is_written_from_each_text_once_and_from_passages_as_they_were_cut(
    folder: Path, documents: Documents, add: Add
) -> None:
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text("The plum tree blooms in March.")
    (folder / "long.txt").write_text(" ".join(["A plum is sold."] * 100))
    add(folder)
    sources = finish(documents.sources("plum", Cancel(), 9))
    assert sum("blooms" in source.text for source in sources) == 1
    assert all(len(source.text) < 1000 for source in sources)


def test_joined_neighbours_stand_where_the_first_of_them_does(folder: Path, add: Add, search: Search) -> None:
    hay = " ".join(["Hay is spoken of here."] * 20)
    (folder / "a.md").write_text(f"# First\n\nOne needle.\n{hay}\n\n# Second\n\nneedle needle needle\n")
    add(folder)
    (hit,) = search("needle")
    assert "One needle." in hit.passage.text
    assert "needle needle" in hit.passage.text
    assert hit.passage.place.label == "First"
