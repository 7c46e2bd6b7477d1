"""`hanare models get|resume|pause|cancel`: the queue of downloads."""

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli import model_token
from engine.cli.advice import advice
from engine.cli.model_lines import model_facts, one_line
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Engine
from engine.errors import Cancelled, EngineError, NotFound, TextNotAccepted
from engine.events import DownloadEnded, Event
from engine.types import Download, DownloadNote, DownloadState, HubFile, Model

NOTES = {
    DownloadNote.RANGES: "The server sends this file only as a whole: if it is stopped, it begins anew.",
    DownloadNote.CHANGED: "The file on the hub is another one than before, so the download began anew.",
    DownloadNote.DAMAGED: "{number} of what had arrived was damaged on this disk and is fetched again.",
    DownloadNote.WAITS: "The server is not ready; it is asked again in {number}.",
}


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    get = actions.add_parser("get", parents=[shared], help="fetch a model from the Hugging Face hub")
    get.add_argument("repository", metavar="REPOSITORY", help="for instance owner/name")
    get.add_argument(
        "file", metavar="FILE", help="the name of a GGUF file in the repository; model.safetensors for one to convert"
    )
    get.add_argument("--revision", default="main", help="a branch, tag or commit (default: main)")
    model_token.add_options(get, "for models that need one")
    get.add_argument(
        "--projector", default="auto", metavar="NAME",
        help='the projector to fetch with it, for models that see: its name, "none", or "auto" (default)',
    )  # fmt: skip
    get.set_defaults(run=run_get)

    resume = actions.add_parser(
        "resume", parents=[shared], help="go on with downloads that were stopped",
        description="Go on with downloads that were stopped: those that are named, else all but paused ones.",
    )  # fmt: skip
    resume.add_argument("downloads", nargs="*", metavar="DOWNLOAD", help="number or file name, as the list has them")
    model_token.add_options(resume, "for models that need one")
    resume.set_defaults(run=run_resume)

    for name, run, about in (
        ("pause", run_pause, "leave a download be until it is named to `resume`"),
        ("cancel", run_cancel, "give a download up and delete what has arrived of it"),
    ):
        action = actions.add_parser(name, parents=[shared], help=about)
        action.add_argument("download", metavar="DOWNLOAD", help="number or file name, as the list has them")
        action.set_defaults(run=run)


