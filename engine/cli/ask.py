"""`hanare ask`."""

import argparse
from typing import Any

from engine.cli.arguments import spoken
from engine.cli.choosing import GUIDE, add_load_anyway, allow_load_anyway, chosen_model
from engine.cli.documents import or_no_documents, source_facts
from engine.cli.forms import NOT_VALID, add_form, finish, form_of
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.reach import HINT, add_reach, reach_of, say_cost, say_notes, say_reach
from engine.cli.wording import count
from engine.engine import Cancel, Engine
from engine.errors import EngineError, TextNotAccepted
from engine.events import CheckerFailed, Event, NotesTaken, PassagesFound, TextAdded, TextHeld
from engine.forms import FREE, Form
from engine.types import (
    Answer,
    Checked,
    MessageState,
    Quote,
    Reach,
    Refusal,
    Support,
)

REFUSALS = {
    Refusal.NOTHING: "Not found in your documents. No passage in them matches, so no model was asked.",
    Refusal.WEAK: "Not found in your documents. The passages that come nearest do not answer, so no model was asked.",
    Refusal.UNSUPPORTED: "Not found in your documents. The passages support no sentence of what the model wrote, so it "
    "is not shown; --json has it.",
    Refusal.UNCHECKED: "What the model wrote was not compared with your documents before Hanare ended, so it is not "
    "shown; --json has it.",
}


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    asking = commands.add_parser("ask", parents=[shared], help="ask a question of your documents")
    asking.add_argument("question", type=spoken, metavar="QUESTION", help="in words; in: and the like limit it")
    asking.add_argument("--model", metavar="MODEL", help="write the answer with this model (name, number or path)")
    asking.add_argument(
        "--quotes", action="store_true", help="answer in verbatim quotes alone, chosen by --model if given"
    )
    add_reach(asking)
    add_form(asking)
    add_load_anyway(asking)
    asking.set_defaults(run=run_ask)


