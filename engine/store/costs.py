"""What models lost against larger ones, as rows: one for each pair of models and each text."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from engine.store.values import now
from engine.store.vault import Vault
from engine.types import Cost, CostSide


class CostRows:
    """Reads and keeps `Cost`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Cost, ...]:
        """Every measurement, oldest first."""
        rows = self._vault.rows("SELECT figures FROM cost ORDER BY id")
        return tuple(_cost(json.loads(row["figures"])) for row in rows)

    def keep(self, cost: Cost) -> Cost:
        """Keep it as measured now, in place of what was measured of both with the same text. Raises `DiskFull`."""
        cost = dataclasses.replace(cost, measured_at=now())
        with self._vault.writing() as db:
            db.execute(
                "DELETE FROM cost WHERE model_id = ? AND against_id = ? AND json_extract(figures, '$.text') = ?",
                (cost.model_id, cost.against_id, cost.text),
            )
            db.execute(
                "INSERT INTO cost (model_id, against_id, figures) SELECT id, ?, ? FROM model WHERE id = ?",
                (cost.against_id, json.dumps(dataclasses.asdict(cost), ensure_ascii=False), cost.model_id),
            )
        return cost


def _cost(fields: Mapping[str, Any]) -> Cost:
    sides = {name: CostSide(**_known(CostSide, fields[name])) for name in ("small", "large")}
    return Cost(**_known(Cost, fields) | sides)


def _known(kind: type[Cost | CostSide], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a later program has added is left out."""
    return {item.name: fields[item.name] for item in dataclasses.fields(kind) if item.name in fields}
