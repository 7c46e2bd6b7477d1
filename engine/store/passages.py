"""The rows that a search by words reads: the word index, and passages by their ids."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from engine.store.vault import Vault
from engine.types import Passage

AT_ONCE = 500  # well below SQLite's limit of variables in one statement


class PassageRows:
    """Stretches of pages, and which words are in them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def count(self) -> int:
        """How many passages there are."""
        (count,) = self._vault.db.execute("SELECT count(*) FROM passage").fetchone()
        return int(count)

    def spread(self, words: Iterable[str]) -> dict[str, int]:
        """In how many passages each of `words` (as the index spells them) occurs."""
        wanted = list(dict.fromkeys(words))
        found: dict[str, int] = {}
        for word in wanted:
            row = self._vault.db.execute("SELECT doc FROM word_count WHERE term = ?", (word,)).fetchone()
            found[word] = int(row[0]) if row else 0
        return found

    def matching(self, expression: str, limit: int) -> list[tuple[int, float]]:
        """The passages an FTS5 expression matches, best first, with SQLite's bm25 made positive.

        Source: sqlite.org/fts5.html, "The bm25() function" (smaller is better there).
        """
        rows = self._vault.db.execute(
            "SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (expression, limit)
        )
        return [(id_, -rank) for id_, rank in rows]

    def get(self, ids: Sequence[int]) -> dict[int, Passage]:
        """Passages by id, those that are still there."""
        found: dict[int, Passage] = {}
        for first in range(0, len(ids), AT_ONCE):
            some = list(ids[first : first + AT_ONCE])
            rows = self._vault.db.execute(
                f"""SELECT p.id, p.document_id, d.path, g.number, p.start, p.end,
                    substr(g.text, p.start + 1, p.end - p.start), d.paged
                    FROM passage p JOIN page g ON g.id = p.page_id JOIN document d ON d.id = p.document_id
                    WHERE p.id IN ({", ".join("?" * len(some))})""",
                some,
            )
            for id_, document_id, path, number, start, end, text, paged in rows:
                found[id_] = Passage(
                    id=id_, document_id=document_id, path=Path(path), page=number,
                    start=start, end=end, text=text, paged=bool(paged),
                )  # fmt: skip
        return found
