"""Finding the files to read: below folders, without what their rules leave out."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.documents.rules import RuleBook, is_own
from engine.errors import EngineError, FileMissing, FileNotReadable, FormatUnknown, from_os_error
from engine.formats import kind_of, kind_of_name
from engine.operation import Cancel
from engine.unseen import is_text


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read, or a path that cannot be, with the reason; `name` is the whole path.

    There may be very many of them: a `Path` takes several times the memory of its name.
    """

    name: str
    kind: str = ""
    error: EngineError | None = None

    @property
    def path(self) -> Path:
        """Where it is, or is not."""
        return Path(self.name)


def walk(paths: Sequence[Path], cancel: Cancel, rules: RuleBook) -> Iterator[Found]:
    """Every readable kind of file among `paths` and below them, each once, in order of name.

    A folder that is gone, or goes while it is walked, is one `Found` with its error.
    """
    seen: set[str] = set()
    for path in paths:
        for found in _below(path, cancel, rules):
            if found.name not in seen:
                seen.add(found.name)
                yield found if is_text(found.name) else _nameless(found.name)


def _nameless(name: str) -> Found:
    why = "its name is not text; give it, or its folder, another one"
    return Found(name, error=FileNotReadable(path=name, why=why))


def _below(path: Path, cancel: Cancel, rules: RuleBook) -> Iterator[Found]:
    if path.is_dir():
        if not is_own(path):
            yield from _folder(path, cancel, rules)
    elif not os.path.lexists(path):
        yield Found(str(path), error=FileMissing(path=str(path)))
    elif (kind := kind_of(path)) is None:
        yield Found(str(path), error=FormatUnknown(path=str(path)))
    else:
        yield Found(str(path), kind)


def _folder(top: Path, cancel: Cancel, book: RuleBook) -> Iterator[Found]:
    waiting = [top]
    while waiting:
        cancel.check()
        folder = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(str(folder), error=from_os_error(error, folder))
            continue
        folders, rules = [], book.walking(folder)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):  # a link to a folder could lead round in a circle
                if not rules.leave_out(entry.path, folder=True):
                    folders.append(folder / entry.name)
            elif (kind := kind_of_name(entry.name)) is not None and not rules.leave_out(entry.path, folder=False):
                yield Found(entry.path, kind)
        waiting += reversed(folders)
