"""Files that are gone, and the same files under another name: told by what they hold."""

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from engine.documents.rules import RuleBook
from engine.store.documents import FileFacts, KnownFile
from engine.store.folders import deepest
from engine.types import DocumentState


class Moves:
    """Which new file is an old one that was renamed or moved."""

    def __init__(self, known: dict[str, KnownFile], rules: RuleBook) -> None:
        self._known = known
        self._rules = rules
        self._by_hash: dict[str, list[str]] = {}
        self._there: dict[Path | None, bool] = {None: True}

    def taken(self, facts: FileFacts) -> KnownFile | None:
        """The document that was read from this file when it lay elsewhere; each is given once.

        Its file must be gone from a folder that is there: nothing is known of a drive that is not connected.
        """
        if not self._by_hash:
            self._by_hash = self._hashes()
        candidates = self._by_hash.get(facts.sha256, [])
        for name in candidates:
            known = self._known[name]
            if known.kind == facts.kind and self._top_is_there(Path(name)) and is_gone(name):
                candidates.remove(name)
                return known
        return None

    def _hashes(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for name, file in self._known.items():
            if file.sha256 and file.state is DocumentState.READ and (file.vanished or not file.in_trash):
                found[file.sha256].append(name)
        return found

    def _top_is_there(self, path: Path) -> bool:
        top = self._rules.top(path)
        if top not in self._there:
            self._there[top] = top is not None and is_there(top)
        return self._there[top]


def vanished(
    known: dict[str, KnownFile], chosen: Iterable[Path], found: set[str], troubled: Iterable[Path], rules: RuleBook
) -> list[int]:
    """The documents at or below `chosen` whose files are gone.

    `found`, by their names, are there, and below `troubled` nobody could look. What lies in a folder that is not there
    is not gone.
    """
    there = {str(path) for path in chosen if (top := rules.top(path)) is not None and is_there(top)}
    dark = {str(path) for path in troubled}
    return [
        file.id
        for name, file in known.items()
        if name not in found
        and not file.in_trash
        and not file.held
        and deepest(name, there) is not None
        and deepest(name, dark) is None
        and is_gone(name)
    ]


def is_there(folder: Path) -> bool:
    """Whether a folder is there; one with nothing in it is taken for a drive that is not connected."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def is_gone(path: str | Path) -> bool:
    """Whether there is no such file; one that nobody lets us see may be there."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
