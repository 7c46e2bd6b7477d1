"""How far a question reaches: the options of `hanare ask` that say it, what that costs, and what was read."""

import argparse
from pathlib import Path

from engine.cli.arguments import spoken
from engine.cli.printing import Screen, carry_out
from engine.cli.wording import count, inert
from engine.engine import Cancel, Engine
from engine.errors import NotFound, TextNotAccepted
from engine.events import NotesTaken
from engine.types import Answer, Coverage, Fitting, Reach

MOST_NAMED = 20  # documents that were not read, each on a line
HINT = "Only the best passages were read. To have all documents read in passes: hanare ask --all QUESTION"


def add_reach(command: argparse.ArgumentParser) -> None:
    """Declare the options."""
    reach = command.add_mutually_exclusive_group()
    reach.add_argument(
        "--whole", type=spoken, metavar="FILE",
        help="answer from all of this document (its name, path or number), where it fits the model's context",
    )  # fmt: skip
    reach.add_argument(
        "--all", action="store_true",
        help="have the model read all documents in passes; file: folder: type: … in the question say which",
    )  # fmt: skip


def reach_of(engine: Engine, arguments: argparse.Namespace) -> tuple[Reach, tuple[int, ...] | None]:
    """The reach that is wished, and the document that is named. Raises `NotFound`, `TextNotAccepted`."""
    if arguments.all:
        return Reach.ALL, None
    if arguments.whole is None:
        return Reach.PASSAGES, None
    path = Path(arguments.whole).expanduser().absolute()
    every = engine.documents.all()
    found = [one for one in every if arguments.whole == str(one.id) or one.path == path]
    found = found or [one for one in every if one.path.name == arguments.whole]
    if not found:
        raise NotFound(what="document", which=arguments.whole)
    if len(found) > 1:
        raise TextNotAccepted(what="A whole document", value="given", why=f"{len(found)} have that name; give its path")
    return Reach.DOCUMENT, (found[0].id,)


def say_cost(engine: Engine, screen: Screen, question: str, model_id: int | None) -> None:
    """What reading all documents will take, before it begins."""
    cancel = Cancel()
    cost = carry_out(engine.chats.reading_cost(question, cancel, model_id), cancel, screen.follow)
    time = "" if cost.seconds is None else f", about {_time(cost.seconds)}"
    screen.aside(
        f"To read: {count(cost.documents, 'document')}, about {count(cost.tokens, 'token')} in about "
        f"{count(cost.passes, 'pass', 'passes')}{time}. Ctrl+C stops it and keeps what was found."
    )


def say_notes(screen: Screen, notes: NotesTaken) -> None:
    """What was noted before something went wrong."""
    if notes.text:
        screen.say(notes.text)
        for source in notes.sources:
            screen.source(source)


def say_reach(screen: Screen, answer: Answer) -> None:
    """What was read for the answer."""
    if answer.fitting is not None:
        screen.aside(f"  {_fitting_words(answer.fitting)}")
    if answer.coverage is not None:
        if answer.text and not answer.sources:
            screen.aside("  The answer names no passage, so it cannot be checked against your documents.")
        _say_coverage(screen, answer.coverage)


def _fitting_words(fitting: Fitting) -> str:
    tokens = ("about " if fitting.about else "") + count(fitting.tokens, "token")
    if fitting.fits:
        return f"Answered from the whole document: {tokens}, and {fitting.room:,} have room."
    return f"The document has {tokens}, and {fitting.room:,} have room: answered from its best passages."


def _say_coverage(screen: Screen, coverage: Coverage) -> None:
    screen.aside(
        f"  Read {coverage.read:,} of {count(coverage.documents, 'file')}: {count(coverage.passages, 'passage')} "
        f"in {count(coverage.passes, 'pass', 'passes')}."
    )
    for words, files in (("Not read", coverage.unread), ("Not all of it read", coverage.partly)):
        for one in files[:MOST_NAMED]:
            named = "" if str(one.path) in one.why else f"{one.path}: "
            screen.aside(f"  {words}: {inert(named + one.why)}")
        if len(files) > MOST_NAMED:
            screen.aside(f"  {words}: {count(len(files) - MOST_NAMED, 'file')} more")
    if coverage.cut:
        screen.aside(f"  {count(coverage.cut, 'set of notes', 'sets of notes')} ended at the longest length.")
    if coverage.left_out:
        screen.aside(f"  {count(coverage.left_out, 'set of notes', 'sets of notes')} had no room in the answer.")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
