"""Where things live on this computer.

One folder holds everything the person made; `--data DIR` or HANARE_DATA choose another. It is
never under a cache folder, where a cleaner would empty it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from engine.errors import FileMissing

STORE = "hanare.db"  # a folder that holds it is Hanare's own
MOST_MOVES = 100  # a folder may be moved again and again, but not round in a circle
RESOURCES = Path(__file__).resolve().parent.parent / "resources"
GUIDE = RESOURCES / "models" / "hanare-guide.gguf"


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below one data folder. Making the value touches no disk; `make` does."""

    data: Path

    @property
    def store(self) -> Path:
        """The encrypted SQLite file."""
        return self.data / STORE

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
    def built_in(self) -> Path:
        """The embedding model that Hanare comes with, as llama.cpp reads it; made again where it is not there."""
        return self.data / "built-in"

    @property
    def states(self) -> Path:
        """What models have read of chats, kept so that it need not be read again; nothing is lost with it."""
        return self.data / "states"

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
    def crash(self) -> Path:
        """Where the app was when native code took it down; the next start takes it over into the journal."""
        return self.data / "crash.log"

    @property
    def moved(self) -> Path:
        """In a folder that was moved away: says where everything is now."""
        return self.data / "moved.json"

    @property
    def moving(self) -> Path:
        """While a folder is being moved: in the old one what was copied, in the new one that it is not in use yet."""
        return self.data / "moving.json"

    @property
    def came_from(self) -> Path:
        """In a folder that was moved here: the places it was in before, which lead here."""
        return self.data / "came-from.json"

    @property
    def sizes(self) -> Path:
        """What the hub said of the files of the catalogue when it was last asked: names and sizes, nothing of yours."""
        return self.data / "catalog-sizes.json"

    @property
    def hub_token(self) -> Path:
        """Which entry of which keychain keeps the hub's access token; never the token itself."""
        return self.data / "hub-token.json"

    @property
    def catalog(self) -> Path:
        """The models worth trying; the program comes with it."""
        return RESOURCES / "catalog.json"

    @property
    def guide(self) -> Path:
        """The model that the program comes with. It need not be there: all else works without it."""
        return GUIDE

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


def led_here(data: Path) -> tuple[Path, ...]:
    """The former places of a data folder; none where it was never moved."""
    try:
        return tuple(map(Path, json.loads(Places(data).came_from.read_text(encoding="utf-8"))["from"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ()


def followed(data: Path) -> Path:
    """Where the data folder `data` was moved to, or `data` itself.

    Raises `FileMissing` where the new place is not there: nothing is begun anew for a disk that is not connected.
    """
    for _ in range(MOST_MOVES):
        try:
            data = Path(json.loads(Places(data).moved.read_text(encoding="utf-8"))["to"])
        except (FileNotFoundError, NotADirectoryError):
            return data
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise FileMissing(path=str(Places(data).moved)) from error
        if not Places(data).store.exists() and not Places(data).moved.exists():
            raise FileMissing(path=str(data))
    raise FileMissing(path=str(data))
