"""Serve `Fetch`: the hub's word for each file, room for all, then what is missing of them; and questions to the hub."""

import hashlib
import re
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from engine import wire
from engine.errors import DownloadCorrupt, from_os_error
from engine.worker.desk import Desk, made
from engine.worker.fetcher.asking import Asking
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.hub import Announced, Hub
from engine.worker.fetcher.listing import find
from engine.worker.fetcher.part import ROOM_LEFT_BYTES, Part, no_room
from engine.worker.fetcher.progress import Progress
from engine.worker.fetcher.searching import describe, search
from engine.worker.fetcher.transfer import Transfer

_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,120}")


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("fetcher")
    watch = Watch()
    desk.serve(
        {
            wire.Fetch: lambda request: desk.report(Fetching(request, desk, watch).fetched()),
            wire.FindFiles: lambda request: desk.report(found(request, desk, watch)),
            wire.SearchHub: lambda request: desk.report(searched(request, desk, watch)),
            wire.DescribeRepository: lambda request: desk.report(described(request, desk, watch)),
        },
        given=lambda request: made(request.folder),
    )


def found(request: wire.FindFiles, desk: Desk, watch: Watch) -> wire.FilesFound:
    """Ask the hub for the names. Raises the errors of `engine.errors`."""
    _hear(watch, desk, request.job)
    with Hub(request, request.file, watch) as hub:
        return wire.FilesFound(job=request.job, files=find(request, hub))


def searched(request: wire.SearchHub, desk: Desk, watch: Watch) -> wire.HubSearched:
    """Ask the hub which repositories there are. Raises the errors of `engine.errors`."""
    _hear(watch, desk, request.job)
    with Asking(request, watch) as hub:
        return wire.HubSearched(job=request.job, models=search(request, hub))


def described(request: wire.DescribeRepository, desk: Desk, watch: Watch) -> wire.RepositoryDescribed:
    """Ask the hub what a repository is. Raises the errors of `engine.errors`."""
    _hear(watch, desk, request.job)
    with Asking(request, watch) as hub:
        return describe(request, hub)


def _hear(watch: Watch, desk: Desk, job: int) -> None:
    watch.tell = lambda line: desk.report(replace(line, job=job))
    watch.guard()


@dataclass(slots=True)
class Wanted:
    """One of the files, and where it is in the end."""

    file: str
    key: str
    name: str
    announced: Announced
    path: Path | None = None
    sha256: str = ""


class Fetching:
    """One request: all of its files, or none."""

    def __init__(self, request: wire.Fetch, desk: Desk, watch: Watch) -> None:
        _hear(watch, desk, request.job)
        self._request, self._desk = request, desk
        self._folder = Path(request.folder)
        self._before = 0  # bytes of the files that are done
        self._hub = Hub(request, request.files[0][0], watch)

    def fetched(self) -> wire.Fetched:
        """Bring the files into their folder, complete and checked. Raises the errors of `engine.errors`."""
        with self._hub:
            files = self._announced()
            total = sum(one.announced.size_bytes for one in files)
            self._progress = Progress(self._desk, self._request.job, total)
            try:
                self._bring(files)
            except OSError as error:
                raise from_os_error(error, self._folder) from error
        return wire.Fetched(
            job=self._request.job, paths=tuple(str(one.path) for one in files), sha256=files[0].sha256,
            size_bytes=total, commit=files[0].announced.commit, verified=all(one.announced.checked for one in files),
        )  # fmt: skip

    # Its own affairs.

    def _announced(self) -> list[Wanted]:
        """What the hub says of each, all of them as they were at one moment."""
        files: list[Wanted] = []
        for file, key, name in self._request.files:
            self._hub.file = file
            revision = files[0].announced.commit if files else self._request.revision
            files.append(Wanted(file, key, name if _NAME.fullmatch(name) else "", self._hub.announced(revision)))
        return files

    def _bring(self, files: Sequence[Wanted]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._progress.moved(0, now=True)  # the first report: a rate is reckoned from here on
        with ExitStack() as opened:
            parts: list[tuple[Wanted, Part]] = []
            for one in files:
                if self._here_already(one):
                    self._before += one.announced.size_bytes
                else:
                    part = Part(self._folder, one.key, one.file, one.announced)
                    parts.append((one, opened.enter_context(part)))
            self._make_room([part for _, part in parts])
            for one, part in parts:
                self._hub.file = one.file
                self._fill(one, part)
            if parts and len(files) > 1 and parts[-1][0] is files[-1]:
                # Where the last has its name, all belong together: a kill must not leave old files among new ones.
                (self._folder / (files[-1].name or f"{files[-1].sha256}.gguf")).unlink(missing_ok=True)
            for one, part in parts:  # none has a name before all are here
                one.path = self._folder / (one.name or f"{one.sha256}.gguf")
                part.finish(one.path)
        self._progress.moved(self._before, now=True)

    def _here_already(self, one: Wanted) -> bool:
        """Whether the same content is here from an earlier fetch, whatever it was called on the hub."""
        announced = one.announced
        path = self._folder / (one.name or f"{announced.sha256}.gguf")
        if not announced.sha256 or not path.is_file() or path.stat().st_size != announced.size_bytes:
            return False
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != announced.sha256:
                return False
        one.path, one.sha256 = path, announced.sha256
        return True

    def _make_room(self, parts: Sequence[Part]) -> None:
        """Reserve it for all of them. What had not begun leaves nothing behind where there is none."""
        if not parts:
            return
        more_bytes = self._request.more_bytes
        try:
            need_bytes = sum(part.lacks_bytes() for part in parts) + more_bytes
            if need_bytes and shutil.disk_usage(self._folder).free - ROOM_LEFT_BYTES < need_bytes:
                raise no_room(parts, self._folder, more_bytes)
            for part in parts:
                part.reserve()
        except BaseException:
            for part in parts:
                if not part.begun:
                    part.discard()
            raise

    def _fill(self, one: Wanted, part: Part) -> None:
        """Bring what is missing, and check the whole; what is damaged is thrown away."""
        announced = one.announced
        if part.changed:
            self._note("changed")
        if damaged := part.resume(self._moved):
            self._note("damaged", damaged)
        part.follow()
        try:
            Transfer(part, self._hub, self._moved, self._note).fill()
            sha256, git_sha1 = part.whole.digests()
        except DownloadCorrupt:
            part.discard()
            raise
        if announced.sha256 not in ("", sha256) or announced.git_sha1 not in ("", git_sha1):
            part.discard()
            raise DownloadCorrupt(file=one.file, why="its hash is not the one that the hub announced")
        one.sha256 = sha256
        self._before += announced.size_bytes

    def _moved(self, done: int, connections: int = 0) -> None:
        self._progress.moved(self._before + done, connections)

    def _note(self, note: str, number: int = 0) -> None:
        self._desk.report(wire.Noted(job=self._request.job, note=note, number=number))


if __name__ == "__main__":
    main()
