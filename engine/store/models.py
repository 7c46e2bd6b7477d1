"""The models the person has shown us, as rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.store.values import as_json, from_json, made_as_json, made_from_json, now
from engine.store.vault import Vault
from engine.types import Made, Model, ModelFacts, ModelOrigin


@dataclass(frozen=True, slots=True)
class RemovedModel:
    """All rows of a model that was removed, by their tables; for `bring_back`."""

    path: Path
    rows: tuple[tuple[str, dict[str, Any]], ...]


class ModelRows:
    """Reads and keeps `Model`. Knows nothing of files: `missing` is for whoever looks."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Model, ...]:
        """Every model, oldest first."""
        return tuple(_model(row) for row in self._vault.rows("SELECT * FROM model ORDER BY id"))

    def get(self, model_id: int) -> Model | None:
        """One model, None where there is none."""
        rows = self._vault.rows("SELECT * FROM model WHERE id = ?", (model_id,))
        return _model(rows[0]) if rows else None

    def by_path(self, path: Path) -> Model | None:
        """The model of a file, None where there is none."""
        rows = self._vault.rows("SELECT * FROM model WHERE path = ?", (str(path),))
        return _model(rows[0]) if rows else None

    def add(
        self,
        *,
        path: Path,
        name: str,
        origin: ModelOrigin,
        facts: ModelFacts,
        mtime_ns: int,
        repository: str = "",
        sha256: str = "",
        commit: str = "",
    ) -> Model:
        """Keep a model. A path is kept once: adding it again replaces what is known about it."""
        with self._vault.writing() as db:
            db.execute(
                """INSERT INTO model (path, name, origin, facts, mtime_ns, repository, sha256, hub_commit, added_at)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                   ON CONFLICT (path) DO UPDATE SET name = excluded.name, origin = excluded.origin,
                     facts = excluded.facts, mtime_ns = excluded.mtime_ns, repository = excluded.repository,
                     sha256 = excluded.sha256, hub_commit = excluded.hub_commit""",
                (str(path), name, origin.value, as_json(facts), mtime_ns, repository, sha256, commit, now()),
            )
        model = self.by_path(path)
        assert model is not None
        return model

    def update(self, model_id: int, *, facts: ModelFacts, mtime_ns: int) -> None:
        """Keep what a changed file says now."""
        with self._vault.writing() as db:
            db.execute("UPDATE model SET facts = ?, mtime_ns = ? WHERE id = ?", (as_json(facts), mtime_ns, model_id))

    def set_loading(self, model_id: int, loading: Mapping[str, Any]) -> None:
        """Keep how a model is loaded where that differs from the settings."""
        with self._vault.writing() as db:
            db.execute("UPDATE model SET loading = ? WHERE id = ?", (json.dumps(dict(loading)), model_id))

    def set_made(self, model_id: int, made: Made) -> None:
        """Keep how a model was made from another."""
        with self._vault.writing() as db:
            db.execute("UPDATE model SET made = ? WHERE id = ?", (made_as_json(made), model_id))

    def attached(self, model_id: int) -> tuple[tuple[int, float], ...]:
        """The adapters of a model and how strongly each works, in the order in which they were attached."""
        sql = "SELECT adapter_id, strength FROM adapter WHERE model_id = ? ORDER BY rowid"
        return tuple((row["adapter_id"], row["strength"]) for row in self._vault.rows(sql, (model_id,)))

    def attach(self, model_id: int, adapter_id: int, strength: float) -> None:
        """Have an adapter work on a model; on one that it works on already, change how strongly."""
        with self._vault.writing() as db:
            db.execute(
                """INSERT INTO adapter (model_id, adapter_id, strength) VALUES (?, ?, ?)
                   ON CONFLICT (model_id, adapter_id) DO UPDATE SET strength = excluded.strength""",
                (model_id, adapter_id, strength),
            )

    def detach(self, model_id: int, adapter_id: int) -> None:
        """Have an adapter work on a model no longer."""
        with self._vault.writing() as db:
            db.execute("DELETE FROM adapter WHERE model_id = ? AND adapter_id = ?", (model_id, adapter_id))

    def projector(self, model_id: int) -> str | None:
        """The path of the projector that was chosen for a model, "" for none at all, None where nobody has chosen."""
        rows = self._vault.rows("SELECT projector FROM model WHERE id = ?", (model_id,))
        found: str | None = rows[0]["projector"] if rows else None
        return found

    def choose_projector(self, model_id: int, path: str | None) -> None:
        """Keep it."""
        with self._vault.writing() as db:
            db.execute("UPDATE model SET projector = ? WHERE id = ?", (path, model_id))

    def peak(self, model_id: int, computer: str, loading: str, file: str) -> int:
        """The most memory that was measured of this file, so loaded, on this computer; 0 where none was."""
        rows = self._vault.rows(
            "SELECT peak_bytes FROM model_memory WHERE model_id = ? AND computer = ? AND loading = ? AND file = ?",
            (model_id, computer, loading, file),
        )
        return int(rows[0]["peak_bytes"]) if rows else 0

    def keep_peak(self, model_id: int, computer: str, loading: str, file: str, peak_bytes: int) -> None:
        """Keep what was measured, in place of what was before."""
        with self._vault.writing() as db:
            db.execute(
                """INSERT OR REPLACE INTO model_memory (model_id, computer, loading, file, peak_bytes)
                   SELECT id, ?, ?, ?, ? FROM model WHERE id = ?""",
                (computer, loading, file, peak_bytes, model_id),
            )

    def speed(self, model_id: int, computer: str, loading: str, file: str) -> tuple[float, float]:
        """How fast this file, so loaded, reads and writes on this computer, in tokens a second; 0 is not known."""
        rows = self._vault.rows(
            "SELECT reading, writing FROM model_speed WHERE model_id = ? AND computer = ? AND loading = ? AND file = ?",
            (model_id, computer, loading, file),
        )
        return (rows[0]["reading"], rows[0]["writing"]) if rows else (0.0, 0.0)

    def speeds(self, computer: str) -> tuple[tuple[int, float, float, int], ...]:
        """The same of every model on this computer, however it was loaded: its number, both, whether on a card."""
        sql = "SELECT model_id, reading, writing, on_card FROM model_speed WHERE computer = ? ORDER BY rowid"
        rows = self._vault.rows(sql, (computer,))
        return tuple((row["model_id"], row["reading"], row["writing"], row["on_card"]) for row in rows)

    def keep_speed(
        self, model_id: int, computer: str, loading: str, file: str, reading: float, writing: float, *, on_card: bool
    ) -> None:
        """Keep how fast it was, in place of what was before."""
        with self._vault.writing() as db:
            db.execute(
                """INSERT OR REPLACE INTO model_speed (model_id, computer, loading, file, reading, writing, on_card)
                   SELECT id, ?, ?, ?, ?, ?, ? FROM model WHERE id = ?""",
                (computer, loading, file, reading, writing, int(on_card), model_id),
            )

    def checksum(self, model_id: int, mark: str) -> tuple[tuple[str, str], ...]:
        """The names and the SHA-256 of a model's files as they are with this mark; none where that is not known."""
        rows = self._vault.rows("SELECT checksum FROM model WHERE id = ?", (model_id,))
        kept = json.loads(rows[0]["checksum"] or "{}") if rows else {}
        return tuple((name, sha256) for name, sha256 in kept.get("files", ())) if kept.get("mark") == mark else ()

    def keep_checksum(self, model_id: int, mark: str, files: Sequence[tuple[str, str]]) -> None:
        """Keep what the files of a model came to."""
        kept = json.dumps({"mark": mark, "files": list(files)})
        with self._vault.writing() as db:
            db.execute("UPDATE model SET checksum = ? WHERE id = ?", (kept, model_id))

    def remove(self, model_id: int) -> RemovedModel:
        """Forget a model, and what is attached to it or it to others; its file is not touched."""
        rows = tuple(
            (table, row)
            for table, where in _TABLES.items()
            for row in self._vault.rows(f"SELECT * FROM {table} WHERE {where}", {"id": model_id})
        )
        with self._vault.writing() as db:
            db.execute("DELETE FROM model WHERE id = ?", (model_id,))
        return RemovedModel(Path(rows[0][1]["path"]), rows)

    def bring_back(self, removed: RemovedModel, most_attached: int) -> None:
        """Keep again what `remove` forgot, under its old number, which chats remember.

        Nothing where its file was added again meanwhile. What it was attached to, or was attached to it, is so again,
        but for what is gone too and for models that have `most_attached` adapters by now.
        """
        if self.by_path(removed.path) is not None:
            return
        with self._vault.writing() as db:
            for table, row in removed.rows:
                names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
                only = _STILL if table == "adapter" else "TRUE"
                db.execute(
                    f"INSERT INTO {table} ({names}) SELECT {values} WHERE {only}", {**row, "most": most_attached}
                )


# What is kept of a model, the row that others refer to first.
_TABLES = {
    "model": "id = :id", "adapter": ":id IN (model_id, adapter_id) ORDER BY rowid", "model_memory": "model_id = :id",
    "cost": "model_id = :id",
    "model_speed": "model_id = :id",
}  # fmt: skip
_STILL = """EXISTS (SELECT 1 FROM model WHERE id = :model_id) AND EXISTS (SELECT 1 FROM model WHERE id = :adapter_id)
    AND (SELECT count(*) FROM adapter WHERE model_id = :model_id) < :most"""


def _model(row: dict[str, Any]) -> Model:
    return Model(
        id=row["id"], name=row["name"], path=Path(row["path"]), origin=ModelOrigin(row["origin"]),
        facts=from_json(ModelFacts, row["facts"]), added_at=row["added_at"], mtime_ns=row["mtime_ns"],
        repository=row["repository"], sha256=row["sha256"], loading=json.loads(row["loading"]),
        made=made_from_json(row["made"]), commit=row["hub_commit"],
    )  # fmt: skip
