"""Files by their names: the documents, what lies in the trash, and what else the added folders hold."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.documents.folding import fold
from engine.documents.rules import is_own
from engine.events import Progressed
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows
from engine.unseen import is_text

TELL_EVERY = 500  # files


def named(rows: DocumentRows, words: str, cancel: Cancel) -> Operation[tuple[Path, ...]]:
    """See `Documents.named`."""
    written = Path(os.path.expanduser(words))  # which leaves the home of nobody as it is
    if written.is_absolute():
        return (written,)
    found = {one.path for one in (*rows.all(), *rows.trash()) if _fits(words, one.path)}
    for seen, path in enumerate(_below([one.path for one in rows.folders.all()], cancel), start=1):
        if _fits(words, path) and is_text(path):
            found.add(path)
        if seen % TELL_EVERY == 0:
            yield Progressed(done=seen, total=0, unit="files")
    whole = {path for path in found if fold(words) in (fold(path.name), fold(path.stem))}
    return tuple(sorted(whole or found))


def _below(folders: Sequence[Path], cancel: Cancel) -> Iterator[Path]:
    """Every file in and below `folders`, each once; none of what Hanare itself keeps."""
    waiting, looked = list(folders), set[Path]()
    while waiting:
        cancel.check()
        folder = waiting.pop()
        if folder in looked or is_own(folder):
            continue
        looked.add(folder)
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except OSError:
            continue  # a look through the folder lists it with the reason
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):  # a link to a folder could lead round in a circle
                waiting.append(folder / entry.name)
            else:
                yield folder / entry.name


def _fits(words: str, path: Path) -> bool:
    """Whether a name holds `words`; words with a separator in them are compared with the whole path."""
    return fold(words) in fold(str(path) if os.sep in words else path.name)
