"""Typing errors: which words of the documents are searched as well, and that it is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.documents import Documents
from engine.documents.near_words import distance
from engine.events import HitsFound
from engine.operation import Cancel, finish
from engine.store import Store
from engine.types import IndexReport

Add = Callable[..., IndexReport]
TEXTS = {
    "receipt": "The receipt for the kitchen was lost.",
    "agreement": "An agreement about parking. It was received and servicing is free.",
    "russian": "Квитанция за кухню",
    "numbers": "Room 12345 and abc4567",
    "japanese": "領収書を確認してください",
}


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("receipt", "receipt", 0), ("reciept", "receipt", 1), ("receit", "receipt", 1), ("receeipt", "receipt", 1),
     ("rexeipt", "receipt", 1), ("agrement", "agreements", 2), ("", "ab", 2), ("ca", "abc", 3)],
)  # fmt: skip
def test_swapped_letters_are_one_error(one: str, other: str, apart: int) -> None:
    assert distance(one, other) == distance(other, one) == apart


@pytest.mark.parametrize(
    ("query", "found", "also"),
    [
        ("reciept ", ["receipt"], ("receipt",)),
        ("receit ", ["receipt"], ("receipt",)),
        ("rceeipt", ["receipt"], ("receipt",)),
        ("kitchen reciept ", ["receipt"], ("receipt",)),
        ("agremeent ", ["agreement"], ("agreement",)),
        ("agreemxnx ", ["agreement"], ("agreement",)),
        ("axremeent ", ["agreement"], ("agreement",)),
        ("квитанцыя ", ["russian"], ("квитанция",)),
        ("receip", ["receipt"], ()),  # a beginning, as one types
        ("receipt ", ["receipt"], ()),
        ("rexexpt ", [], ()),  # two errors in a short word
        ("12346 ", [], ()),
        ("abc4568 ", [], ()),
        ('"reciept"', [], ()),
        ("kitchen -reciept ", ["receipt"], ()),
    ],
)
def test_a_word_that_is_nowhere_finds_what_is_written_nearly_like_it(
    folder: Path, documents: Documents, add: Add, query: str, found: list[str], also: tuple[str, ...]
) -> None:
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    add(folder)
    *_, last = documents.search(query, Cancel(), by="words")
    assert isinstance(last, HitsFound)
    assert last.also == also
    assert [hit.passage.path.stem for hit in last.hits] == found
    assert all(hit.marks for hit in last.hits)


def test_an_error_that_stands_in_the_documents_too_does_not_hide_the_word(
    folder: Path, documents: Documents, add: Add
) -> None:
    (folder / "wrong.txt").write_text("the reciept")
    for number in range(20):
        (folder / f"{number}.txt").write_text(f"a receipt {number}")
    add(folder)
    *_, last = documents.search("reciept ", Cancel(), by="words", limit=99)
    assert isinstance(last, HitsFound)
    assert last.also == ("receipt",)
    assert len(last.hits) == 21
    assert last.hits[0].passage.path.stem == "wrong"
    gone = next(one.id for one in documents.all() if one.path.name == "0.txt")
    documents.remove([gone])
    finish(documents.erase([gone], Cancel()))
    *_, last = documents.search("reciept ", Cancel(), by="words")
    assert isinstance(last, HitsFound)
    assert last.also == ()


def test_a_word_of_the_trash_is_not_told(folder: Path, documents: Documents, add: Add) -> None:
    (folder / "a.txt").write_text("the receipt")
    add(folder)
    ids = [one.id for one in documents.all()]
    for act, also in ((documents.remove, ()), (documents.restore, ("receipt",))):
        act(ids)
        *_, last = documents.search("reciept ", Cancel(), by="words")
        assert isinstance(last, HitsFound)
        assert last.also == also


def test_a_word_is_told_whole_where_the_index_knows_its_stem(folder: Path, documents: Documents, add: Add) -> None:
    (folder / "a.txt").write_text("They receive and have received much.")
    add(folder)
    *_, last = documents.search("receiev ", Cancel(), by="words")
    assert isinstance(last, HitsFound)
    assert last.also == ("receive",)


def test_counting_words_with_a_beginning_ends_where_enough_passages_were_seen(
    folder: Path, documents: Documents, add: Add, store: Store
) -> None:
    for number, word in enumerate(("agree", "agreed", "agreement", "parking")):
        (folder / f"{number}.txt").write_text(word, encoding="utf-8")
    add(folder)
    rows = store.documents.passages
    assert set(rows.beginning_with(["park", "agree"], 100)) == {"park", "parking", "agree", "agreed", "agreement"}
    assert set(rows.beginning_with(["park", "agree"], 0)) == {"park"}
