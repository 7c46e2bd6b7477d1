"""`hanare index`, `hanare watch` and `hanare search`."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli.arguments import at_least_one, spoken
from engine.cli.printing import Screen, as_json, carry_out, follow, stopping_on_interrupt
from engine.cli.wording import count, inert
from engine.documents.search import By
from engine.engine import Cancel, Engine, Operation
from engine.errors import Cancelled
from engine.events import Event, HitsFound
from engine.types import (
    Hit,
    IndexReport,
    PicturesRead,
    Prepared,
    Source,
)

DUE_EVERY_S = 1.0  # how often `watch` asks what is due


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    index = commands.add_parser(
        "index", parents=[shared], help="add files and folders to your documents, or look again at those you added"
    )
    index.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="a file or a folder; none: whatever was added before"
    )
    index.add_argument("--words-only", action="store_true", help="do not prepare the search by meaning now")
    index.set_defaults(run=run_index)

    watch = commands.add_parser("watch", parents=[shared], help="keep the folders you added in step until Ctrl+C")
    watch.add_argument("--words-only", action="store_true", help="do not prepare the search by meaning")
    watch.set_defaults(run=run_watch)

    search = commands.add_parser("search", parents=[shared], help="search your documents, without any model")
    search.add_argument(
        "query",
        type=spoken,
        metavar="QUERY",
        help='words, "exact phrases", -word, in: file: folder: type: before: after: from:',
    )
    search.add_argument("--limit", type=at_least_one, default=10, metavar="N", help="at most N results (default: 10)")
    search.add_argument("--by", choices=("both", "words", "meaning"), default="both", help="how to search")
    search.add_argument("--newest", action="store_true", help="results of the last changed files first")
    search.set_defaults(run=run_search)


def run_index(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Read what is new or changed, then prepare the search by meaning; 1 when nothing could be read."""
    cancel = Cancel()
    paths = [path.expanduser().absolute() for path in arguments.paths]
    documents = engine.documents
    work = documents.add(paths, cancel) if paths else documents.look_again(cancel)
    report = carry_out(work, cancel, screen.follow)
    say_report(report, screen)
    pictures = carry_out(documents.pictures.read(cancel), cancel, screen.follow)
    say_pictures(engine, pictures, screen)
    if not arguments.words_only:
        prepared = carry_out(engine.documents.embed(cancel), cancel, screen.follow)
        say_prepared(prepared, screen)
    counts = engine.documents.counts()
    screen.say(
        f"Your documents: {count(counts.documents, 'document')}, {count(counts.passages, 'passage')}, "
        f"{counts.embedded} of them searchable by meaning."
    )
    screen.document({**as_json(report), "counts": counts, "pictures": as_json(pictures)})
    return 1 if report.failed and not report.read + report.unchanged + report.restored else 0


