"""Notes and their citations: a number leads to the same passage however often notes are joined."""

from pathlib import Path

from engine.chat import citations
from engine.chat.notes import MOST_CITED, Notes, joined, lots, taken
from engine.types import Source


def passage(number: int, start: int, document: int = 1) -> Source:
    return Source(
        number=number, document_id=document, path=Path(f"/{document}.txt"), page=1, start=start, end=start + 9,
        text=f"passage {start}",
    )  # fmt: skip


def cited(notes: Notes) -> list[tuple[str, list[int]]]:
    """Each line of notes without its citations, and where the passages that it cites begin."""
    begins = {source.number: source.start for source in notes.sources}
    return [
        (citations.checked(line, ())[0].strip(), [begins[number] for number in sorted(citations.cited_in(line))])
        for line in notes.text.splitlines()
        if line
    ]


def test_notes_keep_what_they_cite_and_lose_citations_of_nothing() -> None:
    notes = taken("The rent is 900. [2]\nNobody knows. [7]", [passage(1, 0), passage(2, 10)])
    assert notes == Notes("The rent is 900. [2]\nNobody knows.", (passage(2, 10),))


def test_nothing_found_is_no_note() -> None:
    for text in ("NONE", " NONE.", "**NONE**", "NONE: the passages are about bees.", "", "  \n"):
        assert taken(text, [passage(1, 0)]) is None
    assert taken("NONE of them was paid. [1]", [passage(1, 0)]) is not None
    assert taken("Nonesuch is a palace.", [passage(1, 0)]) is not None


def test_a_code_fence_left_open_hides_no_citation_of_the_notes_after_it() -> None:
    first = taken("```\na [1]", [passage(1, 0)])
    second = taken("b [1]", [passage(1, 10)])
    assert first is not None
    assert second is not None
    assert cited(joined([first, second])) == [("a", [0]), ("b", [10])]


def test_joined_notes_are_counted_anew_and_lead_to_the_same_passages() -> None:
    one = Notes("a [1]\nb [3][1]", (passage(1, 0), passage(3, 20)))
    other = Notes("c [1]\nd [2]", (passage(1, 20), passage(2, 50, document=2)))
    both = joined([one, other])
    assert cited(both) == [("a", [0]), ("b", [0, 20]), ("c", [20]), ("d", [50])]
    assert [source.number for source in both.sources] == [1, 2, 3]
    again = joined([Notes("e [1]", (passage(1, 90),)), both])
    assert cited(again) == [("e", [90]), *cited(both)]


def test_lots_are_neighbours_that_fit_and_nothing_is_left_out() -> None:
    several = [Notes(str(number), ()) for number in range(7)]
    costs = [5, 5, 20, 1, 1, 9, 3]
    found = lots(several, costs, 10)
    assert [[int(notes.text) for notes in lot] for lot in found] == [[0, 1], [2], [3, 4], [5], [6]]
    assert lots([], [], 10) == []


def test_a_lot_cites_no_more_passages_than_a_citation_has_figures_for() -> None:
    many = tuple(passage(number, number * 10) for number in range(1, 501))
    several = [Notes("a", many), Notes("b", many), Notes("c", ())]
    assert MOST_CITED == 999
    assert [len(lot) for lot in lots(several, [1, 1, 1], 100)] == [1, 2]


def test_renumbering_leaves_code_and_links_alone() -> None:
    text = "x [1, 2] `[1]` [1](http://a) 【2】"
    assert citations.renumbered(text, {1: 10, 2: 20}) == "x [10][20] `[1]` [1](http://a) [20]"
    assert citations.cited_in(text) == {1, 2}
