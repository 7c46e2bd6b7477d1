"""From paths to searchable passages: find, skip what is unchanged, know again what moved, read, cut, keep.

A changed file's old passages stay searchable until the transaction that replaces them. What was
kept before a Stop stays kept. A file that cannot be read is listed with its reason and the rest
goes on.
"""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from engine.documents.ahead import ahead
from engine.documents.cutting import cut
from engine.documents.embedders import Embedders
from engine.documents.gone import Moves, is_there, vanished
from engine.documents.reading import Reader, Text
from engine.documents.rules import RuleBook
from engine.documents.together import groups
from engine.documents.walk import Found, walk
from engine.errors import (
    DiskFull,
    DocumentTooLarge,
    EngineError,
    FileMissing,
    FileNotReadable,
    StoreUnreadable,
    from_os_error,
)
from engine.events import Changed, DocumentSettled, Progressed
from engine.formats import BY_OCR, FORMATS, kind_of
from engine.operation import Cancel, Operation
from engine.store.documents import DocumentRows, FileFacts, KnownFile, Settled
from engine.types import Document, DocumentState, IndexReport
from engine.unseen import is_text

KEEP_EVERY_S = 0.5  # documents are committed together, this long after they were read
KEEP_SLOWLY_S = 3.0  # at most, where committing takes long
KEEPING_SHARE = 0.1  # of the time, that committing is to take at most
KEEP_EVERY_CHARACTERS = 1_000_000
Texts = dict[str, tuple[FileFacts, Text | Exception]]  # by the names of the files
_BLOCK = 1024 * 1024
# The file may be as good as it was; what was read of it stays until it can be read again.
_PASSING = (FileMissing, FileNotReadable)
_PASSING_CODES = {error.__name__ for error in _PASSING}
FOLDER = "folder"  # in place of a kind of document, where a folder could not be looked into


