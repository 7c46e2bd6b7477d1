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


ToKeep = tuple[int, int, Stretch]  # of which document and page


def keep_page(db: Any, document_id: int, number: int, page: PageKept) -> list[ToKeep]:
    """Add a page to a document; its passages, which are still to be kept."""
    insert = "INSERT INTO page (document_id, number, text, sender) VALUES (?, ?, ?, ?)"
    page_id = db.execute(insert, (document_id, number, page.text, page.sender)).lastrowid
    if page.pictured:
        db.execute("INSERT INTO picture_page (page_id, document_id) VALUES (?, ?)", (page_id, document_id))
    return [(document_id, page_id, stretch) for stretch in page.stretches]


def keep_passages(db: Any, passages: Sequence[ToKeep]) -> None:
    """Add passages to their pages, and their words to the index: many at once take half of the time."""
    numbered = list(enumerate(passages, start=_last_passage(db) + 1))
    db.conn.executemany(
        "INSERT INTO passage (id, document_id, page_id, start, end, place, place_number, label)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (id_, document_id, page_id, one.start, one.end, one.place.kind, one.place.number, one.place.label)
            for id_, (document_id, page_id, one) in numbered
        ],
    )
    words = [(id_, one.words) for id_, (_, _, one) in numbered]
    db.conn.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", words)


def _last_passage(db: Any) -> int:
    """The highest id that a passage ever had, as SQLite keeps it. Source: sqlite.org/autoinc.html."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passage'").fetchone()
    return int(row[0]) if row else 0


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
