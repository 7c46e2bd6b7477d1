"""The scripted session of `hanare verify-offline`, in a process with a network of its own.

    python -m engine.cli.offline_session FOLDER ACTIONS

Does what a person does with Hanare, on a throw-away folder, and reads the kernel's counters after every action;
then starts planted leaks, which have to raise them. Each step is told as one line of JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import EngineError
from engine.privacy import witness

if TYPE_CHECKING:
    from engine.engine import Engine

ANSWER_TOKENS = 24  # enough to see a model write
LEAK_S = 30.0
QUERIES = ("quantization memory", "importance matrix", "バックアップ", "stolen laptop")
QUESTIONS = ("How much memory does a model take?", "量子化すると何が変わりますか?", "What is a good backup?")
Action = tuple[str, Callable[[], object]]


def main() -> int:
    """Step aside before anything is imported that starts threads; 1 with the reason where that is not possible."""
    folder, actions = Path(sys.argv[1]), int(sys.argv[2])
    try:
        witness.step_aside()
        session(folder, actions)
    except EngineError as error:
        tell(failed=error.code, facts=error.facts)
        return 1
    for name, leak in witness.LEAKS.items():
        tell(leak=name, raised=planted(leak))
    return 0


def session(folder: Path, actions: int) -> None:
    """Tell of each action what it raised; the first is the start of the engine itself."""
    before = witness.counted()
    tell(before=before)
    from engine.engine import Engine, Places  # what an import tries is counted too

    with Engine.open(Places(folder / "data")) as engine:
        engine.change_settings(answer_tokens=ANSWER_TOKENS)
        tell(action="open the store", raised=witness.raised(before, witness.counted()))
        for name, act in islice(_script(engine), actions):
            before = witness.counted()
            act()
            tell(action=name, raised=witness.raised(before, witness.counted()))
    tell(after=witness.counted())


def planted(leak: str) -> dict[str, int]:
    """What a process that tries to get out raises."""
    before = witness.counted()
    subprocess.run(
        [sys.executable, "-I", "-c", leak], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LEAK_S,
        check=False,
    )  # fmt: skip
    return witness.raised(before, witness.counted())


def tell(**what: Any) -> None:
    """One line for the command that started this."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _script(engine: "Engine") -> Iterator[Action]:
    """First what makes the folder worth using, then the rest over and over."""
    yield "add the sample documents", _work(engine.documents.add, paths=(engine.places.samples,))
    yield "prepare search by meaning", _work(engine.documents.embed)
    yield "make two test models", _work(engine.models.make_test_models)
    models = [model.id for model in engine.models.for_chat()]
    acts = (_searching(engine), _asking(engine), _chatting(engine, models[0]), _comparing(engine, models))
    while True:
        for act in acts:
            yield next(act)


def _searching(engine: "Engine") -> Iterator[Action]:
    page = engine.documents.all()[0].id
    for query in cycle(QUERIES):
        yield "search", _work(engine.documents.search, query=query, wait=True)
        yield "open a page", partial(engine.documents.page, page, 1)


def _asking(engine: "Engine") -> Iterator[Action]:
    for question in cycle(QUESTIONS):
        yield "ask for quotes", _work(engine.chats.ask, question=question, model_id=None, wait=True)


def _chatting(engine: "Engine", model_id: int) -> Iterator[Action]:
    for question in cycle(QUESTIONS):
        chat = engine.chats.new().id
        send = partial(_work, engine.chats.send, chat_id=chat, text=question, model_id=model_id)
        yield "chat", send()
        yield "chat with documents", send(with_documents=True)
        yield "put the chat in the trash", partial(engine.chats.delete, chat)
        yield "take it out again", partial(engine.chats.restore, chat)


def _comparing(engine: "Engine", models: list[int]) -> Iterator[Action]:
    for question in cycle(QUESTIONS):
        yield "compare two models", _work(engine.comparisons.run, prompt=question, model_ids=models[:2])


def _work(operation: Callable[..., Any], **values: Any) -> Callable[[], object]:
    """The operation, to be begun and carried to its end when it is its turn."""

    def act() -> object:
        from engine.engine import Cancel, finish

        return finish(operation(cancel=Cancel(), **values))

    return act


if __name__ == "__main__":
    sys.exit(main())
