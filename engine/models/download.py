"""Fetching a model from the hub through the fetcher process, with progress and Stop.

Owns what may be asked for and how a fetched file is named: by its hash, or by a hash and its
number where a model comes in several parts. No name from outside ever becomes a path; files of a checkpoint are
called as on the hub, by the few names that are asked for.
"""

import hashlib
import re
import shutil
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from engine import wire
from engine.errors import HubNotFound, TextNotAccepted, from_os_error
from engine.events import Changed, DownloadNoted, Event
from engine.ledger import Errand, Ledger, Page
from engine.models.rate import Rate
from engine.operation import Cancel
from engine.places import Places
from engine.runtime.process import Process
from engine.types import DownloadNote, HubFile

HUB = "https://huggingface.co"
SILENT_S = 300.0  # the fetcher's own time-outs and retries end well before
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)
_REVISION = re.compile(r"[A-Za-z0-9][\w./-]{0,199}", re.ASCII)
_PART = re.compile(
    r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\.gguf|\.safetensors)", re.DOTALL | re.IGNORECASE
)
_WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors", re.ASCII)  # of a checkpoint, at the repository's top
LAST = "config.json"  # of a checkpoint: it gets its name when all others have theirs
_MOST_PARTS = 100

_under_way: set[tuple[str, ...]] = set()
_under_way_lock = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One file of the hub, and the token to ask with ("" for none). Weights of safetensors mean their checkpoint."""

    repository: str
    file: str
    revision: str
    token: str = ""

    @classmethod
    def checked(cls, repository: str, file: str, revision: str, token: str) -> "Wanted":
        """The wish, if it can be asked at all. Raises `TextNotAccepted` before anything is sent."""
        if not _REPOSITORY.fullmatch(repository) or ".." in repository or "--" in repository:
            raise TextNotAccepted(what="A repository", value=repository, why="it is written owner/name")
        if file.lower().endswith(".safetensors") and not _WEIGHTS.fullmatch(file):
            why = "of safetensors only model.safetensors, or a numbered part of it, is fetched"
            raise TextNotAccepted(what="A model file", value=file, why=why)
        if not file.lower().endswith((".gguf", ".safetensors")):
            raise TextNotAccepted(what="A model file", value=file, why="its name has to end in .gguf or .safetensors")
        if len(file) > 400 or not file.isprintable() or any(part in ("", ".", "..") for part in file.split("/")):
            raise TextNotAccepted(what="A model file", value=file, why="it is not the name of a file in a repository")
        if not _REVISION.fullmatch(revision) or ".." in revision:
            raise TextNotAccepted(what="A revision", value=revision, why="it is a branch, a tag or a commit")
        if not token.isascii() or not token.isprintable() or len(token) > 400:
            raise TextNotAccepted(what="A token", value="that", why="it has signs that no token has")
        return cls(repository=repository, file=file, revision=revision, token=token)

    @property
    def name(self) -> str:
        """How the model is called on screen: the file's name without its ending and part number."""
        last = self.file.rsplit("/", 1)[-1]
        part = _PART.fullmatch(last)
        return (part["stem"] if part else last[: -len(".gguf")]) or self.repository

    @property
    def is_checkpoint(self) -> bool:
        """Whether it is a model as it is trained, which has to be converted."""
        return _WEIGHTS.fullmatch(self.file) is not None

    def folder(self, endpoint: str, places: Places) -> Path:
        """Where its files lie: with all models; those of a checkpoint as in the hub's own cache, which tells its name.

        It is known before the hub is asked, so that what has arrived is found again.
        """
        if not self.is_checkpoint:
            return places.models
        wish = hashlib.sha256("\n".join((endpoint, *self.model)).encode()).hexdigest()
        return places.models / f"models--{self.repository.replace('/', '--')}" / "snapshots" / wish[:16]

    def parts(self) -> tuple["Wanted", ...]:
        """Every file that the model consists of. Raises `TextNotAccepted`."""
        folder, slash, last = self.file.rpartition("/")
        part = _PART.fullmatch(last)
        if not part:
            return (self,)
        count = int(part["count"])
        if not 0 < count <= _MOST_PARTS or not 0 < int(part["number"]) <= count:
            raise TextNotAccepted(what="A model file", value=self.file, why="its part number cannot be")
        names = (f"{part['stem']}-{number:05d}-of-{count:05d}{part['ending']}" for number in range(1, count + 1))
        return tuple(replace(self, file=folder + slash + name) for name in names)

    @property
    def model(self) -> tuple[str, str, str]:
        """What tells models apart before they are here: any part of one means all of it."""
        named = "" if self.is_checkpoint else _PART.sub(r"\g<stem>", self.file)
        return self.repository, named, self.revision


@dataclass(frozen=True, slots=True)
class Arrived:
    """The files of a fetched model, the first first; `sha256` is the first's, `commit` the repository's."""

    paths: tuple[Path, ...]
    sha256: str
    commit: str

    @property
    def path(self) -> Path:
        """The file to open."""
        return self.paths[0]


