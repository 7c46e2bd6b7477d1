"""The rows of a page: its text, its passages with their words, and whether it is a picture that waits for OCR."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.store.passages import to_erase
from engine.types import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One passage to keep: its span in the page's text, its words as the index holds them, and where it begins."""

    start: int
    end: int
    words: str
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKept:
    """One page to keep; where it is of a mail, with who sent that.

    `pictured`: it has hardly any text and shows a picture, which may be one of text.
    """

    text: str
    stretches: tuple[Stretch, ...]
    sender: str = ""
    pictured: bool = False


def keep_page(db: Any, document_id: int, number: int, page: PageKept) -> None:
    """Add a page to a document."""
    insert = "INSERT INTO page (document_id, number, text, sender) VALUES (?, ?, ?, ?)"
    page_id = db.execute(insert, (document_id, number, page.text, page.sender)).lastrowid
    keep_passages(db, document_id, page_id, page.stretches)
    if page.pictured:
        db.execute("INSERT INTO picture_page (page_id, document_id) VALUES (?, ?)", (page_id, document_id))


def keep_passages(db: Any, document_id: int, page_id: int, stretches: Sequence[Stretch]) -> None:
    """Add passages to a page, and their words to the index."""
    for stretch in stretches:
        place = stretch.place
        passage_id = db.execute(
            "INSERT INTO passage (document_id, page_id, start, end, place, place_number, label)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (document_id, page_id, stretch.start, stretch.end, place.kind, place.number, place.label),
        ).lastrowid
        db.execute("INSERT INTO words (rowid, text) VALUES (?, ?)", (passage_id, stretch.words))


def clear_page(db: Any, page_id: int) -> list[int]:
    """Take away a page's passages with their words and vectors; returns the ids of the passages."""
    gone = [id_ for (id_,) in db.execute("SELECT id FROM passage WHERE page_id = ?", (page_id,))]
    clear_words(db, gone)
    db.execute("DELETE FROM passage WHERE page_id = ?", (page_id,))  # vectors go with them
    return gone


def clear_words(db: Any, passage_ids: Sequence[int]) -> None:
    """Take the words of passages out of the index, where they stay until it is merged."""
    for id_ in passage_ids:
        db.execute("DELETE FROM words WHERE rowid = ?", (id_,))
    if passage_ids:
        to_erase(db)
