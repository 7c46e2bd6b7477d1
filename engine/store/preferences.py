"""The settings as they are kept: only what differs from the defaults."""

import json
from typing import Any

from engine.errors import TextNotAccepted
from engine.settings import Settings, changed, described
from engine.store.vault import Vault


class PreferenceRows:
    """Reads and keeps `Settings`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def settings(self) -> Settings:
        """The settings as the person left them.

        What another version kept and this one does not accept counts as never chosen.
        """
        settings = Settings()
        for row in self._vault.rows("SELECT name, value FROM preference"):
            try:
                settings = changed(settings, **{row["name"]: json.loads(row["value"])})
            except TextNotAccepted:
                continue
        return settings

    def keep(self, settings: Settings) -> None:
        """Keep what differs from the defaults. Raises `DiskFull`."""
        standard = Settings()
        differing: dict[str, Any] = {}
        for name in described():
            value = getattr(settings, name)
            if value != getattr(standard, name):
                differing[name] = value
        with self._vault.writing() as db:
            for name in described():
                db.execute("DELETE FROM preference WHERE name = ?", (name,))
            for name, value in differing.items():
                db.execute("INSERT INTO preference (name, value) VALUES (?, ?)", (name, json.dumps(value)))