def find(
    wanted: Wanted, mark: str, endpoint: str, places: Places, ledger: Ledger, cancel: Cancel, names: Sequence[str] = ()
) -> Generator[Event, None, tuple[HubFile, ...]]:
    """The GGUF files with `mark` in their names in the repository of what is wanted, or those of these `names`.

    () where it lists nothing.
    Yields Changed("connections") when a connection has ended. Raises the errors of the hub, `Cancelled`.
    """
    files: tuple[HubFile, ...] = ()
    with Process("fetcher", "engine.worker.fetcher", private=places.private) as process:
        request = wire.FindFiles(
            endpoint=endpoint, repository=wanted.repository, file=wanted.file, folder=str(places.models), mark=mark,
            names=tuple(names), revision=wanted.revision, token=wanted.token,
        )  # fmt: skip
        errand = Errand(process=process.name, why="download", what=f"{wanted.repository}/{wanted.file}")
        with ledger.keeping(errand) as page, suppress(HubNotFound):  # a mirror without lists; fetching says the rest
            for report in told(process, request, page, cancel):
                if isinstance(report, Changed):
                    yield report
                elif isinstance(report, wire.FilesFound):
                    files = tuple(HubFile(*file) for file in report.files)
    return files


def fetch(
    wanted: Wanted, endpoint: str, places: Places, ledger: Ledger, cancel: Cancel, more_bytes: int = 0,
    with_it: Sequence[str] = (),
) -> Generator[Event, None, Arrived]:  # fmt: skip
    """Bring the file, or all its parts, into its folder, if there is room for `more_bytes` beside them.

    `with_it` are the other files of a checkpoint, the last of which gets its name last.
    Yields Progressed(unit="bytes"), DownloadNoted, and Changed("connections") when one has ended. What has arrived
    before a Stop or a broken connection is kept and not asked for again. Raises the errors of the hub,
    `NoRoomForDownload`, `DiskFull`, `DownloadCorrupt`, `Cancelled`.
    """
    parts = (*wanted.parts(), *(replace(wanted, file=file) for file in with_it))
    request = wire.Fetch(
        endpoint=endpoint, repository=wanted.repository, folder=str(wanted.folder(endpoint, places)),
        revision=wanted.revision, token=wanted.token, more_bytes=more_bytes,
        files=tuple(
            (part.file, key(part, endpoint), part.file if wanted.is_checkpoint else _name(part, number, len(parts)))
            for number, part in enumerate(parts, start=1)
        ),
    )  # fmt: skip
    rate = Rate()
    errand = Errand(process="fetcher", why="download", what=f"{wanted.repository}/{wanted.file}")
    with (
        _once_at_a_time(wanted),
        Process(errand.process, "engine.worker.fetcher", private=places.private) as process,
        ledger.keeping(errand) as page,
    ):
        for report in told(process, request, page, cancel):
            if isinstance(report, Changed):
                yield report
            elif isinstance(report, wire.Moved):
                yield rate.progressed(report.done, report.total, wanted.file, report.connections)
            elif isinstance(report, wire.Noted):
                yield DownloadNoted(note=DownloadNote(report.note), number=report.number)
            elif isinstance(report, wire.Fetched):
                return Arrived(tuple(map(Path, report.paths)), report.sha256, report.commit)
    raise AssertionError("a fetch ends with what it fetched, or with an error")


def key(part: Wanted, endpoint: str) -> str:
    """What is unfinished of a file is called so, by what was wished for."""
    wish = "\n".join((endpoint, part.repository, part.file, part.revision))
    return hashlib.sha256(wish.encode()).hexdigest()[:40]


def leave_nothing(wanted: Wanted, endpoint: str, places: Places) -> None:
    """Delete what has arrived of a file, or of its parts, that will not be fetched to its end.

    Raises `FileNotReadable` where it cannot be deleted.
    """
    folder = wanted.folder(endpoint, places)
    left = [folder / f"{key(part, endpoint)}{ending}" for part in wanted.parts() for ending in (".part", ".journal")]
    if wanted.is_checkpoint:
        left = [
            path for path in folder.glob("*") if path.suffix in (".part", ".journal") or not (folder / LAST).exists()
        ]
    for path in left:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise from_os_error(error, path) from error
    if wanted.is_checkpoint:
        _leave_empty(folder)


def delete_checkpoint(folder: Path) -> None:
    """Delete the folder of a checkpoint that was fetched. Raises `FileNotReadable`."""
    try:
        (folder / LAST).unlink(missing_ok=True)  # first: half a checkpoint must not look like a whole one
        shutil.rmtree(folder)
    except OSError as error:
        raise from_os_error(error, folder) from error
    _leave_empty(folder)


def _leave_empty(folder: Path) -> None:
    """Take away a checkpoint's folder, and those that it lies in, where nothing is in them any more."""
    with suppress(OSError):
        for each in (folder, folder.parent, folder.parent.parent):
            if each.is_dir():
                each.rmdir()


def told(process: Process, request: wire.Message, page: Page, cancel: Cancel) -> Iterator[wire.Message | Changed]:
    """The fetcher's reports; connections go to the ledger, and in their place comes Changed when one has ended."""
    for report in process.ask(request, cancel, silent_s=SILENT_S, stop_by_ending=True):
        if not isinstance(report, wire.Connection):
            yield report
            continue
        page.note(report)
        if report.ended_at:
            yield Changed(what="connections")


def _name(part: Wanted, number: int, count: int) -> str:
    """What the file is called here: "" for its hash; llama.cpp wants parts numbered in its own way."""
    if count == 1:
        return ""
    digest = hashlib.sha256("\n".join(part.model).encode()).hexdigest()
    return f"{digest[:40]}-{number:05d}-of-{count:05d}.gguf"


@contextmanager
def _once_at_a_time(wanted: Wanted) -> Iterator[None]:
    """Two downloads of one file would write into the same part."""
    with _under_way_lock:
        if wanted.model in _under_way:
            raise TextNotAccepted(what="A download", value=wanted.file, why="it is being downloaded already")
        _under_way.add(wanted.model)
    try:
        yield
    finally:
        with _under_way_lock:
            _under_way.discard(wanted.model)
