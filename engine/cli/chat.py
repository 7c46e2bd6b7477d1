"""`hanare chat`: a conversation in the terminal, or one prompt and its answer."""

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli.advice import advice
from engine.cli.arguments import spoken
from engine.cli.ask import REFUSALS
from engine.cli.choosing import GUIDE, add_load_anyway, allow_load_anyway, model_for_chat
from engine.cli.documents import source_facts
from engine.cli.forms import NOT_VALID, add_form, finish, form_of
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import count, filled
from engine.context import WhenFull
from engine.engine import Cancel, Engine, Operation
from engine.errors import Cancelled, EngineError, TextNotAccepted
from engine.events import (
    CheckerFailed,
    Event,
    PassagesFound,
    PictureReached,
    SearchedFor,
    SummaryBegun,
    TextAdded,
    TextHeld,
    TokenWeighed,
)
from engine.forms import FREE, Form
from engine.sampling import Odds
from engine.types import Message, MessageState, Model, Picture

with contextlib.suppress(ImportError):  # Windows has none, and edits lines by itself
    import readline  # noqa: F401 - gives `input` its keys for editing and going back

STATUS = {MessageState.STOPPED: 130, MessageState.FAILED: 1, MessageState.INTERRUPTED: 1}  # others are well: 0
TEST_MODEL = "This is a test model: what it writes is noise. Add a real one with: hanare models add FILE"
HELP = "/new begins a new chat, /more goes on with an answer, /quit leaves, Ctrl+C stops an answer."


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    chat = commands.add_parser("chat", parents=[shared], help="talk to a model", description=f"Talk to a model. {HELP}")
    chat.add_argument(
        "prompt", nargs="?", type=spoken, metavar="PROMPT", help="answer this and end; without it, a conversation"
    )
    chat.add_argument(
        "--model", metavar="MODEL", help="name, number or path (default: the newest, else the built-in guide)"
    )
    chat.add_argument(
        "--image", action="append", type=Path, default=[], metavar="FILE",
        help="show the model this picture with the (first) prompt; again for more, in order",
    )  # fmt: skip
    chat.add_argument("--documents", action="store_true", help="answer from your documents, with citations")
    chat.add_argument(
        "--likeliest",
        type=int,
        metavar="N",
        help="with --json: every token's probability and the N likeliest beside it, as natural logarithms",
    )
    chat.add_argument(
        "--guess-ahead", action=argparse.BooleanOptionalAction, default=None,
        help="check several guessed words at once, where that is faster (default: as in the settings)",
    )  # fmt: skip
    chat.add_argument(
        "--when-full", choices=[when.value for when in WhenFull], metavar="HOW",
        help="where the chat outgrows the model's context: leave out the oldest, keep both ends, put a summary in "
        "their place, or stop (default: as in the settings)",
    )  # fmt: skip
    add_form(chat)
    chat.add_argument(
        "--think", action=argparse.BooleanOptionalAction, default=None,
        help="whether the model thinks before it answers, where it can be asked to (default: as in the settings)",
    )  # fmt: skip
    add_load_anyway(chat)
    chat.set_defaults(run=run_chat)