def run_get(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Fetch a file and the projector that goes with it, check them, and add them."""
    cancel = Cancel()
    token = model_token.asked_token(engine, arguments, screen)
    asked = {"revision": arguments.revision, "token": token}
    found: tuple[HubFile, ...] = ()
    if arguments.projector != "none":
        asking = engine.models.projectors_of(arguments.repository, arguments.file, cancel, **asked)
        found = carry_out(asking, cancel, screen.follow)
    projector = _projector(found, arguments.projector)
    download = engine.downloads.add(arguments.repository, arguments.file, projector=projector, **asked)
    (fetched,) = _fetched(engine, screen, [download])
    _tell(screen, fetched)
    if projector is not None:
        words = f"Fetched with it, to see pictures: {projector.name} ({size(projector.size_bytes)})"
        others = ", ".join(f"{one.name} ({size(one.size_bytes)})" for one in found if one != projector)
        screen.say(inert(words + (f"; there are also {others}" if others else "")))
    screen.document({"folder": str(fetched)} if isinstance(fetched, Path) else model_facts(fetched))
    return 0


def run_resume(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Fetch what is left."""
    named = [_named(engine, text) for text in arguments.downloads]
    downloads = named or [one for one in engine.downloads.all() if not one.held]
    token = model_token.asked_token(engine, arguments, screen)
    for download in downloads:
        engine.downloads.resume(download.id, token)
    fetched = _fetched(engine, screen, downloads) if downloads else []
    for one in fetched:
        _tell(screen, one)
    if not downloads:
        screen.say("There is no download to go on with.")
    models = [model_facts(one) for one in fetched if isinstance(one, Model)]
    screen.document({"models": models, "folders": [str(one) for one in fetched if isinstance(one, Path)]})
    return 0


def run_pause(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Keep it out of what `resume` goes on with by itself."""
    download = engine.downloads.pause(_named(engine, arguments.download).id)
    screen.say(f"Paused: {one_download(download)}")
    screen.document(download_facts(download))
    return 0


def run_cancel(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Forget it."""
    download, cancel = _named(engine, arguments.download), Cancel()
    carry_out(engine.downloads.remove(download.id, cancel), cancel, screen.follow)
    screen.say(f"Given up: {one_download(download)}")
    screen.document(download_facts(download))
    return 0


def one_download(download: Download) -> str:
    """A download in one line of a list."""
    came = size(download.done_bytes)
    if download.total_bytes:
        came = f"{came} of {size(download.total_bytes)}"
    words = "paused" if download.held else "stopped"
    if download.state is DownloadState.FAILED and download.error is not None:
        words = f"stopped: {download.error}"
    return inert(f"{download.id:>3}  {download.repository}  {download.file}  ({came}, {words})")


def download_facts(download: Download) -> dict[str, Any]:
    """All that is known of a download."""
    error = download.error
    facts: dict[str, Any] = as_json(replace(download, error=None))
    return facts | {"error": {"code": error.code, "sentence": str(error)} if error else None}


def _tell(screen: Screen, fetched: Model | Path) -> None:
    """Say what is here, and what is left to do."""
    if isinstance(fetched, Path):
        screen.say(inert(f"Fetched: {fetched}"))
        screen.say(inert(f"Make a model of it with: hanare models convert {shlex.quote(str(fetched))}"))
    else:
        screen.say(f"Fetched: {one_line(fetched)}")


def _fetched(engine: Engine, screen: Screen, downloads: Sequence[Download]) -> list[Model | Path]:
    """Carry these out; the models that came of them, and folders of those that have to be converted.

    Raises the last error of one, when the others have ended.
    """
    numbers = {download.id for download in downloads}
    fetched: list[Model | Path] = []
    failed: list[EngineError] = []
    told: set[tuple[int, DownloadNote]] = set()

    def hear(event: Event) -> None:
        _tell_notes(engine, screen, numbers, told)
        if isinstance(event, DownloadEnded) and event.download.id in numbers:
            if (here := event.model or event.folder) is not None:
                fetched.append(here)
            elif event.error is not None:
                failed.append(event.error)
                if len(numbers) > 1:
                    screen.complain(str(event.error), advice(event.error))
        else:
            screen.follow(event)

    cancel = Cancel()
    try:
        carry_out(engine.downloads.work(cancel, only=numbers), cancel, hear)
    except Cancelled:
        screen.complain(f"What has arrived is kept; go on with: hanare models resume {min(numbers)}")
        raise
    if failed:
        raise failed[-1]
    return fetched


def _tell_notes(engine: Engine, screen: Screen, numbers: set[int], told: set[tuple[int, DownloadNote]]) -> None:
    """Say once what is odd about one of them."""
    for download in engine.downloads.all():
        note = download.note
        if download.id in numbers and note is not None and (download.id, note) not in told:
            told.add((download.id, note))
            one = "second" if note is DownloadNote.WAITS else "piece"
            words = NOTES[note].format(number=count(download.note_number, one))
            screen.complain(f"{download.file}: {words}")


def _named(engine: Engine, text: str) -> Download:
    """The download that `text` means. Raises `NotFound`, and `TextNotAccepted` where it could be several."""
    wanted, downloads = text.strip(), engine.downloads.all()
    for found in (
        [one for one in downloads if str(one.id) == wanted],
        [one for one in downloads if wanted in (one.file, one.file.rsplit("/", 1)[-1])],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            why = f"{len(found)} downloads could be meant, so give the number of one"
            raise TextNotAccepted(what="A download", value=text, why=why)
    raise NotFound(what="download", which=text)


def _projector(found: Sequence[HubFile], wish: str) -> HubFile | None:
    """The one that is wished for; raises `TextNotAccepted` for a name that is not among those `found`."""
    if wish in ("auto", "none"):
        return found[0] if found else None
    for one in found:
        if wish in (one.name, one.name.rsplit("/", 1)[-1]):
            return one
    names = ", ".join(one.name for one in found) or "none"
    raise TextNotAccepted(what="A projector", value=wish, why=f"the repository has {names}")
