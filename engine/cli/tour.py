"""`hanare tour`: everything Hanare does, once, on the sample documents, with real output.

It works in a folder of its own that is thrown away at the end, unless `--data` names one.
Fails when a step fails, so it is also the shortest proof that an installation works.
"""

import argparse
import contextlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from engine.cli import advice
from engine.cli.ask import ask
from engine.cli.chat import answer as answer_in_chat
from engine.cli.choosing import GUIDE
from engine.cli.compare import compare
from engine.cli.documents import search
from engine.cli.model_lines import one_line
from engine.cli.printing import Screen, carry_out
from engine.cli.wording import count
from engine.engine import Cancel, Engine, Places
from engine.errors import EngineError
from engine.events import DocumentSettled, Event
from engine.privacy.keys import open_key
from engine.types import DocumentState, MessageState, Model
from engine.walls import shut

ANSWER_TOKENS = 150  # enough for what the guide knows; what a test model writes is noise anyway
GUIDE_QUESTIONS = ("How do I add my documents?", "バックアップはどこにありますか？")
QUESTIONS = ("What is the commonest loss of private data?", "バックアップはどこに置きますか")


class StepFailed(Exception):
    """A step of the tour did not do what it promises; the text says which and how."""


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    tour = commands.add_parser("tour", parents=[shared], help="see everything once, on the sample documents")
    tour.set_defaults(run=run_tour)


def run_tour(arguments: argparse.Namespace, screen: Screen) -> int:
    """Play every step; 1 when one fails, and the rest is still played."""
    began = time.monotonic()
    with _place(arguments, screen) as places, Engine.open(places) as engine, _short_answers(engine):
        shut("command")
        failed = _play(engine, screen)
    seconds = time.monotonic() - began
    screen.say()
    if failed:
        screen.complain(f"{count(len(failed), 'step')} of the tour failed: {', '.join(failed)}.")
    else:
        screen.heading(f"That was the tour ({seconds:.0f} s).")
        _what_next(screen)
    screen.document({"seconds": round(seconds, 1), "failed": failed})
    return 1 if failed else 0


@contextlib.contextmanager
def _place(arguments: argparse.Namespace, screen: Screen) -> Iterator[Places]:
    chosen: Path | None = getattr(arguments, "data", None)
    screen.heading("Hanare: a private assistant on your own computer")
    if chosen is not None:
        screen.say(f"This tour keeps what it makes in {chosen}.")
        yield Places(chosen.expanduser().absolute())
        return
    places = Places(Path(tempfile.mkdtemp(prefix="hanare-tour-")))
    screen.say("This tour works in a folder of its own, which is removed at the end. Nothing leaves this computer.")
    try:
        places.make()
        open_key(places, find=lambda _: None)  # in the folder: nothing of the tour may stay behind in the keychain
        yield places
    finally:
        shutil.rmtree(places.data, ignore_errors=True)


@contextlib.contextmanager
def _short_answers(engine: Engine) -> Iterator[None]:
    before = engine.settings.answer_tokens
    engine.change_settings(answer_tokens=ANSWER_TOKENS)
    try:
        yield
    finally:
        engine.change_settings(answer_tokens=before)


def _play(engine: Engine, screen: Screen) -> list[str]:
    models: list[Model] = []
    guide = next((model for model in engine.models.for_chat() if model.is_guide), None)
    steps: tuple[tuple[str, Callable[[], None]], ...] = (
        ("Reading the sample documents", lambda: _index(engine, screen)),
        ("Searching, with no model at all", lambda: _search(engine, screen)),
        ("Asking: the answer is quotes, each with its file and page", lambda: _ask(engine, screen)),
        ("Making two test models", lambda: models.extend(_make_models(engine, screen))),
        ("Chatting", lambda: _chat(engine, screen, guide, models)),
        ("Comparing two models", lambda: _compare(engine, screen, guide, models)),
    )
    failed = []
    for number, (title, step) in enumerate(steps, start=1):
        screen.say()
        screen.heading(f"{number}. {title}")
        try:
            step()
        except EngineError as error:
            screen.complain(str(error), advice.advice(error))
            failed.append(title)
        except StepFailed as error:
            screen.complain(str(error))
            failed.append(title)
    return failed


