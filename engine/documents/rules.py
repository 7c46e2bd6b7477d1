"""What is left out of a folder: rules as in a .gitignore file, and those that come with Hanare.

Source of the rules' meaning: git-scm.com/docs/gitignore, "Pattern format". They hold from the folder they are
given for; .gitignore files that lie in it are not read.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import TextNotAccepted
from engine.formats import MOST_BYTES, PASSED_BY
from engine.places import STORE
from engine.store.folders import deepest
from engine.types import Folder

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# What nobody means who adds a folder: hidden files, what programs fetch and make, a system's own.
WITH_HANARE = "\n".join([".*", "~$*", *sorted(f"{name}/" for name in PASSED_BY), ""])


class Rules:
    """The rules of one folder, ready to be asked."""

    def __init__(self, top: Path, rules: str | None = None, most_bytes: int = 0) -> None:
        """`rules` None: those that come with Hanare. Raises `TextNotAccepted` for a line that is none."""
        self.most_bytes = most_bytes or MOST_BYTES
        self._cut = len(str(top).rstrip(os.sep)) + 1
        self._top = str(top)
        self._spec = _compiled(WITH_HANARE if rules is None else rules)

    def leave_out(self, path: str, *, folder: bool) -> bool:
        """Whether this file or folder is left out; `path` lies below the top, in folders that are not left out."""
        return bool(self._spec.match_file(path[self._cut :] + "/" * folder)) or (folder and is_own(path))

    def leave_out_below(self, path: str, *, folder: bool) -> bool:
        """The same for any `path`, where a folder on the way may be left out too."""
        if path == self._top:
            return False
        return self.leave_out_below(os.path.dirname(path), folder=True) or self.leave_out(path, folder=folder)


def is_own(folder: str | Path) -> bool:
    """Whether Hanare keeps its things there: they are nobody's documents, and change whenever it looks at them."""
    return os.path.lexists(os.path.join(folder, STORE))


class RuleBook:
    """Which rules hold for which path: those of the deepest added folder above it."""

    def __init__(self, folders: Mapping[str, Rules]) -> None:
        self._folders = folders

    @classmethod
    def of(cls, folders: tuple[Folder, ...]) -> "RuleBook":
        """The rules of these folders."""
        return cls({str(one.path): Rules(one.path, one.rules, one.most_bytes) for one in folders})

    def top(self, path: str | Path) -> Path | None:
        """The folder that `path` is in, or is."""
        found = deepest(str(path), self._folders)
        return None if found is None else Path(found)

    def find(self, path: str | Path) -> Rules | None:
        """The rules that hold for `path`; None where it is in no folder."""
        found = deepest(str(path), self._folders)
        return None if found is None else self._folders[found]

    def walking(self, path: Path) -> Rules:
        """The rules to walk the folder `path` by."""
        return self.find(path) or Rules(path)

    def most_bytes(self, path: str | Path) -> int:
        """How large a file may be that is read."""
        rules = self.find(path)
        return rules.most_bytes if rules else MOST_BYTES


@lru_cache(maxsize=64)
def _compiled(rules: str) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # with the first folder: a start has no need of it

    for number, line in enumerate(rules.splitlines(), start=1):
        try:
            GitIgnoreSpec.from_lines([line], backend="simple")
        except ValueError as error:
            raise TextNotAccepted(what="A rule", value=f"“{line[:60]}”", why=f"line {number} is no pattern") from error
    return GitIgnoreSpec.from_lines(rules.splitlines(), backend="simple")