def run_chat(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Answer the prompt on the command line or the one piped in, or hold a conversation."""
    form = form_of(arguments)
    model = model_for_chat(engine, arguments.model)
    if arguments.think is not None and not model.facts.may_think:
        screen.complain("This model has no switch for thinking, so it answers as it always does.")
    allow_load_anyway(engine, arguments, model)
    prompt = arguments.prompt
    if prompt is None and not sys.stdin.isatty():
        prompt = sys.stdin.read()
    if prompt is None and not screen.wants_json:
        return _converse(engine, screen, model, arguments, form)
    if not (prompt and prompt.strip()) and not arguments.image:
        raise TextNotAccepted(what="A prompt", value="empty", why="there is nothing in it")
    if model.is_test:
        screen.complain(TEST_MODEL)
    if arguments.likeliest and not screen.wants_json:
        raise TextNotAccepted(what="--likeliest", value=arguments.likeliest, why="it needs --json")
    odds: list[Odds] = []
    likeliest = arguments.likeliest or 0  # the settings are the window's: here they are asked for
    message = answer(
        engine, screen, _begun(engine, arguments, form), prompt or "", model,
        with_documents=arguments.documents, likeliest=likeliest, odds=odds, form=form,
        pictures=_taken(engine, screen, arguments),
        guess_ahead=arguments.guess_ahead,
    )  # fmt: skip
    if model.built_in and arguments.model is None:
        screen.aside(f"  {GUIDE}")
    screen.document(message_facts(message) | ({"tokens": [as_json(one) for one in odds]} if odds else {}))
    return STATUS.get(message.state, 0) or _finished(screen, form, message)


def answer(
    engine: Engine,
    screen: Screen,
    chat_id: int,
    prompt: str,
    model: Model,
    *,
    with_documents: bool = False,
    odds: list[Odds] | None = None,
    pictures: Sequence[Picture] = (),
    form: Form = FREE,
    **wishes: Any,
) -> Message:
    """Send one message and print the answer as it comes, its sources and what it cost.

    An answer that is to have a form is for a program: it is printed by itself when it is there (`forms.finish`).
    `odds` is filled with how likely each token was, where `likeliest` asks for it; `wishes` are those of `Chats.send`.
    """
    cancel = Cancel()
    work = engine.chats.send(
        chat_id, prompt, cancel, model.id, with_documents=with_documents, pictures=pictures, **wishes
    )
    return _told(screen, work, cancel, form, odds)


def _told(
    screen: Screen, work: Operation[Message], cancel: Cancel, form: Form, odds: list[Odds] | None = None
) -> Message:
    """Print an answer as it comes, or once it is checked, or why there is none; its sources and what it cost."""
    heard = False

    def on_event(event: Event) -> None:
        nonlocal heard
        if isinstance(event, TextAdded):
            heard = True
            if form == FREE:
                screen.piece(event.text)
            else:
                screen.progress("Writing …")
        elif isinstance(event, CheckerFailed):
            screen.complain(str(event.error))
        elif isinstance(event, TextHeld):
            screen.progress("Writing …")
        elif isinstance(event, TokenWeighed):
            if odds is not None:
                odds.append(event.odds)
        elif isinstance(event, SearchedFor):
            screen.aside(f"Searched for: {event.text}")
        elif isinstance(event, PassagesFound):
            screen.progress(f"{count(len(event.sources), 'passage')} found …")
        elif isinstance(event, PictureReached):
            screen.progress("Looking at the picture …")
        elif isinstance(event, SummaryBegun):
            screen.progress(f"Summing up {count(event.messages, 'earlier message')} …")
        else:
            screen.follow(event)

    message = carry_out(work, cancel, on_event)
    screen.clear_progress()
    if message.refused:
        (screen.say if form == FREE else screen.complain)(REFUSALS[message.refused])
    elif form == FREE and not heard:
        screen.piece(message.text)
    if form != FREE:
        return message
    screen.say()
    for source in message.sources:
        screen.source(source)
    screen.speed(message.speed)
    if message.context is not None and message.context.read:
        screen.aside(f"  {filled(message.context, message.speed)}")
    if message.note:
        screen.aside(f"  {message.note}")
    return message


def _finished(screen: Screen, form: Form, message: Message) -> int:
    """The exit status of an answer; one that is to have a form is printed."""
    if message.refused:
        return NOT_VALID if form != FREE else 0
    return finish(screen, form, message.text, message.judged)


def _taken(engine: Engine, screen: Screen, arguments: argparse.Namespace) -> list[Picture]:
    """The pictures of the command line, each once."""
    taken = []
    for path in arguments.image:
        cancel = Cancel()
        taken.append(carry_out(engine.pictures.take(path.expanduser().absolute(), cancel), cancel, screen.follow))
    arguments.image = []
    return taken


def _begun(engine: Engine, arguments: argparse.Namespace, form: Form) -> int:
    """The id of a new chat, set as the command line says."""
    chat = engine.chats.new()
    if arguments.when_full:
        engine.chats.set_when_full(chat.id, WhenFull(arguments.when_full))
    if form != FREE:
        engine.chats.set_form(chat.id, form)
    if arguments.think is not None:
        engine.chats.set_thinking(chat.id, arguments.think)
    return chat.id


def _converse(engine: Engine, screen: Screen, model: Model, arguments: argparse.Namespace, form: Form) -> int:
    screen.heading(model.name)
    if model.is_test or model.built_in:
        screen.say(TEST_MODEL if model.is_test else GUIDE)
    screen.aside(HELP)
    chat_id: int | None = None
    while True:
        screen.say()
        try:
            prompt = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            screen.say()
            return 0
        if prompt == "/quit":
            return 0
        if prompt == "/new":
            chat_id = None
            screen.aside("A new chat.")
        elif prompt.startswith("/") and (prompt != "/more" or chat_id is None):
            screen.aside(HELP)
        elif prompt:
            chat_id = _begun(engine, arguments, form) if chat_id is None else chat_id
            try:
                if prompt == "/more":
                    cancel = Cancel()
                    last = engine.chats.messages(chat_id)[-1]
                    message = _told(screen, engine.chats.go_on(last.id, cancel, model.id), cancel, form)
                else:
                    message = answer(
                        engine, screen, chat_id, prompt, model, with_documents=arguments.documents, form=form,
                        pictures=_taken(engine, screen, arguments), guess_ahead=arguments.guess_ahead, likeliest=0,
                    )  # fmt: skip
                _finished(screen, form, message)
            except Cancelled:
                screen.aside("Stopped.")
            except EngineError as error:  # the conversation goes on
                screen.complain(str(error), advice(error, engine))


def message_facts(message: Message) -> dict[str, Any]:
    """Everything the page shows of an answer in a chat."""
    pictures = [
        {"name": picture.name, "width": picture.width, "height": picture.height, "sha256": picture.digest}
        for picture in message.pictures
    ]
    bare = replace(message, pictures=())
    return {
        **as_json(bare), "sources": [source_facts(source) for source in message.sources], "pictures": pictures,
    }  # fmt: skip
