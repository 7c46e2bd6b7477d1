"""Why a file is not among the documents."""

from pathlib import Path

from engine.documents.rules import RuleBook
from engine.formats import kind_of
from engine.store.folders import FolderRows
from engine.types import NotAdded


def why_not_added(path: Path, folders: FolderRows) -> tuple[NotAdded, Path | None]:
    """The reason, and the folder that it has to do with."""
    if not path.exists():
        return NotAdded.GONE, None
    if path.is_dir():
        return NotAdded.FOLDER, None
    if kind_of(path) is None:
        return NotAdded.KIND, None
    known = folders.all()
    rules = RuleBook.of(known)
    top, of_it = rules.top(path), rules.find(path)
    if top is None or of_it is None:
        return NotAdded.NO_FOLDER, None
    if of_it.leave_out_below(str(path), folder=False):
        return NotAdded.RULE, top
    if path in folders.kept_out():
        return NotAdded.KEPT_OUT, top
    if any(one.paused for one in known if one.path == top):
        return NotAdded.PAUSED, top
    return NotAdded.NOT_YET, top
