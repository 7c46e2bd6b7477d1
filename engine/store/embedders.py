"""The models that made the vectors that are kept: which one is in use, and what was measured of each.

Vectors of two models are never compared: each set is complete by itself, and a search reads the set in use.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.store.vault import Vault

AT_ONCE = 2000  # rows erased in one transaction
_TABLES = ("meaning_bits", "meaning_row")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEmbedder:
    """One model. `name` tells its weights apart from all others; `model_id` is the library's, 0 for Hanare's own.

    `usual_cosine` is what two texts that have nothing to do with each other come to with it, `centre` (float32,
    little-endian, "" for none) what its vectors have in common.
    """

    name: str
    model_id: int = 0
    usual_cosine: float = 0.0
    centre: bytes = b""
    reads_japanese: bool = False

    def scaled(self, cosine: float) -> float:
        """A cosine on a scale on which unrelated texts come to 0, as they do with the model of Hanare's own."""
        return (cosine - self.usual_cosine) / max(1.0 - self.usual_cosine, 1e-6)


class EmbedderRows:
    """Reads and keeps `KeptEmbedder`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def in_use(self) -> KeptEmbedder | None:
        """The one whose vectors are searched; None before the first vector."""
        return self._one("SELECT * FROM embedder WHERE in_use ORDER BY id LIMIT 1")

    def get(self, name: str) -> KeptEmbedder | None:
        """One by its name."""
        return self._one("SELECT * FROM embedder WHERE name = ?", name)

    def of_model(self, model_id: int) -> KeptEmbedder | None:
        """The one last made of a model of the library."""
        return self._one("SELECT * FROM embedder WHERE model_id = ? ORDER BY id DESC LIMIT 1", model_id)

    def keep(self, embedder: KeptEmbedder) -> None:
        """Keep what is known of one. The first of all is in use from here on."""
        with self._vault.writing() as db:
            known(db, embedder.name)
            db.execute(
                "UPDATE embedder SET model_id = ?, usual_cosine = ?, centre = ?, reads_japanese = ? WHERE name = ?",
                (embedder.model_id, embedder.usual_cosine, embedder.centre, embedder.reads_japanese, embedder.name),
            )

    def use(self, name: str) -> None:
        """From here on the vectors of this one are searched, and no others."""
        with self._vault.writing() as db:
            db.execute("UPDATE embedder SET in_use = (name = ?)", (name,))

    def forget_others(self, check: Callable[[], None]) -> None:
        """Erase the vectors of those that are not in use, stretch by stretch; `check` is called after each."""
        if self._one("SELECT * FROM embedder WHERE NOT in_use LIMIT 1") is None:
            return
        for table in _TABLES:
            while self._erased(table):
                check()
        with self._vault.writing() as db:
            db.execute("DELETE FROM embedder WHERE NOT in_use")

    def _erased(self, table: str) -> int:
        with self._vault.writing() as db:
            erased: int = db.execute(
                f"""DELETE FROM {table} WHERE rowid IN (
                        SELECT rowid FROM {table} WHERE embedder_id IN (SELECT id FROM embedder WHERE NOT in_use)
                        LIMIT {AT_ONCE})"""
            ).rowcount
        return erased

    def _one(self, statement: str, *values: object) -> KeptEmbedder | None:
        rows = self._vault.rows(statement, values)
        if not rows:
            return None
        (row,) = rows
        return KeptEmbedder(
            name=row["name"], model_id=row["model_id"], usual_cosine=row["usual_cosine"], centre=row["centre"],
            reads_japanese=bool(row["reads_japanese"]),
        )  # fmt: skip


def known(db: Any, name: str) -> int:
    """The number of the embedder called `name` within a transaction; the first of all comes into use."""
    db.execute(
        "INSERT OR IGNORE INTO embedder (name, in_use) VALUES (?, NOT EXISTS (SELECT 1 FROM embedder WHERE in_use))",
        (name,),
    )
    (id_,) = db.execute("SELECT id FROM embedder WHERE name = ?", (name,)).fetchone()
    return int(id_)