def run_watch(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Look again whenever something is due, until Ctrl+C, which is no failure."""
    cancel = Cancel()
    unheard: tuple[Path, ...] = ()
    folders = [folder for folder in engine.documents.folders.all() if not folder.paused]
    if not folders:
        screen.complain("There is no folder to keep in step.", "Add one with: hanare index FOLDER")
        return 1
    screen.say(f"{count(len(folders), 'folder')} kept in step. Ctrl+C ends it.")
    with stopping_on_interrupt(cancel):
        while not cancel.pressed:
            due = engine.documents.in_step.due()
            if due is None:
                cancel.wait(DUE_EVERY_S)
                continue
            try:
                _look(engine, due.paths, cancel, screen, words_only=arguments.words_only)
            except Cancelled:
                break
            if engine.documents.in_step.unheard != unheard:
                unheard = engine.documents.in_step.unheard
                for folder in unheard:
                    screen.say(f"The system tells nothing of {inert(str(folder))}: looked at every few minutes.")
    screen.clear_progress()
    return 0


def _look(engine: Engine, paths: tuple[Path, ...] | None, cancel: Cancel, screen: Screen, *, words_only: bool) -> None:
    operations: list[Operation[Any]] = [engine.documents.look_again(cancel, paths)]
    if not engine.documents.rests:
        operations.append(engine.documents.pictures.read(cancel))
        if not words_only:
            operations.append(engine.documents.embed(cancel))
    for operation in operations:
        result = follow(operation, screen.follow)
        if isinstance(result, IndexReport) and (result.changed or result.away):
            say_report(result, screen)
        elif isinstance(result, PicturesRead):
            say_pictures(engine, result, screen)
    screen.clear_progress()


def say_report(report: IndexReport, screen: Screen) -> None:
    """What came of reading."""
    for document in report.failed:
        screen.say(f"Not read: {inert(document.reason)}")
    for folder in report.away:
        screen.say(f"Not there now: {inert(str(folder))}. What was read of it stays.")
    screen.say(
        f"{count(report.read, 'document')} read, {report.unchanged} unchanged, {report.moved} moved, "
        f"{report.removed} gone, {report.restored} back from the trash, "
        f"{len(report.failed)} not read, in {report.seconds:.1f} s."
    )


def say_pictures(engine: Engine, read: PicturesRead, screen: Screen) -> None:
    """What came of reading pictures of text, or what it would take."""
    if read.done:
        screen.say(f"{count(read.words, 'page')} read by OCR, {read.blank} without words, {read.failed} not read.")
    if not read.waiting:
        return
    shown = f"{count(read.waiting, 'page')} {'shows' if read.waiting == 1 else 'show'} text only as a picture."
    if not engine.settings.ocr:
        screen.say(f"{shown} Reading them is switched off in the settings.")
    elif read.ocr.version:
        screen.say(f"{shown} Tesseract lacks the data of the languages in the settings.")
    else:
        command = engine.documents.pictures.install_command
        screen.say(f"{shown} Tesseract can read that here, once it is installed{': ' + command if command else '.'}")


def say_prepared(prepared: Prepared, screen: Screen) -> None:
    """What came of preparing the search by meaning."""
    if prepared.passages:
        screen.say(f"{count(prepared.passages, 'passage')} prepared for the search by meaning.")
    if prepared.cut:
        screen.say(
            f"Of {count(prepared.cut, 'passage')} the model reads only the beginning; the rest is found by its words."
        )
    if prepared.note:
        screen.say(inert(prepared.note))


def run_search(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print the passages that fit the query best."""
    cancel = Cancel()
    found = search(
        engine, screen, arguments.query, cancel, limit=arguments.limit, by=arguments.by, newest=arguments.newest
    )
    if found.also:
        screen.say(f"Also searched: {inert(', '.join(found.also))}")
    for hit in found.hits:
        screen.hit(hit)
    if not found.hits:
        screen.say(or_no_documents(engine, "Nothing was found."))
    hits = [hit_facts(hit) for hit in found.hits]
    screen.document({"query": arguments.query, "by": arguments.by, "also_searched": found.also, "hits": hits})
    return 0


def search(
    engine: Engine, screen: Screen, query: str, cancel: Cancel, *, limit: int, by: By = "both", newest: bool = False
) -> HitsFound:
    """Search and wait for the search by meaning too."""
    found = HitsFound(hits=(), complete=False)

    def on_event(event: Event) -> None:
        nonlocal found
        if isinstance(event, HitsFound):
            found = event
            if event.not_reordered:
                screen.complain(f"The results were not put in order: {event.not_reordered}")
        screen.follow(event)

    screen.progress("Searching …")
    work = engine.documents.search(query, cancel, limit=limit, by=by, wait=True, newest=newest)
    hits = carry_out(work, cancel, on_event)
    screen.clear_progress()
    return replace(found, hits=hits)


def or_no_documents(engine: Engine, sentence: str) -> str:
    """The sentence, or what to do first where there is nothing to search."""
    if engine.documents.counts().documents:
        return sentence
    return "There are no documents yet. Add some with: hanare index PATH"


def hit_facts(hit: Hit) -> dict[str, Any]:
    """Everything the page shows of a search result."""
    passage = hit.passage
    return {
        "rank": hit.rank,
        "score": hit.score,
        "file": str(passage.path),
        "page": passage.page,
        "paged": passage.paged,
        "place": as_json(passage.place),
        "ocr_confidence": passage.confidence,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "marks": [list(mark) for mark in hit.marks],
        "word_rank": hit.word_rank,
        "meaning_rank": hit.meaning_rank,
        "reordered_rank": hit.reordered_rank,
        "group": hit.group,
        "also_in": [
            {"file": str(other.path), "page": other.page, "start": other.start, "end": other.end}
            for other in hit.also_in
        ],
    }


def source_facts(source: Source) -> dict[str, Any]:
    """Everything the page shows of a numbered passage."""
    return {
        "number": source.number,
        "file": str(source.path),
        "page": source.page,
        "paged": source.paged,
        "place": as_json(source.place),
        "ocr_confidence": source.confidence,
        "start": source.start,
        "end": source.end,
        "text": source.text,
    }
