"""The rows that a search by meaning reads: sign bits and eight-bit numbers, one row a passage and embedder.

The vectors of what lies in the trash stay, and are told to nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.store.embedders import known
from engine.store.passages import IN_TRASH
from engine.store.vault import Vault

AT_ONCE = 500
_THERE = f"SELECT 1 FROM passage WHERE id = ? AND id NOT IN ({IN_TRASH})"
_OF = "(SELECT id FROM embedder WHERE name = ?)"
_LACKING = f"""FROM passage p JOIN page g ON g.id = p.page_id
    LEFT JOIN meaning_bits v ON v.passage_id = p.id AND v.embedder_id = {_OF}
    WHERE v.passage_id IS NULL AND p.id NOT IN ({IN_TRASH})"""


class Vector(NamedTuple):
    """A vector as it is kept: its sign bits, its eight-bit numbers, and the SHA-256 of the text it was made of."""

    bits: bytes
    numbers: bytes
    text_sha256: bytes


class VectorRows:
    """Vectors of passages. `embedder` names the model that made them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def bits(self, embedder: str) -> Iterator[tuple[int, bytes]]:
        """Every passage's sign bits, as they lie in the store."""
        return ((id_, bits) for id_, bits, _ in self.placed(embedder))

    def placed(self, embedder: str) -> Iterator[tuple[int, bytes, int]]:
        """Every passage's sign bits, as they lie in the store, and the number of their row: see `numbers`."""
        yield from self._vault.db.execute(
            f"""SELECT passage_id, bits, rowid FROM meaning_bits
                WHERE embedder_id = {_OF} AND passage_id NOT IN ({IN_TRASH})""",
            (embedder,),
        )

    def numbers(self, embedder: str, ids: Sequence[int], rows: Sequence[int] = ()) -> list[tuple[int, bytes]]:
        """The eight-bit numbers of some passages, those that are still there.

        `rows` are those of their bits, as far as they are known. Bits and numbers are kept and erased together, so
        nearly always the numbers lie in the row of the same number, and need not be looked up in an index as large as
        the bits. Whose numbers they are stands beside them.
        """
        wanted = set(ids)
        found = [(id_, raw) for id_, raw in self._numbers(embedder, "rowid", rows) if id_ in wanted]
        return found + self._numbers(embedder, "passage_id", wanted.difference(id_ for id_, _ in found))

    def _numbers(self, embedder: str, column: str, values: Iterable[int]) -> list[tuple[int, bytes]]:
        ordered = sorted(values)  # as they lie in the file
        found: list[tuple[int, bytes]] = []
        for first in range(0, len(ordered), AT_ONCE):
            some = ordered[first : first + AT_ONCE]
            found += self._vault.db.execute(
                f"""SELECT passage_id, numbers FROM meaning_row
                    WHERE {column} IN ({", ".join("?" * len(some))}) AND embedder_id = {_OF}""",
                (*some, embedder),
            ).fetchall()
        return found

    def lacking(self, embedder: str, after: int, limit: int) -> list[tuple[int, str]]:
        """The next passages with an id above `after` that `embedder` has not turned into vectors yet."""
        return self._vault.db.execute(
            f"""SELECT p.id, substr(g.text, p.start + 1, p.end - p.start) {_LACKING}
                AND p.id > ? ORDER BY p.id LIMIT ?""",
            (embedder, after, limit),
        ).fetchall()

    def count_lacking(self, embedder: str) -> int:
        """How many passages have no vector of `embedder`."""
        (count,) = self._vault.db.execute(f"SELECT count(*) {_LACKING}", (embedder,)).fetchone()
        return int(count)

    def made_of(self, embedder: str, text_sha256: bytes) -> Vector | None:
        """What `embedder` once made of this text, wherever that stands; None where nothing is known of it."""
        row = self._vault.db.execute(
            f"""SELECT b.bits, r.numbers FROM meaning_row r JOIN meaning_bits b USING (passage_id, embedder_id)
                WHERE r.text_sha256 = ? AND r.embedder_id = {_OF} LIMIT 1""",
            (text_sha256, embedder),
        ).fetchone()
        return Vector(row[0], row[1], text_sha256) if row else None

    def keep(self, embedder: str, vectors: Mapping[int, Vector]) -> list[int]:
        """Keep the vectors of passages, all or none; returns the ids of passages that can still be found."""
        kept = []
        with self._vault.writing() as db:
            embedder_id = known(db, embedder)
            for id_, vector in vectors.items():
                if db.execute(_THERE, (id_,)).fetchone() is None:
                    continue  # removed while its vector was being made
                db.execute("INSERT OR REPLACE INTO meaning_bits VALUES (?, ?, ?)", (id_, embedder_id, vector.bits))
                db.execute(
                    "INSERT OR REPLACE INTO meaning_row VALUES (?, ?, ?, ?)",
                    (id_, embedder_id, vector.numbers, vector.text_sha256),
                )
                kept.append(id_)
        return kept
