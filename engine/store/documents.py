"""The rows of documents: files and folders, their pages, and the counts.

A document is replaced whole in one transaction: until that commits, a search finds the old
passages. A removed one lies in the trash, where nothing but `trash` finds it. The rows that
searches read are in `passages` and `vectors`.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from sys import intern
from typing import Any

from engine.errors import DocumentTooSlow, EngineError, NotFound
from engine.store.collections import CollectionRows
from engine.store.embedders import EmbedderRows
from engine.store.folders import FolderRows, above, bare, keep_out_of_folders
from engine.store.pages import PageKept, ToKeep, clear_words, keep_page, keep_passages
from engine.store.passages import IN_TRASH, PassageRows, place_of
from engine.store.picture_pages import PicturePageRows
from engine.store.trials import TrialRows
from engine.store.values import now
from engine.store.vault import Vault
from engine.store.vectors import VectorRows
from engine.types import Counts, Document, DocumentState, Page, Place

_DOCUMENT = """SELECT d.id, d.path, d.kind, d.state, d.size_bytes, d.pages, d.read_at, d.reason_code, d.reason,
    d.deleted_at, (SELECT count(*) FROM passage p WHERE p.document_id = d.id),
    (SELECT count(*) FROM picture_page o WHERE o.document_id = d.id AND o.state != 'read'),
    (SELECT count(*) FROM picture_page o WHERE o.document_id = d.id AND o.confidence IS NOT NULL),
    (SELECT o.why FROM picture_page o WHERE o.document_id = d.id AND o.state = 'failed' LIMIT 1) FROM document d"""

_GONE, _HELD = 1, 2  # in `vanished`
_STRETCH = 1000  # rows that are taken at once
_THERE = "SELECT path FROM document WHERE deleted_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """What tells whether a file is still the one that was read."""

    path: Path
    kind: str
    size_bytes: int
    mtime_ns: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFile:
    """A document's file as it was when it was read."""

    id: int
    size_bytes: int
    mtime_ns: int
    sha256: str
    state: DocumentState
    in_trash: bool
    kind: str = ""
    vanished: bool = False  # in the trash because its file was gone
    held: bool = False  # the person took it out of there all the same
    reason_code: str = ""

    @property
    def in_part(self) -> bool:
        """Whether it was not read to its end."""
        return self.state is DocumentState.READ and self.reason_code == DocumentTooSlow.__name__


