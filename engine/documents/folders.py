"""The folders that are kept in step: which there are, which are to be looked at, and what is left out of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from engine.documents.rules import WITH_HANARE, RuleBook, Rules
from engine.errors import NotFound, TextNotAccepted
from engine.events import Progressed
from engine.formats import kind_of
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.store.values import now
from engine.types import Folder, LeftOut

LONGEST_RULES = 20_000  # characters
COUNT_EVERY = 500  # files


class Folders:
    """Folders the person added. Reading them is the affair of `Documents`; every method from any thread."""

    def __init__(self, rows: DocumentRows, forget: Callable[[Sequence[int]], None], reload: Callable[[], None]) -> None:
        """`forget` hears the ids of passages that are gone, `reload` that some are back."""
        self._rows = rows
        self._forget, self._reload = forget, reload

    def all(self) -> tuple[Folder, ...]:
        """Every folder, in the order they were added."""
        return self._rows.folders.all()

    def get(self, folder_id: int) -> Folder:
        """One folder. Raises `NotFound`."""
        for folder in self.all():
            if folder.id == folder_id:
                return folder
        raise NotFound(what="folder", which=folder_id)

    @property
    def own_rules(self) -> str:
        """The rules that come with Hanare."""
        return WITH_HANARE

    def rules_of(self, folder: Folder) -> str:
        """What is left out of a folder, as text."""
        return WITH_HANARE if folder.rules is None else folder.rules

    def pause(self, folder_id: int, paused: bool) -> None:
        """Leave a folder alone, or keep it in step again. Raises `NotFound`."""
        self._rows.folders.pause(self.get(folder_id).id, paused)

    def change(self, folder_id: int, rules: str | None, most_bytes: int = 0) -> None:
        """Leave other files out of a folder from now on; `rules` and `most_bytes` as in `Folder`.

        What the rules before let in and these do not goes to the trash, and comes back with the next look after
        rules that let it in. Raises `NotFound`, `TextNotAccepted` for a line that is no rule.
        """
        folder = self.get(folder_id)
        if rules is not None and len(rules) > LONGEST_RULES:
            raise TextNotAccepted(what="Rules", value="so long", why=f"the most is {LONGEST_RULES:,} characters")
        before, after = Rules(folder.path, folder.rules), Rules(folder.path, rules)
        book = RuleBook.of(self.all())
        gone = [
            document.id for document in self._rows.all()
            if book.top(document.path) == folder.path
            and after.leave_out_below(str(document.path), folder=False)
            and not before.leave_out_below(str(document.path), folder=False)
        ]  # fmt: skip
        self._rows.folders.rule(folder.id, None if rules == WITH_HANARE else rules, most_bytes)
        self._forget(self._rows.vanish(gone))

    def left_out(self, folder_id: int, rules: str | None, most_bytes: int, cancel: Cancel) -> Operation[LeftOut]:
        """What these rules would leave out of a folder, of the files that Hanare could read.

        Yields `Progressed` in files; its `total` is 0. Raises `NotFound`, `TextNotAccepted`, `Cancelled`.
        """
        folder = self.get(folder_id)
        asked = Rules(folder.path, rules, most_bytes)
        seen = by_rules = too_large = 0
        for entry, hidden in _readable(folder.path, asked):
            cancel.check()
            seen += 1
            if hidden or asked.leave_out(entry.path, folder=False):
                by_rules += 1
            elif _size(entry) > asked.most_bytes:
                too_large += 1
            if seen % COUNT_EVERY == 0:
                yield Progressed(done=seen, total=0, unit="files")
        return LeftOut(files=seen, by_rules=by_rules, too_large=too_large)

    def remove(self, folder_id: int) -> tuple[int, ...]:
        """Put a folder and its documents in the trash; the ids of the documents, which bring it back.

        The files are not touched. Raises `NotFound`.
        """
        folder, book = self.get(folder_id), RuleBook.of(self.all())
        ids = tuple(one.id for one in self._rows.all() if book.top(one.path) == folder.path)
        self._forget(self._rows.remove(ids))
        self._rows.folders.remove(folder.id, now())
        return ids

    def restore(self, folder_id: int, document_ids: Sequence[int]) -> None:
        """Undo `remove`."""
        self._rows.folders.restore(folder_id)
        self._rows.restore(document_ids)
        self._reload()

    def to_look_at(self, paths: Sequence[Path] | None = None) -> list[Path]:
        """The folders that are not paused and the files in no folder; with `paths`, those of them in such folders."""
        folders = self.all()
        rules = RuleBook.of(folders)
        paused = {folder.path for folder in folders if folder.paused}
        if paths is None:
            single = [document.path for document in self._rows.all() if rules.top(document.path) is None]
            return [*(folder.path for folder in folders if not folder.paused), *single]
        return [path for path in paths if self._wanted(path, rules, paused)]

    def _wanted(self, path: Path, rules: RuleBook, paused: set[Path]) -> bool:
        """Whether a path that was touched is worth a look."""
        top, asked = rules.top(path), rules.find(path)
        return asked is not None and top not in paused and not asked.leave_out_below(str(path), folder=path.is_dir())


def _readable(top: Path, rules: Rules) -> Iterator[tuple["os.DirEntry[str]", bool]]:
    """Every file below of a kind that is read, and whether a folder on the way to it is left out."""
    waiting = [(str(top), False)]
    while waiting:
        folder, hidden = waiting.pop()
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError:
            continue  # a look lists it with the reason
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append((entry.path, hidden or rules.leave_out(entry.path, folder=True)))
            elif kind_of(Path(entry.name)) is not None:
                yield entry, hidden


def _size(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0
