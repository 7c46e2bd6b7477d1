"""`hanare why`: how passages were found for a question, why a file was not, and what an answer leans on."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.cli.arguments import spoken
from engine.cli.ask import answer_facts, ask
from engine.cli.choosing import add_load_anyway, allow_load_anyway
from engine.cli.documents import hit_facts, source_facts
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.standing import sentences
from engine.cli.wording import count, nth, place
from engine.engine import Cancel, Engine
from engine.types import Answer, FileStanding, Found, Given, Inspected, Why

GIVEN = {
    Given.GIVEN: "entered the prompt",
    Given.NO_ROOM: "had no room in the prompt",
    Given.FURTHER: "too far down to enter the prompt",
}


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    why = commands.add_parser(
        "why", parents=[shared], help="how passages are found for a question, and what an answer leans on"
    )
    why.add_argument("question", type=spoken, metavar="QUESTION")
    why.add_argument(
        "--model", metavar="MODEL", help="write an answer with this model and weigh each passage (it takes a while)"
    )
    why.add_argument("--file", metavar="FILE", help="tell why this file, by its path or its name, is found or not")
    add_load_anyway(why)
    why.set_defaults(run=run_why)


def run_why(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Look into the search, then, with a model, into the answer."""
    cancel, question = Cancel(), arguments.question
    model = engine.models.find(arguments.model) if arguments.model else None
    answer, why = None, None
    if model is not None:
        allow_load_anyway(engine, arguments, model)
        answer = ask(engine, screen, question, cancel, model_id=model.id)
        if answer.text.strip() and answer.sources:
            why = carry_out(engine.chats.why(answer, cancel, model.id), cancel, screen.follow)
            _say_shares(why, screen)
        screen.say()
    files = _files(engine, arguments.file, cancel, screen) if arguments.file else ()
    file = files[0] if len(files) == 1 else None
    work = engine.documents.inspect(question, cancel, question=True, answer=answer, file=file)
    inspected = carry_out(work, cancel, screen.follow)
    screen.clear_progress()
    _say_found(inspected, screen)
    if inspected.file is not None:
        screen.say()
        for sentence in sentences(inspected.file):
            screen.say(sentence)
    elif arguments.file:
        _say_files(arguments.file, files, screen)
    screen.document({**_facts(inspected, answer, why), "files": [str(path) for path in files]})
    return 0


def _files(engine: Engine, written: str, cancel: Cancel, screen: Screen) -> tuple[Path, ...]:
    """The files that are meant: that of the path as it is written here, else all of such a name."""
    here = Path(written).expanduser().absolute()
    if os.path.lexists(here):
        return (here,)
    return carry_out(engine.documents.named(written, cancel), cancel, screen.follow)


def _say_files(written: str, files: Sequence[Path], screen: Screen) -> None:
    """Which files could be meant, where it is not one."""
    screen.say()
    if not files:
        screen.say(
            f"{written}: No file of that name is among your documents or in the folders that Hanare keeps in "
            "step. Name the file by its path."
        )
        return
    screen.say(f"{count(len(files), 'file')} fit {written}. Name one by its path:")
    for path in files:
        screen.say(f"  {path}")


def _say_shares(why: Why, screen: Screen) -> None:
    screen.clear_progress()
    screen.say()
    screen.heading("What the answer leans on")
    for one in why.shares:
        bits = f"{why.per_token(one.gain):+.3f} bits a token"
        screen.say(f"  {one.share:>5.0%}  {bits}  [{one.source.number}] {place(one.source)}")
    screen.say(f"Without any passage: {why.per_token(-why.gain):+.3f} bits a token, over {count(why.tokens, 'token')}.")
    if not why.depends:
        screen.say("The model would have written much the same without your documents.")
    if not why.tells:
        screen.say("No single passage makes much of a difference: the shares say little.")


def _say_found(inspected: Inspected, screen: Screen) -> None:
    screen.heading("What was found")
    if inspected.also:
        screen.say(f"Also searched: {', '.join(inspected.also)}")
    for one in inspected.found:
        screen.say(f"{one.hit.rank:>3}. {place(one.hit.passage)}")
        screen.aside(f"     {_how(one)}")
    if not inspected.found:
        screen.say("Nothing was found.")
    if inspected.not_by_meaning:
        screen.complain(f"Meaning could not be searched: {inspected.not_by_meaning}")
    elif not inspected.by_meaning:
        screen.say("Meaning was not searched.")


def _how(found: Found) -> str:
    hit, parts = found.hit, []
    if hit.word_rank:
        score = f" (bm25 {found.word_score:.2f})" if found.word_score is not None else ""
        parts.append(f"by words {nth(hit.word_rank)}{score}")
    if hit.meaning_rank:
        parts.append(f"by meaning {nth(hit.meaning_rank)}")
    if found.cosine is not None:
        parts.append(f"cosine {found.cosine:.2f}")
    if hit.reordered_rank:
        parts.append(f"put {nth(hit.reordered_rank)} by the reordering model")
    if found.given:
        parts.append(GIVEN[found.given])
    return ", ".join(parts)


def _facts(inspected: Inspected, answer: Answer | None, why: Why | None) -> dict[str, Any]:
    found = [
        {
            **hit_facts(one.hit), "word_score": one.word_score, "cosine": one.cosine,
            "given": one.given.value if one.given else None,
        }
        for one in inspected.found
    ]  # fmt: skip
    return {
        "question": inspected.asked,
        "found": found,
        "also_searched": inspected.also,
        "by_meaning": inspected.by_meaning,
        "not_by_meaning": inspected.not_by_meaning,
        "file": _file_facts(inspected.file) if inspected.file else None,
        "answer": answer_facts(answer) if answer else None,
        "why": _why_facts(why) if why else None,
    }


def _file_facts(file: FileStanding) -> dict[str, Any]:
    return {**as_json(file), "sentences": sentences(file)}


def _why_facts(why: Why) -> dict[str, Any]:
    shares = [
        {
            **source_facts(one.source), "share": one.share, "gain_nats": one.gain,
            "bits_per_token": why.per_token(one.gain),
        }
        for one in why.shares
    ]  # fmt: skip
    return {
        "shares": shares,
        "gain_nats": why.gain,
        "bits_per_token": why.per_token(why.gain),
        "tokens": why.tokens,
    }
