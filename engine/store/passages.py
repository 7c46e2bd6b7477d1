"""The rows that a search by words reads: the word index, and passages by their ids.

What lies in the trash stays in the index, so that it is back at once when it is wanted back; it is left
out of what is found, and weighs only in how rare a word is. Erasing a passage merely marks its words in
the index; they stay there until the pieces of the index are merged, which `erase_words` does.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.store.values import now
from engine.store.vault import Vault
from engine.types import Passage, Place

AT_ONCE = 500  # well below SQLite's limit of variables in one statement
PAGES_AT_ONCE = 512  # of the word index, merged in one transaction
WORDS_TO_ERASE = "words to erase"
_SENT_BY = "(SELECT id FROM page WHERE sender != '' AND sender IN (SELECT value FROM json_each(?)))"
IN_TRASH = "SELECT p.id FROM document d JOIN passage p ON p.document_id = d.id WHERE d.deleted_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Among:
    """Which passages are looked through: those of `documents`, in mails of `senders` (None: in anything), and in none
    of `others`.
    """

    documents: Sequence[int]
    senders: Sequence[str] | None = None
    others: Sequence[str] = ()

    @property
    def condition(self) -> tuple[str, list[str]]:
        """What a passage `p` must be, with its values."""
        condition, values = "p.document_id IN (SELECT value FROM json_each(?))", [json.dumps(list(self.documents))]
        if self.senders is not None:
            condition += f" AND p.page_id IN {_SENT_BY}"
            values.append(json.dumps(list(self.senders)))
        if self.others:
            condition += f" AND p.page_id NOT IN {_SENT_BY}"
            values.append(json.dumps(list(self.others)))
        return condition, values


class PassageRows:
    """Stretches of pages, and which words are in them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def count(self) -> int:
        """How many passages the word index holds, those in the trash too."""
        (count,) = self._vault.db.execute("SELECT count(*) FROM passage").fetchone()
        return int(count)

    def spread(self, words: Iterable[str]) -> dict[str, int]:
        """In how many passages each of `words` (as the index spells them) occurs, those in the trash too."""
        wanted = list(words)
        rows = self._vault.db.execute(
            "SELECT term, doc FROM word_count WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
        )
        return dict.fromkeys(wanted, 0) | dict(rows)

    def beginning_with(self, beginnings: Sequence[str], most: int) -> dict[str, int]:
        """The words with one of these beginnings; in how many passages each occurs, those in the trash too.

        Counting takes its time with common words: it goes on from beginning to beginning until words in `most`
        passages have been seen.
        """
        rows = self._vault.db.execute(
            """SELECT w.term, w.doc FROM json_each(?) b CROSS JOIN word_count w
               ON w.term >= b.value AND w.term < b.value || char(0x10ffff)""",
            (json.dumps(beginnings),),
        )
        found: dict[str, int] = {}
        with closing(rows):
            for word, count in rows:
                found[word] = count
                most -= count
                if most < 0:
                    break
        return found

    def is_found(self, word: str) -> bool:
        """Whether any passage that is not in the trash holds a word of letters."""
        found = self._vault.db.execute(
            """SELECT 1 FROM words w JOIN passage p ON p.id = w.rowid JOIN document d ON d.id = p.document_id
               WHERE w.words MATCH ? AND d.deleted_at IS NULL LIMIT 1""",
            (f'"{word}"',),
        )
        return found.fetchone() is not None

    def any_beginning(self, beginning: str) -> bool:
        """Whether there is a word with this beginning."""
        limits = (beginning, f"{beginning}\U0010ffff")
        found = self._vault.db.execute("SELECT 1 FROM word_count WHERE term >= ? AND term < ? LIMIT 1", limits)
        return found.fetchone() is not None

    def senders(self) -> list[str]:
        """Everybody who sent a mail, as their mails name them."""
        return [sender for (sender,) in self._vault.db.execute("SELECT DISTINCT sender FROM page WHERE sender != ''")]

    def matching(self, expression: str, limit: int, among: Among | None = None) -> list[tuple[int, float]]:
        """The passages an FTS5 expression matches, best first, with SQLite's bm25 made positive.

        Those that are not `among` what is looked through, and those in the trash, are passed over one by one as they
        come. Source: sqlite.org/fts5.html, "The bm25() function" (smaller is better there).
        """
        condition, values = among.condition if among else ("1", [])
        rows = self._vault.db.execute(
            f"""SELECT rowid, rank FROM words WHERE words MATCH ? AND NOT EXISTS (
                   SELECT 1 FROM passage p JOIN document d ON d.id = p.document_id
                   WHERE p.id = words.rowid AND (d.deleted_at IS NOT NULL OR NOT ({condition}))
               ) ORDER BY rank LIMIT ?""",
            (expression, *values, limit),
        )
        return [(id_, -rank) for id_, rank in rows]

    def holding(self, expression: str) -> list[int]:
        """Every passage an FTS5 expression matches, in no order, those in the trash too."""
        return [id_ for (id_,) in self._vault.db.execute("SELECT rowid FROM words WHERE words MATCH ?", (expression,))]

    def of(self, among: Among) -> list[int]:
        """The passages that are looked through."""
        condition, values = among.condition
        return [id_ for (id_,) in self._vault.db.execute(f"SELECT p.id FROM passage p WHERE {condition}", values)]

    def letters(self, documents: Sequence[int]) -> int:
        """How many characters the passages of these documents have."""
        (count,) = self._vault.db.execute(
            """SELECT coalesce(sum(p.end - p.start), 0) FROM passage p
               WHERE p.document_id IN (SELECT value FROM json_each(?))""",
            (json.dumps(list(documents)),),
        ).fetchone()
        return int(count)

    def firsts(self, among: Among, without: Sequence[int], limit: int) -> list[int]:
        """The first passage of each document that is looked through and none of `without`, newest files first."""
        condition, values = among.condition
        rows = self._vault.db.execute(
            f"""SELECT min(p.id) FROM passage p JOIN document d ON d.id = p.document_id
               WHERE {condition} AND p.id NOT IN (SELECT value FROM json_each(?))
               GROUP BY d.id ORDER BY d.mtime_ns DESC, d.path LIMIT ?""",
            (*values, json.dumps(without), limit),
        )
        return [id_ for (id_,) in rows]

    def get(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id, those that are still there and not in the trash."""
        found: dict[int, Passage] = {}
        for first in range(0, len(ids), AT_ONCE):
            some = list(ids[first : first + AT_ONCE])
            rows = self._vault.db.execute(
                f"""SELECT p.id, p.document_id, d.path, g.number, p.start, p.end,
                    substr(g.text, p.start + 1, p.end - p.start), d.paged,
                    p.place, p.place_number, p.label, d.mtime_ns, o.confidence
                    FROM passage p JOIN page g ON g.id = p.page_id JOIN document d ON d.id = p.document_id
                    LEFT JOIN picture_page o ON o.page_id = p.page_id
                    WHERE d.deleted_at IS NULL AND p.id IN ({", ".join("?" * len(some))})""",
                some,
            )
            for id_, document_id, path, number, start, end, text, paged, *place, mtime_ns, confidence in rows:
                found[id_] = Passage(
                    id=id_, document_id=document_id, path=Path(path), page=number,
                    start=start, end=end, text=text, paged=bool(paged), place=place_of(*place),
                    mtime_ns=mtime_ns, confidence=confidence,
                )  # fmt: skip
        return found

    def text(self, passage: Passage, start: int, end: int) -> str:
        """A stretch of the page on which a passage stands; "" where it is gone."""
        row = self._vault.db.execute(
            "SELECT substr(g.text, ?, ?) FROM passage p JOIN page g ON g.id = p.page_id WHERE p.id = ?",
            (start + 1, end - start, passage.id),
        ).fetchone()
        return str(row[0]) if row else ""

    @property
    def has_words_to_erase(self) -> bool:
        """Whether the word index still holds words of erased passages."""
        return bool(self._vault.rows("SELECT 1 FROM upkeep WHERE name = ?", (WORDS_TO_ERASE,)))

    def erase_words(self, check: Callable[[], None]) -> None:
        """Merge the word index where passages were erased, so that nothing of their words is left.

        Stretch by stretch, each a short transaction; `check` is called after each, and what it raises
        ends the work, which may be begun again. Raises `DiskFull`.
        """
        if not self.has_words_to_erase:
            return
        first = True
        while self._merge(first):
            first = False
            check()
        self._vault.settle()  # so that no erased page outlives its erasure in the log

    def _merge(self, first: bool) -> bool:
        """Merge a stretch; False when nothing is left to merge. `first` begins anew.

        Source: sqlite.org/fts5.html, "The 'merge' Command".
        """
        with self._vault.writing() as db:
            before = db.conn.total_changes
            pages = -PAGES_AT_ONCE if first else PAGES_AT_ONCE
            db.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", (pages,))
            more = db.conn.total_changes - before >= 2
            if not more:
                db.execute("DELETE FROM upkeep WHERE name = ?", (WORDS_TO_ERASE,))
        return more


def place_of(kind: str, number: int, label: str) -> Place:
    """A place from its columns."""
    return Place(kind=kind, number=number, label=label)


def to_erase(db: Any) -> None:
    """Note within a transaction that words were marked in the index."""
    db.execute("INSERT OR REPLACE INTO upkeep (name, moment) VALUES (?, ?)", (WORDS_TO_ERASE, now()))