@dataclass(frozen=True, slots=True)
class KeptFile:
    """What a search may ask of a document's file."""

    id: int
    path: Path
    kind: str
    mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of one file: its pages and what is missing of it, or the error that says why there are none.

    `in_part` where it was not read to its end.
    """

    facts: FileFacts
    paged: bool = False
    pages: tuple[PageKept, ...] = ()
    error: EngineError | None = None
    left_out: str = ""
    in_part: bool = False

    @property
    def reason_code(self) -> str:
        """The name of the error that reading it ended in; "" where it came to its end."""
        return self.error.code if self.error else DocumentTooSlow.__name__ if self.in_part else ""


class DocumentRows:
    """Documents in the store, in `folders` where files come from, and in `collections` how they are grouped.

    `passages`, `vectors` and `embedders` are the rows that searches read; `pictures` are pages for OCR,
    `trials` what making vectors takes on this computer.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self.passages = PassageRows(vault)
        self.vectors = VectorRows(vault)
        self.embedders = EmbedderRows(vault)
        self.folders = FolderRows(vault)
        self.collections = CollectionRows(vault)
        self.pictures = PicturePageRows(vault)
        self.trials = TrialRows(vault)

    def all(self) -> tuple[Document, ...]:
        """Every document that is not in the trash, by path."""
        rows = self._vault.db.execute(_DOCUMENT + " WHERE d.deleted_at IS NULL ORDER BY d.path")
        return tuple(_document(row) for row in rows)

    def trash(self) -> tuple[Document, ...]:
        """The documents in the trash, the last removed first."""
        rows = self._vault.db.execute(_DOCUMENT + " WHERE d.deleted_at IS NOT NULL ORDER BY d.deleted_at DESC, d.path")
        return tuple(_document(row) for row in rows)

    def get(self, document_id: int) -> Document:
        """One document that is not in the trash. Raises `NotFound`."""
        row = self._vault.db.execute(_DOCUMENT + " WHERE d.deleted_at IS NULL AND d.id = ?", (document_id,)).fetchone()
        if row is None:
            raise NotFound(what="document", which=document_id)
        return _document(row)

    def by_path(self, paths: Iterable[Path]) -> dict[Path, Document]:
        """The documents among `paths`, in the trash or not."""
        wanted = list(paths)
        names = json.dumps([str(path) for path in wanted])
        rows = self._vault.db.execute(_DOCUMENT + " WHERE d.path IN (SELECT value FROM json_each(?))", (names,))
        found = {document.path: document for document in map(_document, rows)}
        return {path: found[path] for path in wanted if path in found}

    def each_known(self) -> Iterator[tuple[str, KnownFile]]:
        """Every document's file as it was when it was read, those in the trash too, with its whole name.

        There may be very many, so they come in stretches; whoever takes them may meanwhile write.
        """
        last = 0
        while rows := self._vault.db.execute(
            "SELECT id, path, size_bytes, mtime_ns, sha256, state, deleted_at IS NOT NULL, kind, vanished, reason_code"
            " FROM document WHERE id > ? ORDER BY id LIMIT ?",
            (last, _STRETCH),
        ).fetchall():
            for id_, path, size, mtime, sha, state, in_trash, kind, vanished, reason_code in rows:
                yield path, KnownFile(
                    id=id_, size_bytes=size, mtime_ns=mtime, sha256=sha, state=DocumentState(state),
                    in_trash=bool(in_trash), kind=intern(kind), vanished=vanished == _GONE, held=vanished == _HELD,
                    reason_code=reason_code,
                )  # fmt: skip
            last = rows[-1][0]

    def files(self) -> Iterator[KeptFile]:
        """The files of the documents that are not in the trash."""
        rows = self._vault.db.execute("SELECT id, path, kind, mtime_ns FROM document WHERE deleted_at IS NULL")
        return (KeptFile(id_, Path(path), kind, mtime_ns) for id_, path, kind, mtime_ns in rows)

    def page(self, document_id: int, number: int) -> Page:
        """The text of one page, counted from 1. Raises `NotFound`."""
        row = self._vault.db.execute(
            "SELECT p.id, p.text, d.paged, o.confidence FROM page p JOIN document d ON d.id = p.document_id"
            " LEFT JOIN picture_page o ON o.page_id = p.id"
            " WHERE p.document_id = ? AND p.number = ? AND d.deleted_at IS NULL",
            (document_id, number),
        ).fetchone()
        if row is None:
            raise NotFound(what="page", which=number)
        page_id, text, paged, confidence = row
        first = self._vault.db.execute(
            "SELECT place, place_number, label FROM passage WHERE page_id = ? ORDER BY start LIMIT 1", (page_id,)
        ).fetchone()
        place = place_of(*first) if first else Place()
        return Page(
            document_id=document_id, number=number, text=text, paged=bool(paged), place=place, confidence=confidence
        )  # fmt: skip

    def counts(self) -> Counts:
        """How much there is, without the trash."""
        row = self._vault.db.execute(
            f"""SELECT (SELECT count(*) FROM document WHERE deleted_at IS NULL),
                (SELECT count(*) FROM document WHERE deleted_at IS NULL AND state = 'failed'),
                (SELECT count(*) FROM passage) - (SELECT count(*) FROM ({IN_TRASH})),
                (SELECT count(*) FROM meaning_bits JOIN embedder ON id = embedder_id AND in_use)
                - (SELECT count(*) FROM meaning_bits JOIN embedder ON id = embedder_id AND in_use
                   WHERE passage_id IN ({IN_TRASH}))"""
        ).fetchone()
        return Counts(documents=row[0], failed=row[1], passages=row[2], embedded=row[3])

    def sparing(self) -> AbstractContextManager[None]:
        """While inside, this thread keeps little of the store in memory: for adding many, which hardly reads."""
        return self._vault.sparing()

    def unchanged(self, touched: Sequence[tuple[int, FileFacts]]) -> None:
        """The files of these documents were touched, but hold what they held."""
        with self._vault.writing() as db:
            for document_id, facts in touched:
                db.execute(
                    "UPDATE document SET size_bytes = ?, mtime_ns = ?, vanished = 0 WHERE id = ?",
                    (facts.size_bytes, facts.mtime_ns, document_id),
                )

    def move(self, moved: Sequence[tuple[int, FileFacts]]) -> None:
        """The files of these documents have another name or place; what was read of them stays.

        Those in the trash are back.
        """
        with self._vault.writing() as db:
            for document_id, facts in moved:
                db.execute(
                    "UPDATE document SET path = ?, mtime_ns = ?, deleted_at = NULL, vanished = 0 WHERE id = ?",
                    (str(facts.path), facts.mtime_ns, document_id),
                )

    def settle(self, settled: Sequence[Settled]) -> list[int]:
        """Keep what came of some files, all or none; returns the ids of passages that are gone."""
        gone: list[int] = []
        passages: list[ToKeep] = []
        with self._vault.writing() as db:
            for one in settled:
                gone += self._settle(db, one, passages)
            keep_passages(db, passages)
        return gone

    def remove(self, document_ids: Sequence[int]) -> list[int]:
        """Put documents in the trash; returns the ids of their passages.

        A folder none of whose documents are left goes there too.
        """
        moment = now()
        with self._vault.writing() as db:
            gone = _trash(db, document_ids, moment, vanished=False)
            for root_id in bare(db, _paths(db, document_ids), _THERE):
                db.execute("UPDATE root SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?", (moment, root_id))
        return gone

    def vanish(self, document_ids: Sequence[int]) -> list[int]:
        """Put documents in the trash whose files are gone; returns the ids of their passages.

        Their folders stay, and a file that is there again brings its document back.
        """
        with self._vault.writing() as db:
            return _trash(db, document_ids, now(), vanished=True)

    def restore(self, document_ids: Sequence[int], held: Collection[int] = ()) -> None:
        """Take documents out of the trash as they were, and the folders they are in.

        Those in `held` stay although their files are gone.
        """
        with self._vault.writing() as db:
            for document_id in document_ids:
                db.execute(
                    "UPDATE document SET deleted_at = NULL, vanished = ? WHERE id = ?",
                    (_HELD if document_id in held else 0, document_id),
                )
            for root_id in above(db, _paths(db, document_ids)):
                db.execute("UPDATE root SET deleted_at = NULL WHERE id = ?", (root_id,))

    def erase(self, document_ids: Sequence[int], *, keep_out: bool = True) -> list[int]:
        """Erase documents, their text and what was made from it; returns the ids of their passages.

        A folder none of whose documents are left is forgotten too; out of one that stays, a file that was not gone
        is kept out from then on (`keep_out`). Words stay in the index until `passages.erase_words` has run.
        """
        gone: list[int] = []
        with self._vault.writing() as db:
            wanted_gone = _paths(db, document_ids, f"AND vanished != {_GONE}") if keep_out else []
            for document_id in document_ids:
                gone += _clear(db, document_id)
                db.execute("DELETE FROM document WHERE id = ?", (document_id,))
            for root_id in bare(db, wanted_gone, "SELECT path FROM document"):
                db.execute("DELETE FROM root WHERE id = ?", (root_id,))
            keep_out_of_folders(db, wanted_gone)
        return gone

    # Its own affairs.

    def _settle(self, db: Any, one: Settled, passages: list[ToKeep]) -> list[int]:
        """Keep all but the passages, which are added to `passages`; returns the ids of those that are gone."""
        facts, failed = one.facts, one.error is not None
        row = db.execute("SELECT id FROM document WHERE path = ?", (str(facts.path),)).fetchone()
        gone: list[int] = []
        if row:
            keep_passages(db, passages)  # some may be this document's
            passages.clear()
            gone = _clear(db, row[0])
        values = {
            "path": str(facts.path),
            "kind": facts.kind,
            "state": DocumentState.FAILED if failed else DocumentState.READ,
            "size_bytes": facts.size_bytes,
            "mtime_ns": facts.mtime_ns,
            "sha256": facts.sha256,
            "paged": int(one.paged),
            "pages": len(one.pages),
            "reason_code": one.reason_code,
            "reason": str(one.error) if one.error else one.left_out,
            "read_at": _now(),
            "deleted_at": None,
            "vanished": 0,
        }
        if row:
            sets = ", ".join(f"{name} = :{name}" for name in values)
            db.execute(f"UPDATE document SET {sets} WHERE path = :path", values)
            document_id = row[0]
        else:
            names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
            document_id = db.execute(f"INSERT INTO document ({names}) VALUES ({places})", values).lastrowid
        for number, page in enumerate(one.pages, start=1):
            passages += keep_page(db, document_id, number, page)
        return gone


