"""How fast each of two libraries was on a computer: one small value beside the settings, the computers by their names.

A store that is carried to another computer keeps what was measured on both.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from engine.store.vault import Vault

_NAME = "library trials"  # of the row; no setting is called so
MOST_COMPUTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTrial:
    """Passages a second with each library, on one computer with these `versions` of both.

    PyTorch was `ratio` times as fast, by the middle one of its turns; `cosine` is how near the vectors of both came
    where they differed most. `measured_on` is a day, ISO 8601.
    """

    versions: str
    llama_per_s: float
    torch_per_s: float
    ratio: float
    cosine: float
    measured_on: str


class TrialRows:
    """Reads and keeps `KeptTrial`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def of(self, computer: str, versions: str) -> KeptTrial | None:
        """What was measured there with these versions; None where nothing was, or other ones."""
        fields = self._all().get(computer, {})
        try:
            kept = KeptTrial(**fields)
        except TypeError:  # nothing, or what another version of Hanare kept
            return None
        return kept if kept.versions == versions else None

    def keep(self, computer: str, trial: KeptTrial) -> None:
        """Keep it in place of what was measured there before. Raises `DiskFull`."""
        kept = self._all()
        kept.pop(computer, None)
        kept[computer] = dataclasses.asdict(trial)
        while len(kept) > MOST_COMPUTERS:
            del kept[next(iter(kept))]  # the one measured longest ago
        with self._vault.writing() as db:
            db.execute("INSERT OR REPLACE INTO preference (name, value) VALUES (?, ?)", (_NAME, json.dumps(kept)))

    def _all(self) -> dict[str, dict[str, Any]]:
        rows = self._vault.rows("SELECT value FROM preference WHERE name = ?", (_NAME,))
        kept: dict[str, dict[str, Any]] = json.loads(rows[0]["value"]) if rows else {}
        return kept
