"""Serve `Fetch`: metadata from the hub, then the body, resumed where an earlier fetch ended; and `FindFiles`."""

import hashlib
import os
import re
from dataclasses import replace
from pathlib import Path

from engine import wire
from engine.errors import DownloadCorrupt, HubUnreachable, from_os_error
from engine.worker.desk import Desk, made
from engine.worker.fetcher.body import Body, ConnectionBroken, RangeRefused
from engine.worker.fetcher.connections import Watch
from engine.worker.fetcher.hub import Announced, Hub
from engine.worker.fetcher.listing import find
from engine.worker.fetcher.part import Part
from engine.worker.fetcher.patience import Patience
from engine.worker.fetcher.progress import Progress

_NAME = re.compile(r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,120}")


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("fetcher")
    watch = Watch()
    desk.serve(
        {
            wire.Fetch: lambda request: desk.report(fetch(request, desk, watch)),
            wire.FindFiles: lambda request: desk.report(found(request, desk, watch)),
        },
        given=lambda request: made(request.folder),
    )


def fetch(request: wire.Fetch, desk: Desk, watch: Watch) -> wire.Fetched:
    """Bring the file into its folder, complete and checked. Raises the errors of `engine.errors`."""
    folder = Path(request.folder)
    wish = "\n".join((request.endpoint, request.repository, request.file, request.revision))
    watch.tell = lambda line: desk.report(replace(line, job=request.job))
    watch.guard()
    with Hub(request, watch) as hub:
        announced = hub.announced()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path := _here_already(folder, request, announced):
                return _fetched(request, path, announced.sha256, announced)
            with Part(folder, hashlib.sha256(wish.encode()).hexdigest()[:40], announced, request.more_bytes) as part:
                progress = Progress(desk, request.job, announced.size_bytes)
                part.resume()
                progress.moved(part.done)  # the first report: a rate is reckoned from here on
                _fill(part, hub, announced, request.file, progress)
                path = _settle(part, request, announced)
        except OSError as error:
            raise from_os_error(error, folder) from error
    return _fetched(request, path, part.digest(), announced)


def found(request: wire.FindFiles, desk: Desk, watch: Watch) -> wire.FilesFound:
    """Ask the hub for the names. Raises the errors of `engine.errors`."""
    watch.tell = lambda line: desk.report(replace(line, job=request.job))
    watch.guard()
    with Hub(request, watch) as hub:
        return wire.FilesFound(job=request.job, files=find(request, hub))


def _fetched(request: wire.Fetch, path: Path, sha256: str, announced: Announced) -> wire.Fetched:
    return wire.Fetched(
        job=request.job, path=str(path), sha256=sha256, size_bytes=announced.size_bytes, commit=announced.commit,
        verified=bool(announced.sha256),
    )  # fmt: skip


def _here_already(folder: Path, request: wire.Fetch, announced: Announced) -> Path | None:
    """The same content from an earlier fetch, whatever it was called on the hub."""
    path = folder / f"{announced.sha256}.gguf"
    if request.name or not announced.sha256 or not path.is_file():
        return None
    with path.open("rb") as file:
        return path if hashlib.file_digest(file, "sha256").hexdigest() == announced.sha256 else None


def _fill(part: Part, hub: Hub, announced: Announced, file: str, progress: Progress) -> None:
    """Ask for what is missing until nothing is, starting again where a connection breaks."""
    patience = Patience()
    while part.done < announced.size_bytes:
        began_at = part.done
        try:
            with Body(hub, announced.url, part.done) as body:
                part.rewind(body.starts_at)
                for piece in body.pieces():
                    if part.done + len(piece) > announced.size_bytes:
                        part.discard()
                        raise DownloadCorrupt(file=file, why="more arrived than the hub had announced")
                    part.write(piece)
                    progress.moved(part.done)
        except RangeRefused:
            part.rewind(0)
            patience.tried(HubUnreachable(host=hub.host, why="it refused to go on where the file was left"))
        except ConnectionBroken as error:
            part.keep()
            if part.done > began_at:
                patience = Patience()
            patience.tried(HubUnreachable(host=error.host, why=error.why), error.wait_s)
    progress.moved(part.done, now=True)


def _settle(part: Part, request: wire.Fetch, announced: Announced) -> Path:
    """Check the whole and give it its name; what is damaged is thrown away."""
    sha256 = part.digest()
    if announced.sha256 and sha256 != announced.sha256:
        part.discard()
        raise DownloadCorrupt(file=request.file, why="its SHA-256 is not the one the hub announced")
    if announced.git_sha1 and part.git_sha1() != announced.git_sha1:
        part.discard()
        raise DownloadCorrupt(file=request.file, why="its hash is not the one the hub announced")
    name = request.name if _NAME.fullmatch(request.name) else f"{sha256}.gguf"
    return part.finish(Path(os.path.join(request.folder, name)))


if __name__ == "__main__":
    main()
