"""Work that is done once for what it is made from: a stage is passed over when nothing it reads has changed."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Stage:
    """One piece of work: what it reads, what it writes, and what does it."""

    name: str
    inputs: tuple[Path, ...]
    outputs: tuple[Path, ...]
    work: Callable[[], None]

    def key(self) -> str:
        """A hash of everything that it reads. Raises OSError."""
        return hashed(self.inputs)


class Done:
    """Which stages are done, kept in a file."""

    def __init__(self, path: Path) -> None:
        """Nothing is done where the file is absent. Raises OSError, ValueError."""
        self._path = path
        self._keys: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

    def carry_out(self, stage: Stage, say: Callable[[str], None]) -> None:
        """Do it unless it is done; `say` is told which. Raises what the work does, and OSError."""
        key = stage.key()
        if self._keys.get(stage.name) == key and all(path.exists() for path in stage.outputs):
            say(f"{stage.name}: nothing has changed")
            return
        say(f"{stage.name} …")
        stage.work()
        self._keys[stage.name] = key
        self._path.write_text(json.dumps(self._keys, indent=1), encoding="utf-8")


def hashed(paths: Iterable[Path]) -> str:
    """One hash of the names and the bytes of files. Raises OSError."""
    found = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        found.update(f"{path.name} {len(content)}\n".encode())
        found.update(content)
    return found.hexdigest()
