"""Where things live on this computer.

One folder holds everything the person made; `--data DIR` or HANARE_DATA choose another. It is
never under a cache folder, where a cleaner would empty it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below one data folder. Making the value touches no disk; `make` does."""

    data: Path

    @property
    def store(self) -> Path:
        """The encrypted SQLite file."""
        return self.data / "hanare.db"

    @property
    def lock(self) -> Path:
        """Held by the one process that may write."""
        return self.data / "lock"

    @property
    def keys(self) -> Path:
        """The ways to the store's key; holds the key itself only where there is no keychain and no passphrase."""
        return self.data / "keys.json"

    @property
    def keys_copy(self) -> Path:
        """The same once more, for the day when the first is damaged."""
        return self.data / "keys.copy.json"

    @property
    def models(self) -> Path:
        """Model files that Hanare fetched or made."""
        return self.data / "models"

    @property
    def private(self) -> Path:
        """The home and temporary folder of our processes, emptied at every start."""
        return self.data / "private"

    @property
    def backups(self) -> Path:
        """Backups of the store: beside the data folder, so that what befalls that one spares them.

        HANARE_BACKUPS names another place.
        """
        chosen = os.environ.get("HANARE_BACKUPS")
        return Path(chosen).expanduser().absolute() if chosen else self.data.with_name(f"{self.data.name}-backups")

    @property
    def reserve(self) -> Path:
        """Holds room on the disk that is given up when the disk is full and a message must be saved."""
        return self.data / "reserve"

    @property
    def damaged(self) -> Path:
        """Stores that could not be read any more; nothing in it is ever deleted by itself."""
        return self.data / "damaged"

    @property
    def journal(self) -> Path:
        """What went wrong, as codes and numbers."""
        return self.data / "errors.log"

    @property
    def samples(self) -> Path:
        """The sample documents the program comes with."""
        return RESOURCES / "samples"

    def make(self) -> None:
        """Create the folders, readable by this user only."""
        for folder in (self.data, self.models, self.private):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def default_data() -> Path:
    """HANARE_DATA, else the folder the operating system names for a program's data."""
    chosen = os.environ.get("HANARE_DATA")
    if chosen:
        return Path(chosen).expanduser().resolve()
    return Path(platformdirs.user_data_dir("hanare", appauthor=False, roaming=False))