def run_ask(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Answer from the documents, written by a model of the person's own, else in the quotes that fit best."""
    cancel = Cancel()
    form = form_of(arguments)
    model = None if arguments.quotes and not arguments.model else chosen_model(engine, arguments.model)
    if form != FREE and (model is None or model.built_in or arguments.quotes):
        raise TextNotAccepted(what="A form", value="given to quotes", why="only a model writes answers that have one")
    allow_load_anyway(engine, arguments, model)
    model_id = None if model is None else model.id
    reach, among = reach_of(engine, arguments)
    if reach is Reach.ALL and form == FREE and not (model and model.built_in):
        say_cost(engine, screen, arguments.question, model_id)
    answer = ask(
        engine, screen, arguments.question, cancel, model_id=model_id, form=form, verbatim=arguments.quotes,
        reach=reach, among=among,
    )  # fmt: skip
    if model and model.built_in and arguments.model is None:
        screen.aside(f"  {GUIDE}")
    elif reach is Reach.PASSAGES and answer.model and form == FREE and engine.chats.looks_wide(arguments.question):
        screen.aside(f"  {HINT}")
    screen.document(answer_facts(answer))
    if answer.state is MessageState.STOPPED:
        return 130
    if form != FREE and (answer.refused or not answer.sources):
        return NOT_VALID
    return finish(screen, form, answer.text, answer.judged)


def ask(
    engine: Engine, screen: Screen, question: str, cancel: Cancel, *, model_id: int | None, form: Form = FREE,
    verbatim: bool = False, reach: Reach = Reach.PASSAGES, among: tuple[int, ...] | None = None,
) -> Answer:  # fmt: skip
    """Ask and print: the written answer as it comes and its sources, or the quotes; one with a form by `finish`."""
    heard = False
    notes = NotesTaken(text="", sources=())

    def on_event(event: Event) -> None:
        nonlocal heard, notes
        if isinstance(event, TextAdded):
            heard = True
            if form == FREE:
                screen.piece(event.text)
            else:
                screen.progress("Writing …")
        elif isinstance(event, TextHeld):
            screen.progress("Writing …")
        elif isinstance(event, PassagesFound):
            screen.progress(f"{count(len(event.sources), 'passage')} found …")
        elif isinstance(event, NotesTaken):
            notes = event
        elif isinstance(event, CheckerFailed):
            screen.complain(str(event.error))
        else:
            screen.follow(event)

    screen.progress("Searching …")
    work = engine.chats.ask(
        question, cancel, model_id, wait=True, form=form, verbatim=verbatim, reach=reach, among=among
    )
    try:
        answer = carry_out(work, cancel, on_event)
    except EngineError:
        say_notes(screen, notes)
        raise
    screen.clear_progress()
    if answer.refused:
        (screen.say if form == FREE else screen.complain)(REFUSALS[answer.refused])
        return answer
    if answer.coverage and not heard and form == FREE:
        screen.say(answer.text)  # the notes there are, after a Stop
    _say_answer(engine, screen, answer, form)
    return answer


def _say_answer(engine: Engine, screen: Screen, answer: Answer, form: Form) -> None:
    """What stands under an answer, or the quotes that it is."""
    if answer.model and form == FREE and not answer.verbatim:
        if engine.settings.only_supported:
            screen.piece(answer.text)
        _say_written(answer, screen)
    for number, quote in enumerate(answer.quotes, start=1):
        screen.quote(number, quote)
    if answer.verbatim and answer.model and answer.quotes:
        screen.speed(answer.speed)
    if answer.changed:
        screen.complain(f"{count(answer.changed, 'sentence')} left out: the document is no longer as it was read.")
    empty = not answer.quotes if answer.verbatim else not (answer.sources or answer.text)
    if answer.verbatim and empty and answer.sources and answer.state is not MessageState.STOPPED:
        screen.say("The model chose no sentence as an answer. These are the passages that it was given.")
        for source in answer.sources:
            screen.source(source)
    elif empty and answer.state is not MessageState.STOPPED:
        nothing = or_no_documents(engine, "Your documents hold no sentence that answers this.")
        if form == FREE:
            screen.say(nothing)
        else:
            screen.complain(nothing)
    if form == FREE:  # beside an answer with a form nothing is printed
        say_reach(screen, answer)


def _say_written(answer: Answer, screen: Screen) -> None:
    """What belongs to an answer whose text is on the screen."""
    screen.say()
    if answer.note:
        screen.aside(f"  {answer.note}")
    say_checked(answer, screen)
    for source in answer.sources:
        screen.source(source)
    screen.speed(answer.speed)


def say_checked(answer: Answer, screen: Screen) -> None:
    """How many sentences the passages support, and each that they do not support in full."""
    if not answer.checked:
        return
    supported = sum(one.support is Support.SUPPORTED for one in answer.checked)
    screen.aside(f"  {supported} of {count(len(answer.checked), 'sentence')} supported by the passages.")
    for one in answer.checked:
        said = []
        if one.support is not Support.SUPPORTED:
            said.append(_short_of(one))
        elif one.cites_another and one.source is not None:
            said.append(f"supported by [{one.source.number}], which it does not cite")
        if one.unfound:
            words = ", ".join(answer.text[start:end] for start, end in one.unfound)
            said.append(f"not there: {words}")
        if said:
            screen.aside(f"  - {answer.text[one.start : one.end]} ({'; '.join(said)})")


def _short_of(one: Checked) -> str:
    """Why a sentence is not supported."""
    if one.against is not None:
        return f"[{one.against.number}] says otherwise"
    return "in no passage" if one.source is None else f"partly supported by [{one.source.number}]"


def checked_facts(checked: Checked) -> dict[str, Any]:
    """How far a sentence of an answer is supported, and the sentence that supports it."""
    return {
        **as_json(checked),
        "source": None if checked.source is None else source_facts(checked.source),
        "against": None if checked.against is None else source_facts(checked.against),
        "cites_another": checked.cites_another,
    }


def _quote_facts(quote: Quote) -> dict[str, Any]:
    return {**source_facts(quote.source), "text": quote.text, "score": quote.score}


def answer_facts(answer: Answer) -> dict[str, Any]:
    """Everything the page shows of an answer."""
    return {
        "question": answer.question,
        "model": answer.model,
        "text": answer.text,
        "state": answer.state.value,
        "verbatim": answer.verbatim,
        "changed": answer.changed,
        "quotes": [_quote_facts(quote) for quote in answer.quotes],
        "sources": [source_facts(source) for source in answer.sources],
        "speed": as_json(answer.speed),
        "judged": as_json(answer.judged),
        "checked": [checked_facts(one) for one in answer.checked],
        "refused": as_json(answer.refused),
        "withheld": answer.withheld,
        "note": answer.note,
        "fitting": as_json(answer.fitting),
        "coverage": as_json(answer.coverage),
    }