class Ingest:
    """One run of adding files and folders, or of looking whether they are as they were read."""

    def __init__(
        self,
        rows: DocumentRows,
        reader: Reader,
        meaning: Embedders,
        reads_pictures: Callable[[Cancel], bool],
        cancel: Cancel,
        *,
        by_hand: bool,
    ) -> None:
        """`meaning` is told what is gone and what is back. `reads_pictures` tells whether OCR can read them.

        `by_hand`: the person chose the paths. What is found comes out of the trash, and what could not be read is
        tried again though it did not change.
        """
        self._rows = rows
        self._reader = reader
        self._meaning = meaning
        self._reads_pictures = reads_pictures
        self._cancel = cancel
        self._by_hand = by_hand
        self._waiting: list[Settled] = []
        self._characters = 0
        self._kept_at = time.monotonic()
        self._keep_every_s = KEEP_EVERY_S
        self._back: dict[Path, int] = {}  # unchanged ones from the trash: their ids
        self._touched: list[tuple[int, FileFacts]] = []  # they hold what they held
        self._moved_to: list[tuple[int, FileFacts]] = []
        self._read = self._unchanged = self._restored = self._moved = 0
        self._failed: list[Document] = []

    def run(self, paths: Sequence[Path]) -> Operation[IndexReport]:
        """See `Documents.add`. Folders among `paths` are kept in step from now on."""
        with self._rows.sparing():
            return (yield from self._run(paths))

    # Its own affairs.

    def _run(self, paths: Sequence[Path]) -> Operation[IndexReport]:
        self._started = time.monotonic()
        chosen = [Path(os.path.abspath(path.expanduser())) for path in paths]
        yield Progressed(done=0, total=0, unit="files")
        if self._by_hand:
            self._remember(chosen)
        folders = self._rows.folders.all()
        self._rules = RuleBook.of(folders)
        found = self._found(chosen, {one.path for one in folders if one.paused})
        try:
            doubtful, known = self._sorted_out(found)
            if pictures := self._pictures_left(doubtful, chosen, known):
                found, doubtful = ([one for one in some if one.name not in pictures] for some in (found, doubtful))
            self._moves = Moves(known, self._rules)
            yield from self._read_all(doubtful, len(found), known)
            known.clear()  # it is looked up anew
        finally:
            kept = self._store()  # also after Stop, or when the window went away
        yield from self._tell(kept)
        removed, away = self._clear_up(chosen, found)
        if removed or away:
            yield Changed(what="documents")
        return IndexReport(
            read=self._read, restored=self._restored, moved=self._moved, unchanged=self._unchanged, removed=removed,
            failed=tuple(self._failed), away=away, seconds=time.monotonic() - self._started,
        )  # fmt: skip

    def _remember(self, chosen: Sequence[Path]) -> None:
        """The folders among them, but for those that lie in one that is remembered already."""
        rules = RuleBook.of(self._rows.folders.all())
        for path in chosen:
            if path.is_dir() and is_text(path):
                above = rules.find(path)
                if above is None or above.leave_out_below(str(path), folder=True):
                    self._rows.folders.add(path)

    def _found(self, chosen: Sequence[Path], paused: set[Path]) -> list[Found]:
        found = list(walk(chosen, self._cancel, self._rules))
        kept_out = self._rows.folders.kept_out()
        if self._by_hand:
            wanted = [one.path for one in found if is_text(one.name) and one.path in kept_out]
            if wanted:
                self._rows.folders.let_in(wanted)
            return found
        return [
            one for one in found
            if not (is_text(one.name) and one.path in kept_out) and not self._left_alone(one, paused)
        ]  # fmt: skip

    def _sorted_out(self, found: Sequence[Found]) -> tuple[list[Found], dict[str, KnownFile]]:
        """Those that have to be looked into; and what is known of them, and of whatever was not found.

        Of the others, which may be very many, nothing more is to be known.
        """
        doubtful, known = {one.name: one for one in found}, {}
        for name, file in self._rows.each_known():
            self._cancel.check()
            one = doubtful.get(name)
            if one is None or self._differs(one, file):
                known[name] = file
            else:
                del doubtful[name]
        return [one for one in found if one.name in doubtful], known

    def _pictures_left(self, doubtful: list[Found], chosen: list[Path], known: dict[str, KnownFile]) -> set[str]:
        """New picture files in folders count as documents where OCR can read them; one that was chosen does anyway."""
        new = {one.name for one in doubtful if one.kind in BY_OCR and one.name not in known} - {*map(str, chosen)}
        return set() if not new or self._reads_pictures(self._cancel) else new

    def _left_alone(self, found: Found, paused: set[Path]) -> bool:
        """Whether it is gone from a folder, which is no error, or in one that is paused."""
        top = self._rules.top(found.name)
        return top in paused or (top is not None and isinstance(found.error, FileMissing))

    def _differs(self, found: Found, known: KnownFile) -> bool:
        """Whether a file has to be looked into, because it is not what it was when it was read. Asks for no more."""
        if known.in_trash and not known.vanished and not self._by_hand:
            return False
        if known.held or found.error is not None:
            return True
        try:
            status = os.stat(found.name)
        except OSError:
            return True  # reading it will say why
        if (known.size_bytes, known.mtime_ns) != (status.st_size, status.st_mtime_ns):
            return True
        if known.state is DocumentState.FAILED:
            return self._by_hand or known.reason_code in _PASSING_CODES
        if self._again(known):
            return True
        self._pass_over(found.path, known)
        return False

    def _read_all(self, doubtful: list[Found], total: int, known: dict[str, KnownFile]) -> Operation[None]:
        passed, started = total - len(doubtful), time.monotonic()
        done = 0
        begin, files = partial(self._begun, known), groups(doubtful)
        with closing(ahead(files, begin, self._cancel, _length)) as reading:
            for some, read in reading:
                for one in some:
                    self._cancel.check()
                    yield _progress(passed + done, total, done, started, one.name)
                    done += 1
                    if read is not None and (what := read.result().get(one.name)):
                        self._one(one, *what, known.get(one.name))
                    if self._due():
                        yield from self._tell(self._store())
        yield _progress(total, total, len(doubtful), started)

    def _begun(self, known: Mapping[str, KnownFile], some: Sequence[Found]) -> Callable[[Cancel], Texts] | None:
        """How to read some files: those that have to be, and of which it is not known already why they cannot be."""
        told = ((one.name, self._wanted(one, known.get(one.name))) for one in some)
        wanted = {name: facts for name, facts in told if facts is not None}
        return (lambda cancel: self._texts(wanted, cancel)) if wanted else None

    def _wanted(self, found: Found, known: KnownFile | None) -> FileFacts | None:
        try:
            if found.error is not None:
                raise found.error
            return self._facts(found, known)
        except OSError as error:
            self._fail(found, from_os_error(error, found.path), known)
        except EngineError as error:
            self._fail(found, error, known)
        return None

    def _texts(self, wanted: Mapping[str, FileFacts], cancel: Cancel) -> Texts:
        """What is in some files, or why none can be read; on a thread of its own."""
        together: Mapping[Path, Text | EngineError] = {}
        if len(wanted) > 1:
            together = self._reader.read_together([(facts.path, facts.kind) for facts in wanted.values()], cancel)
        found: Texts = {}
        for name, facts in wanted.items():
            text: Text | Exception | None = together.get(facts.path)
            if text is None:
                try:
                    text = self._reader.read(facts.path, facts.kind, cancel)
                except (OSError, EngineError) as error:
                    text = error
            found[name] = facts, text
        return found

    def _one(self, found: Found, facts: FileFacts, text: Text | Exception, known: KnownFile | None) -> None:
        if isinstance(text, Text):
            self._read += 1
            self._waiting.append(cut(facts, text))
            self._characters += sum(len(page.text) for page in text.pages)
        elif isinstance(text, OSError):
            self._fail(found, from_os_error(text, found.path), known)
        elif isinstance(text, EngineError) and not isinstance(text, DiskFull | StoreUnreadable):
            self._fail(found, text, known)
        else:
            raise text

    def _pass_over(self, path: Path, known: KnownFile) -> None:
        if known.in_trash:
            self._back[path] = known.id
            self._restored += 1
        else:
            self._unchanged += 1

    def _facts(self, found: Found, known: KnownFile | None) -> FileFacts | None:
        """The file as it is now; None when what it holds was read, here or under another name."""
        status = os.stat(found.name)
        if not stat.S_ISREG(status.st_mode):  # a pipe or a device may never end
            raise FileNotReadable(path=found.name, why="it is no ordinary file")
        most = min(self._rules.most_bytes(found.name), FORMATS[found.kind].most_bytes)
        if status.st_size > most:
            why = f"it has {status.st_size / 1024**2:.0f} MiB and the most is {most / 1024**2:.0f} MiB"
            raise DocumentTooLarge(path=found.name, why=why)
        facts = FileFacts(
            path=found.path, kind=found.kind, size_bytes=status.st_size, mtime_ns=status.st_mtime_ns,
            sha256=self._sha256(found.name, status.st_size),
        )  # fmt: skip
        if known is None:
            moved = self._moves.taken(facts)
            if moved is not None:
                self._moved_to.append((moved.id, facts))
                self._moved += 1
                return None
        elif known.state is DocumentState.READ and known.sha256 == facts.sha256 and not self._again(known):
            self._touched.append((known.id, facts))
            self._pass_over(found.path, known)
            return None
        return facts

    def _again(self, known: KnownFile) -> bool:
        """Whether it is read again though it holds what it held: what was not read to its end, by hand."""
        return known.in_part and self._by_hand

    def _sha256(self, name: str, size_bytes: int) -> str:
        """Of no more than the size it says it has: some files of the system hold nothing and never end."""
        running = hashlib.sha256()
        with open(name, "rb", buffering=0) as file:
            while size_bytes > 0 and (block := file.read(min(_BLOCK, size_bytes))):
                self._cancel.check()
                running.update(block)
                size_bytes -= len(block)
        return running.hexdigest()

    def _fail(self, found: Found, error: EngineError, known: KnownFile | None) -> None:
        path = found.path
        folder = not found.kind and is_text(path) and path.is_dir()
        kind = FOLDER if folder else found.kind or kind_of(path) or ""
        size_bytes, mtime_ns = _measured(path)
        facts = FileFacts(path=path, kind=kind, size_bytes=size_bytes, mtime_ns=mtime_ns)
        passing = isinstance(error, _PASSING)
        if (found.kind or folder) and not (passing and known is not None and known.state is DocumentState.READ):
            self._waiting.append(Settled(facts=facts, error=error))
            return
        self._failed.append(_not_kept(facts, error))

    def _due(self) -> bool:
        late = time.monotonic() - self._kept_at > self._keep_every_s
        something = self._waiting or self._back or self._touched or self._moved_to
        return bool(something) and (late or self._characters > KEEP_EVERY_CHARACTERS)

    def _store(self) -> list[Document]:
        """Commit what waits; the documents as they are now."""
        waiting, self._waiting, self._characters = self._waiting, [], 0
        back, self._back = self._back, {}
        touched, self._touched = self._touched, []
        moved, self._moved_to = self._moved_to, []
        began = time.monotonic()
        if touched:
            self._rows.unchanged(touched)
        if moved:
            self._rows.move(moved)
        if waiting:
            self._meaning.forget(self._rows.settle(waiting))
        if back:
            self._rows.restore(list(back.values()))
        if back or moved:
            self._meaning.reload()
        now_at = [*(one.facts.path for one in waiting), *back, *(facts.path for _, facts in moved)]
        kept = list(self._rows.by_path(now_at).values())
        self._kept_at = time.monotonic()
        took_s = self._kept_at - began
        self._keep_every_s = max(min(took_s / KEEPING_SHARE, KEEP_SLOWLY_S), KEEP_EVERY_S)
        self._failed += [document for document in kept if document.state is DocumentState.FAILED]
        return kept

    def _tell(self, kept: Sequence[Document]) -> Operation[None]:
        for document in kept:
            yield DocumentSettled(document=document)
        if kept:
            yield Changed(what="documents")

    def _clear_up(self, chosen: Sequence[Path], found: Sequence[Found]) -> tuple[int, tuple[Path, ...]]:
        """Put in the trash what is gone, and note what was looked through; how many went, and which folders were away.

        `chosen` may be files and folders that are gone themselves.
        """
        there = {one.name for one in found if one.error is None}
        folders: set[str] = set()  # of those that are not in the trash
        known: dict[str, KnownFile] = {}  # of those that are there, nothing more is to be known
        for name, file in self._rows.each_known():
            if not file.in_trash:
                folders.add(name if file.kind == FOLDER else os.path.dirname(name))
            if file.kind == FOLDER or name not in there:
                known[name] = file
        troubled = [one.path for one in found if one.error is not None and not isinstance(one.error, FileMissing)]
        mended = [
            file.id for name, file in known.items()
            if file.kind == FOLDER and (path := Path(name)) not in troubled
            and any(path.is_relative_to(one) for one in chosen)
        ]  # fmt: skip
        if mended:
            self._rows.erase(mended, keep_out=False)
        gone = vanished(known, chosen, there, troubled, self._rules)
        if gone:
            self._meaning.forget(self._rows.vanish(gone))
        tops = [path for path in chosen if self._rules.top(path) == path]
        holding = {self._rules.top(folder) for folder in folders}
        away = tuple(path for path in tops if not path.is_dir() or (path in holding and not is_there(path)))
        self._rows.folders.looked_at([path for path in tops if path not in away], away)
        return len(gone), away


def _length(texts: Texts) -> int:
    return sum(len(page.text) for _, text in texts.values() if isinstance(text, Text) for page in text.pages)


def _not_kept(facts: FileFacts, error: EngineError) -> Document:
    """A line of the report for something that is not among the documents."""
    return Document(
        id=0, path=facts.path, kind=facts.kind or FOLDER, state=DocumentState.FAILED, size_bytes=facts.size_bytes,
        pages=0, passages=0, read_at="", reason_code=error.code, reason=str(error),
    )  # fmt: skip


def _measured(path: Path) -> tuple[int, int]:
    """A file's size in bytes and when it was last changed, in ns."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _progress(done: int, total: int, read: int, started: float, name: str = "") -> Progressed:
    """`read` of the `done` files took time: those that had not changed tell nothing of what is left."""
    seconds = time.monotonic() - started
    per_s = read / seconds if read and seconds > 0 else 0.0
    left_s = (total - done) / per_s if per_s else None
    return Progressed(done=done, total=total, unit="files", per_s=per_s, left_s=left_s, now=os.path.basename(name))
