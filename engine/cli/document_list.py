"""`hanare documents list|remove|trash|restore|erase|meaning|reranker|checker`: what was added, and models."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine.cli.arguments import spoken
from engine.cli.documents import say_prepared
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import count, inert, size
from engine.engine import Cancel, Engine
from engine.errors import NotFound, TextNotAccepted
from engine.settings import BUILT_IN_WORDS, NO_CHECKER, NO_RERANKER
from engine.types import Document, DocumentState

WHICH = "a document's number or path, or a folder, which means every document below it"


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    family = commands.add_parser("documents", help="what was added to your documents, and their trash")
    actions = family.add_subparsers(dest="action", metavar="ACTION", required=True)
    for action, run, told in (
        ("list", run_list, "every document, those that could not be read with the reason"),
        ("trash", run_trash, "what was removed and can still be brought back"),
    ):
        actions.add_parser(action, parents=[shared], help=told).set_defaults(run=run)
    for action, run, told in (
        ("remove", run_remove, "put documents in the trash for 30 days; the files themselves stay"),
        ("restore", run_restore, "take documents out of the trash as they were"),
        ("erase", run_erase, "erase documents in the trash for good now; the files themselves stay"),
    ):
        command = actions.add_parser(action, parents=[shared], help=told)
        command.add_argument("documents", nargs="+", metavar="DOCUMENT", help=WHICH)
        command.set_defaults(run=run)

    for action, run, told, words in (
        ("meaning", run_meaning, "which model the search by meaning uses; another one reads your documents again",
         "built-in (by whichever library is faster), llama.cpp or sentence-transformers (built-in, by that one), or a "
         "model of yours (name, number or path)"),
        ("reranker", run_reranker, "which model puts the results in order", "none, or a model of yours"),
        ("checker", run_checker, "which model judges the sentences of answers", "none, or a model of yours"),
    ):  # fmt: skip
        command = actions.add_parser(action, parents=[shared], help=told)
        command.add_argument("model", nargs="?", type=spoken, metavar="MODEL", help=words)
        command.set_defaults(run=run)


def run_meaning(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the model for the search by meaning, have it read everything, and say which one it is."""
    if arguments.model:
        engine.change_settings(meaning_model=_setting(engine, arguments.model, "embedding", BUILT_IN_WORDS))
        cancel = Cancel()
        say_prepared(carry_out(engine.documents.embed(cancel), cancel, screen.follow), screen)
        screen.clear_progress()
    preparing, chosen = engine.documents.preparing(), _called(engine, engine.settings.meaning_model)
    library = engine.documents.library()
    screen.say(inert(f"The search by meaning uses: {chosen}"))
    if library:
        screen.say(inert(library.why))
    if not preparing.complete:
        screen.say(f"It has read {preparing.prepared} of {count(preparing.passages, 'passage')}.")
    screen.document(
        {
            "model": engine.settings.meaning_model, "name": chosen, "preparing": as_json(preparing),
            "library": as_json(library) if library else None,
        }
    )  # fmt: skip
    return 0


def run_reranker(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the model that puts results in order, and say which one it is."""
    if arguments.model:
        engine.change_settings(reranker=_setting(engine, arguments.model, "reranking", (NO_RERANKER,)))
    return _say_chosen(engine, screen, "Results are put in order by:", engine.settings.reranker)


def run_checker(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Choose the model that judges the sentences of answers, and say which one it is."""
    if arguments.model:
        engine.change_settings(checker=_setting(engine, arguments.model, "entailment", (NO_CHECKER,)))
    return _say_chosen(engine, screen, "Answers are checked by:", engine.settings.checker)


def _say_chosen(engine: Engine, screen: Screen, words: str, setting: str) -> int:
    chosen = _called(engine, setting)
    screen.say(inert(f"{words} {chosen}"))
    screen.document({"model": setting, "name": chosen})
    return 0


def _setting(engine: Engine, wanted: str, use: str, words: Sequence[str]) -> str:
    """The value of a setting that is one of `words` or a model for `use`. Raises `NotFound`, `TextNotAccepted`."""
    if wanted in words:
        return wanted
    model = engine.models.find(wanted)
    if model.facts.use != use:
        raise TextNotAccepted(what="The model", value=model.name, why=f"it is not for {use}")
    return str(model.id)


def _called(engine: Engine, setting: str) -> str:
    try:
        return engine.models.get(int(setting)).name if setting.isdigit() else setting
    except NotFound:
        return f"model {setting}, which is no longer in the library"


def run_list(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print every document."""
    return _print(engine.documents.all(), "There are no documents yet. Add some with: hanare index PATH", screen)


def run_trash(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print what lies in the trash."""
    return _print(engine.documents.trash(), "The trash is empty.", screen)


def run_remove(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Put documents in the trash."""
    return _done(engine.documents.all(), arguments, screen, "put in the trash", engine.documents.remove)


def run_restore(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Take documents out of the trash."""
    return _done(engine.documents.trash(), arguments, screen, "brought back", engine.documents.restore)


def run_erase(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Erase documents that lie in the trash."""

    def erase(ids: Sequence[int]) -> None:
        cancel = Cancel()
        carry_out(engine.documents.erase(ids, cancel), cancel, screen.follow)

    return _done(engine.documents.trash(), arguments, screen, "erased", erase)


def _done(
    among: Sequence[Document],
    arguments: argparse.Namespace,
    screen: Screen,
    told: str,
    act: Callable[[Sequence[int]], None],
) -> int:
    chosen: dict[int, Document] = {}
    for which in arguments.documents:
        found = [one for one in among if means(which, one)]
        if not found:
            raise NotFound(what="document", which=which)
        chosen |= {one.id: one for one in found}
    act(list(chosen))
    screen.say(f"{count(len(chosen), 'document')} {told}.")
    screen.document({"documents": [as_json(one) for one in chosen.values()]})
    return 0


def means(which: str, document: Document) -> bool:
    """Whether a number, a path or a folder names this document."""
    path = Path(which).expanduser().absolute()
    return which == str(document.id) or document.path == path or document.path.is_relative_to(path)


def _print(documents: Sequence[Document], nothing: str, screen: Screen) -> int:
    for document in documents:
        screen.say(inert(f"{document.id:>4}  {document.path}  ({_told(document)})"))
    if not documents:
        screen.say(nothing)
    screen.document({"documents": [as_json(document) for document in documents]})
    return 0


def _told(document: Document) -> str:
    removed = f", removed {document.deleted_at[:10]}" if document.deleted_at else ""
    if document.state is DocumentState.FAILED:
        return f"not read: {document.reason}{removed}"
    parts = [size(document.size_bytes), count(document.passages, "passage")]
    if document.pictures:
        parts.append(f"{count(document.pictures, 'page')} with text only as a picture")
    if document.by_ocr:
        parts.append(f"{count(document.by_ocr, 'page')} read by OCR")
    missing = "".join(f"; {reason}" for reason in (document.reason, document.ocr_failed) if reason)
    return f"{', '.join(parts)}{removed}{missing}"
