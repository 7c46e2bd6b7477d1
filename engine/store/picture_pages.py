"""The rows of pages that show text only as a picture: which wait for OCR, and what it read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.store.pages import PageKept, clear_page, keep_passages
from engine.store.vault import Vault

WAITING, READ, FAILED = "waiting", "read", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesWaiting:
    """Pages of one document that wait for OCR, and its file as it was when it was read."""

    document_id: int
    path: Path
    kind: str
    size_bytes: int
    mtime_ns: int
    pages: tuple[int, ...]


class PicturePageRows:
    """Pages that are pictures. Those of documents in the trash do not wait."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def count(self, state: str = WAITING) -> int:
        """How many pages wait, or are in another state."""
        rows = self._vault.db.execute(
            "SELECT count(*) FROM picture_page o JOIN document d ON d.id = o.document_id"
            " WHERE o.state = ? AND d.deleted_at IS NULL",
            (state,),
        )
        return int(rows.fetchone()[0])

    def waiting(self) -> tuple[PicturesWaiting, ...]:
        """The documents with pages that wait, by path."""
        rows = self._vault.db.execute(
            "SELECT d.id, d.path, d.kind, d.size_bytes, d.mtime_ns, g.number FROM picture_page o"
            " JOIN page g ON g.id = o.page_id JOIN document d ON d.id = o.document_id"
            " WHERE o.state = ? AND d.deleted_at IS NULL ORDER BY d.path, g.number",
            (WAITING,),
        )
        pages: dict[tuple[Any, ...], list[int]] = {}
        for *document, number in rows:
            pages.setdefault(tuple(document), []).append(number)
        return tuple(
            PicturesWaiting(
                document_id=id_, path=Path(path), kind=kind, size_bytes=size, mtime_ns=mtime, pages=tuple(numbers)
            )
            for (id_, path, kind, size, mtime), numbers in pages.items()
        )

    def renew(self, languages: str) -> None:
        """Pages that were read in other languages wait again; what was read of them stays until then."""
        with self._vault.writing() as db:
            db.execute(
                "UPDATE picture_page SET state = ? WHERE state = ? AND languages != ?", (WAITING, READ, languages)
            )

    def keep(
        self, document_id: int, number: int, page: PageKept, languages: str, confidence: float, words: bytes
    ) -> list[int]:
        """Keep what OCR read of a page in place of what it had; returns the ids of passages that are gone.

        Nothing is kept of a page that has gone meanwhile.
        """
        with self._vault.writing() as db:
            page_id = _page_id(db, document_id, number)
            if page_id is None:
                return []
            gone = clear_page(db, page_id)
            db.execute("UPDATE page SET text = ? WHERE id = ?", (page.text, page_id))
            keep_passages(db, [(document_id, page_id, stretch) for stretch in page.stretches])
            db.execute(
                "UPDATE picture_page SET state = ?, why = '', languages = ?, confidence = ?, words = ?"
                " WHERE page_id = ?",
                (READ, languages, confidence, words, page_id),
            )
        return gone

    def blank(self, document_id: int, number: int, languages: str) -> None:
        """OCR found no words on this page; what it had stays."""
        with self._vault.writing() as db:
            page_id = _page_id(db, document_id, number)
            db.execute(
                "UPDATE picture_page SET state = ?, why = '', languages = ? WHERE page_id = ?",
                (READ, languages, page_id),
            )

    def fail(self, document_id: int, numbers: Sequence[int], why: str) -> None:
        """These pages could not be read; they are not tried again by themselves."""
        with self._vault.writing() as db:
            for number in numbers:
                db.execute(
                    "UPDATE picture_page SET state = ?, why = ? WHERE page_id = ?",
                    (FAILED, why, _page_id(db, document_id, number)),
                )

    def try_again(self) -> None:
        """What could not be read waits again."""
        with self._vault.writing() as db:
            db.execute("UPDATE picture_page SET state = ?, why = '' WHERE state = ?", (WAITING, FAILED))

    def words(self, document_id: int, number: int) -> bytes | None:
        """The boxes of a page's words, as they were kept; None for one that OCR did not read."""
        row = self._vault.db.execute(
            "SELECT o.words FROM picture_page o JOIN page g ON g.id = o.page_id"
            " WHERE g.document_id = ? AND g.number = ? AND o.state = ?",
            (document_id, number, READ),
        ).fetchone()
        return bytes(row[0]) if row and row[0] else None


def _page_id(db: Any, document_id: int, number: int) -> int | None:
    """The page, where it still is a picture that waits."""
    row = db.execute(
        "SELECT o.page_id FROM picture_page o JOIN page g ON g.id = o.page_id"
        " WHERE g.document_id = ? AND g.number = ? AND o.state = ?",
        (document_id, number, WAITING),
    ).fetchone()
    return row[0] if row else None
