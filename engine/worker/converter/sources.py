"""The files of a checkpoint: those that were given, by the names that they have in its folder, and no others.

No name that a file says is ever joined to a path: it is looked up among those given, so that an index cannot lead
outside the folder.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import from_os_error

MOST_BYTES = {
    "tokenizer.json": 128 << 20, "tokenizer_config.json": 32 << 20, "model.safetensors.index.json": 64 << 20,
}  # fmt: skip
OTHERS_BYTES = 4 << 20
SPLIT = "model.safetensors.index.json"


class Damaged(Exception):
    """What is wrong with a checkpoint, in words for the middle of a sentence."""


class Sources:
    """What lies in one folder."""

    def __init__(self, folder: str, files: Mapping[str, str]) -> None:
        """`files` are names and where they lie."""
        self.folder, self._files = folder, files

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return name in self._files

    def path(self, name: str) -> Path:
        """Where a file lies. Raises `Damaged` where there is none of this name."""
        if name not in self._files:
            raise Damaged(f"there is no {name[:80]} in it")
        return Path(self._files[name])

    def text(self, name: str) -> str:
        """All of a file of text. Raises `Damaged`, `FileMissing`, `FileNotReadable`."""
        path, most = self.path(name), MOST_BYTES.get(name, OTHERS_BYTES)
        try:
            with path.open("rb") as file:
                raw = file.read(most + 1)
        except OSError as error:
            raise from_os_error(error, path) from error
        if len(raw) > most:
            raise Damaged(f"its {name} is larger than any of its kind")
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Damaged(f"its {name} is not text in UTF-8") from error

    def json(self, name: str) -> dict[str, Any]:
        """The object in a file of JSON. Raises as `text`."""
        try:
            found = json.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            raise Damaged(f"its {name} is not JSON") from error
        if not isinstance(found, dict):
            raise Damaged(f"its {name} holds no object")
        return found

    def json_if_there(self, name: str) -> dict[str, Any]:
        """As `json`, and empty where there is no such file."""
        return self.json(name) if self.has(name) else {}


def whole(values: Mapping[str, Any], name: str, default: int | None = None, most: int = 1 << 31) -> int:
    """A whole number above 0 that must be there. Raises `Damaged`."""
    found = values.get(name)
    if found is None:
        found = default
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found <= most:
        raise Damaged(f"its config.json says nothing that can be used for {name}")
    return found


def number(values: Mapping[str, Any], name: str, default: float | None = None) -> float:
    """A number above 0 that must be there. Raises `Damaged`."""
    found = values.get(name)
    if found is None:
        found = default
    if not isinstance(found, int | float) or isinstance(found, bool) or not 0 < found < 1e30:
        raise Damaged(f"its config.json says nothing that can be used for {name}")
    return float(found)