def _index(engine: Engine, screen: Screen) -> None:
    cancel = Cancel()

    def on_event(event: Event) -> None:
        screen.follow(event)
        if isinstance(event, DocumentSettled):
            document = event.document
            if document.state is DocumentState.FAILED:
                screen.say(f"   {document.reason}")
            else:
                pages = f"{count(document.pages, 'page')}, " if document.pages > 1 else ""
                screen.say(f"   {document.path.name} ({pages}{count(document.passages, 'passage')})")

    report = carry_out(engine.documents.add((engine.places.samples,), cancel), cancel, on_event)
    carry_out(engine.documents.embed(cancel), cancel, screen.follow)
    counts = engine.documents.counts()
    screen.say(
        f"   {count(counts.documents, 'document')}, {count(counts.passages, 'passage')}, "
        f"{counts.embedded} searchable by meaning as well as by words."
    )
    if report.failed or not counts.documents or counts.embedded < counts.passages:
        raise StepFailed("Not every sample document was read in full.")


def _search(engine: Engine, screen: Screen) -> None:
    for query in ("importance matrix", "stolen laptop", "量子化"):
        screen.say(f"   hanare search {query!r}")
        hits = search(engine, screen, query, Cancel(), limit=2).hits
        if not hits:
            raise StepFailed(f"Nothing was found for {query!r}.")
        for hit in hits:
            screen.hit(hit)


def _ask(engine: Engine, screen: Screen) -> None:
    for question in QUESTIONS:
        screen.say(f"   hanare ask {question!r}")
        answer = ask(engine, screen, question, Cancel(), model_id=None)
        if not answer.quotes:
            raise StepFailed(f"No quote answers {question!r}.")


def _make_models(engine: Engine, screen: Screen) -> tuple[Model, ...]:
    cancel = Cancel()
    models = carry_out(engine.models.make_test_models(cancel), cancel, screen.follow)
    for model in models:
        screen.say(f"   {one_line(model)}")
    screen.say(
        "   These are real models for the machinery, with random weights: what they write is noise.\n"
        "   A real one, from disk or from the Hugging Face hub, takes their place in the same way."
    )
    if len(models) < 2:
        raise StepFailed("The test models could not be made.")
    return models


def _chat(engine: Engine, screen: Screen, guide: Model | None, models: list[Model]) -> None:
    model = guide or next(iter(models), None)
    if model is None:
        raise StepFailed("There is no model to chat with.")
    if guide is not None:
        screen.say(f"   {GUIDE}")
    for prompt in GUIDE_QUESTIONS if guide else ("What is a detached room good for?",):
        screen.say(f"   hanare chat {prompt!r} --model {model.id}")
        message = answer_in_chat(engine, screen, engine.chats.new().id, prompt, model)
        if message.state not in (MessageState.COMPLETE, MessageState.CUT) or not message.text:
            raise StepFailed(f"The answer ended early: {message.note or message.state.value}.")


def _compare(engine: Engine, screen: Screen, guide: Model | None, models: list[Model]) -> None:
    models = [guide, *models] if guide else models
    if len(models) < 2:
        raise StepFailed("There are no two models to compare.")
    if guide is not None:
        screen.say(
            "   The guide quotes the sentences that fit best; beside it stands a model that has learned nothing."
        )
    prompt = "What leaves the computer?"
    screen.say(f"   hanare compare {prompt!r} --documents --models {models[0].id} {models[1].id}")
    comparison = compare(engine, screen, prompt, models[:2], with_documents=True)
    if any(trial.state not in (MessageState.COMPLETE, MessageState.CUT) for trial in comparison.trials):
        raise StepFailed("A model did not finish its answer.")


def _what_next(screen: Screen) -> None:
    for does, command in (
        ("Open the window", "hanare"),
        ("Add your own documents", "hanare index ~/Documents"),
        ("Use a model file you have", "hanare models add FILE.gguf"),
        ("Fetch a model from the Hugging Face hub", "hanare models get REPOSITORY FILE"),
        ("See what else there is", "hanare --help"),
    ):
        screen.say(f"   {does + ':':<42}{command}")
