"""Quotes: sentences copied from the documents, exactly, or no answer."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.operation import Cancel, finish
from engine.types import IndexReport
from tests.engine.documents.paper import write_pdf

Add = Callable[..., IndexReport]


def test_a_quote_is_a_sentence_of_its_page_to_the_letter(folder: Path, add: Add, documents: Documents) -> None:
    write_pdf(
        folder / "guide.pdf",
        [
            ["The weather was mild. Nobody came."],
            ["Dr. Sato opened the bridge in", "1923. It had cost 3.5 million yen. Was it late?"],
        ],
    )
    (folder / "橋.txt").write_text("橋は1923年に開通した。費用は三百五十万円だった。", encoding="utf-8")
    add(folder)
    for question, expected, page in (
        ("Who opened the bridge?", "Dr. Sato opened the bridge in\n1923.", 2),
        ("費用はいくらでしたか", "費用は三百五十万円だった。", 1),
    ):
        answer = finish(documents.quotes(question, Cancel()))
        best = answer.quotes[0]
        assert (best.text, best.source.page, answer.model) == (expected, page, "")
        for quote in answer.quotes:
            spot = quote.source
            assert documents.page(spot.document_id, spot.page).text[spot.start : spot.end] == quote.text
            assert answer.sources[spot.number - 1].number == spot.number
            assert quote.text in answer.sources[spot.number - 1].text


def test_where_nothing_matches_there_is_no_answer(folder: Path, add: Add, documents: Documents) -> None:
    (folder / "a.txt").write_text("The bridge was opened in 1923.")
    add(folder)
    for question in ("What do penguins eat?", "", "?"):
        answer = finish(documents.quotes(question, Cancel()))
        assert (answer.quotes, answer.sources) == ((), ())


def test_a_heading_is_a_quote_only_where_nothing_else_answers(folder: Path, add: Add, documents: Documents) -> None:
    (folder / "a.md").write_text("# How much memory a model takes\n\nA model takes as much memory as its file.\n")
    add(folder)
    quotes = finish(documents.quotes("How much memory does a model take?", Cancel())).quotes
    assert [quote.text for quote in quotes] == ["A model takes as much memory as its file."]
    (folder / "a.md").write_text("# How much memory a model takes\n\nThis is told elsewhere.\n")
    add(folder)
    quotes = finish(documents.quotes("How much memory does a model take?", Cancel())).quotes
    assert [quote.text for quote in quotes] == ["# How much memory a model takes"]


@pytest.mark.parametrize("above", ["", "A sentence of the chapter before, which says nothing. " * 11 + "\n\n"])
def test_a_numbered_heading_is_not_quoted_beside_an_answer_and_none_that_ends_a_passage(
    folder: Path, add: Add, documents: Documents, above: str
) -> None:
    title = "Asking your own documents" if above else "4. Asking your own documents"
    (folder / "a.txt").write_text(
        f"{above}{title}\n\nThe program searches first, then it answers from your documents.\n"
    )
    add(folder)
    quotes = finish(documents.quotes("How does it answer from your own documents?", Cancel())).quotes
    assert [quote.text for quote in quotes] == ["The program searches first, then it answers from your documents."]


def test_a_copy_of_a_file_is_not_quoted_twice(folder: Path, add: Add, documents: Documents) -> None:
    for name in ("a.txt", "copy of a.txt"):
        (folder / name).write_text("The bridge was opened in 1923.")
    add(folder)
    assert len(finish(documents.quotes("When was the bridge opened?", Cancel())).quotes) == 1


def test_sources_are_numbered_from_one_and_verbatim(folder: Path, add: Add, documents: Documents) -> None:
    for number in range(4):
        (folder / f"{number}.txt").write_text(f"Bridge number {number} stands.")
    add(folder)
    sources = finish(documents.sources("bridge", Cancel(), 3))
    assert [source.number for source in sources] == [1, 2, 3]
    for source in sources:
        assert documents.page(source.document_id, source.page).text[source.start : source.end] == source.text