def _clear(db: Any, document_id: int) -> list[int]:
    """Take away a document's text, words and vectors, but not its row."""
    gone = _passages(db, document_id)
    clear_words(db, gone)
    db.execute("DELETE FROM page WHERE document_id = ?", (document_id,))  # passages and vectors go with them
    return gone


def _passages(db: Any, document_id: int) -> list[int]:
    return [id_ for (id_,) in db.execute("SELECT id FROM passage WHERE document_id = ?", (document_id,))]


def _trash(db: Any, document_ids: Sequence[int], moment: str, *, vanished: bool) -> list[int]:
    gone: list[int] = []
    for document_id in document_ids:
        db.execute(
            "UPDATE document SET deleted_at = coalesce(deleted_at, ?), vanished = ? WHERE id = ?",
            (moment, _GONE if vanished else 0, document_id),
        )
        gone += _passages(db, document_id)
    return gone


def _paths(db: Any, document_ids: Sequence[int], only: str = "") -> list[str]:
    found = (
        db.execute(f"SELECT path FROM document WHERE id = ? {only}", (document_id,)).fetchone()
        for document_id in document_ids
    )
    return [row[0] for row in found if row is not None]


def _document(row: Sequence[Any]) -> Document:
    id_, path, kind, state, size, pages, read_at, reason_code, reason, deleted_at, passages, pictures, by_ocr, why = row
    return Document(
        id=id_, path=Path(path), kind=kind, state=DocumentState(state), size_bytes=size, pages=pages,
        passages=passages, read_at=read_at, reason_code=reason_code, reason=reason, deleted_at=deleted_at,
        pictures=pictures, by_ocr=by_ocr, ocr_failed=why or "",
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
