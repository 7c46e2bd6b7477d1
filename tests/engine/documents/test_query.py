"""The language of a search: which passages and documents it leaves in, by words and by meaning."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.query import just_words, read_question, read_search
from engine.errors import NotFound, TextNotAccepted
from engine.operation import Cancel, finish
from engine.types import Collection, Hit, IndexReport

FILES = {
    "letters/lease.txt": ("The deposit and the rent are due.", "2023-03-01"),
    "letters/draft lease.md": ("The deposit is not agreed upon yet.", "2024-05-01"),
    "old papers/receipt.html": ("<p>The deposit was received, the first rent too.</p>", "2024-05-31"),
    "メモ.txt": ("The deposit in Japanese is 敷金と礼金。", "2025-01-01"),
}


@pytest.fixture
def filled(folder: Path, quick: Documents) -> Documents:
    """Some files of several kinds, times and folders, ready for the search by meaning."""
    for name, (text, day) in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        moment = datetime.fromisoformat(f"{day}T12:00").timestamp()
        os.utime(path, (moment, moment))
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    return quick


def no_collection(name: str) -> Collection:
    raise NotFound(what="collection", which=name)


LEASE, DRAFT, RECEIPT, MEMO = "lease", "draft lease", "receipt", "メモ"


LEFT_IN = (
    ("deposit", {LEASE, DRAFT, RECEIPT, MEMO}),
    ("deposit -rent", {DRAFT, MEMO}),
    ('deposit -"first rent"', {LEASE, DRAFT, MEMO}),
    ("deposit −礼金", {LEASE, DRAFT, RECEIPT}),
    ("deposit -「敷金と」", {LEASE, DRAFT, RECEIPT}),
    ("deposit file:LEASE", {LEASE, DRAFT}),
    ("deposit -file:draft", {LEASE, RECEIPT, MEMO}),
    ("file：メモ deposit", {MEMO}),
    ("deposit folder:letters", {LEASE, DRAFT}),
    ('deposit folder:"old papers"', {RECEIPT}),
    ("deposit folder:papers/letters", {LEASE, DRAFT}),
    ("deposit type:md", {DRAFT}),
    ("deposit type:text Type:HTML", {LEASE, RECEIPT, MEMO}),
    ("deposit -type:text", {DRAFT, RECEIPT}),
    ("deposit before:2024", {LEASE}),
    ("deposit after:2024", {DRAFT, RECEIPT, MEMO}),
    ("deposit after:2024-05 before:2024-06", {DRAFT, RECEIPT}),
    ("deposit after:2024-05-02 before:２０２４年６月", {RECEIPT}),
    ("deposit type:pdf", set()),
    ("deposit type:htm", set()),
    ("deposit type:.TXT", {LEASE, MEMO}),
    ("type:html", {RECEIPT}),
    ("-deposit type:md", set()),
    ("-rent", {DRAFT, MEMO}),
    ("deposit type:", {LEASE, DRAFT, RECEIPT, MEMO}),
)


def test_what_is_left_in_by_words_and_by_meaning(filled: Documents) -> None:
    for query, found in LEFT_IN:
        for by in ("words", "both", "meaning"):
            hits = finish(filled.search(query, Cancel(), by=by, wait=True))
            assert {hit.passage.path.stem for hit in hits} == found, (query, by)


def test_documents_alone_are_listed_newest_first(filled: Documents) -> None:
    hits = finish(filled.search("after:2024", Cancel()))
    assert [hit.passage.path.stem for hit in hits] == [MEMO, RECEIPT, DRAFT]


def test_what_is_left_out_takes_no_place_from_what_is_left_in(folder: Path, quick: Documents) -> None:
    for number in range(600):
        (folder / f"many{number}.txt").write_text("wooden house\n", encoding="utf-8")
    (folder / "one.md").write_text("It has a wooden roof, the house, and much else is told of it here.\n")
    finish(quick.add([folder], Cancel()))
    finish(quick.embed(Cancel()))
    for by in ("words", "both", "meaning"):
        (hit,) = finish(quick.search("wooden house type:md", Cancel(), by=by, wait=True))
        assert hit.passage.path.stem == "one", by


def test_words_that_are_rare_elsewhere_do_not_hide_the_only_ones_there_are(
    folder: Path,
    add: Callable[..., IndexReport],
    search: Callable[[str], tuple[Hit, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.documents.keyword.BUDGET", 1)
    for name, text in {"a.txt": "common", "b.txt": "common rare", "c.md": "common"}.items():
        (folder / name).write_text(text)
    add(folder)
    assert [hit.passage.path.name for hit in search("common rare type:md")] == ["c.md"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("type:spreadsheets", "type: cannot be “spreadsheets”: the kinds of documents are code, csv,"),
        ("before:spring", "before: cannot be “spring”: write a year, a month or a day"),
        ("after:2024-13", "after: cannot be “2024-13”"),
        ("after:2023-02-29", "after: cannot be"),
    ],
)
def test_a_value_that_stands_for_nothing_is_an_error_with_a_sentence(query: str, said: str) -> None:
    with pytest.raises(TextNotAccepted) as raised:
        read_search(f"rent {query}", no_collection)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    "query",
    [
        "note: the rent",
        "at 10:30",
        "check-in:x",
        "https://example.org",
        "profile:x",
        "re-read",
        "a - b",
        'before: "type:x -y"',
    ],
)
def test_everything_else_is_just_words(query: str) -> None:
    asked = read_search(query, no_collection)
    assert asked.conditions == ()
    assert asked.query.never == ()
    assert asked.words == query


def test_a_text_with_documents_is_taken_word_by_word(filled: Documents) -> None:
    sources = finish(filled.sources("deposit -rent type:spreadsheets", Cancel(), 9))
    assert {source.path.stem for source in sources} == {LEASE, DRAFT, RECEIPT, MEMO}
    assert just_words("in:Letters, -5 °C").words == "in:Letters, -5 °C"


def test_a_question_is_limited_by_operators_and_a_minus_in_it_is_a_word(filled: Documents) -> None:
    asked = filled.asked("type:html Is -rent the deposit?")
    assert asked.words == "Is -rent the deposit?"
    assert asked.query.never == ()
    assert {one.path.stem for one in finish(filled.sources(asked, Cancel(), 9))} == {RECEIPT}
    quotes = finish(filled.quotes("Was the deposit received? -type:html", Cancel())).quotes
    assert {quote.source.path.stem for quote in quotes} <= {LEASE, DRAFT, MEMO}
    (quote, *_) = finish(filled.quotes("Was the deposit received? type:html", Cancel())).quotes
    assert quote.source.path.stem == RECEIPT
    with pytest.raises(TextNotAccepted):
        filled.asked("type:spreadsheets What is the deposit?")


def test_operators_alone_are_no_question(filled: Documents) -> None:
    asked = read_question("type:html", no_collection)
    assert (asked.words, asked.conditions) == ("type:html", ())
