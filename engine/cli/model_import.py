"""`hanare models import`: use models that lie on this computer already, mostly because other programs fetched them."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.cli.model_lines import model_facts, one_line, weights
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert, size
from engine.engine import Cancel, Engine
from engine.errors import NotFound
from engine.types import ModelElsewhere

ABOUT = (
    "Looks into the folders of LM Studio, Jan, GPT4All, Ollama and the Hugging Face cache, or into FOLDER and "
    "all below it. Without --take or --all it only shows what is there. Files are used where they lie: nothing is "
    "copied, and the other program keeps them."
)


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    take = actions.add_parser(
        "import", parents=[shared], help="use models that other programs have on this computer", description=ABOUT
    )
    take.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="look there (default: other programs')")
    which = take.add_mutually_exclusive_group()
    which.add_argument("--take", nargs="+", default=[], metavar="MODEL", help="use these: names or paths as shown")
    which.add_argument("--all", action="store_true", help="use all that can be used")
    take.set_defaults(run=run_import)


def run_import(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Show what was found, or add what is wanted of it."""
    cancel = Cancel()
    found = carry_out(engine.elsewhere.find(cancel, arguments.folder), cancel, screen.follow)
    if not (arguments.all or arguments.take):
        for program in dict.fromkeys(one.program for one in found):
            screen.heading(program or inert(str(arguments.folder)))
            for one in (one for one in found if one.program == program):
                screen.say(_line(one))
        screen.say(_advice(found, arguments.folder))
        screen.document({"found": [as_json(one) for one in found]})
        return 0
    models = []
    for one in _wanted(found, arguments.take):
        models.append(carry_out(engine.elsewhere.take(one, cancel), cancel, screen.follow))
        screen.say(f"Added: {one_line(models[-1])}")
    screen.document({"models": [model_facts(model) for model in models]})
    return 0


def _wanted(found: Sequence[ModelElsewhere], names: Sequence[str]) -> list[ModelElsewhere]:
    """Those named, or all that can be used and are not there yet. Raises `NotFound`."""
    if not names:
        return [one for one in found if one.facts is not None and not one.known]
    wanted = []
    for name in names:
        meant = [one for one in found if name in (one.name, str(one.path))]
        if not meant:
            raise NotFound(what="model", which=name)
        wanted += meant
    return wanted


def _line(one: ModelElsewhere) -> str:
    if one.facts is None:
        return inert(f"  {one.name}  cannot be used: {one.why}")
    note = f", in the library as number {one.known}" if one.known else ""
    note += ", sees pictures" if one.projector else ""
    facts = one.facts
    note = f"  {one.name}  ({weights(facts.parameters)}, {facts.quantization}, {size(one.size_bytes)}{note})"
    return inert(note)


def _advice(found: Sequence[ModelElsewhere], folder: Path | None) -> str:
    usable = sum(one.facts is not None and not one.known for one in found)
    if not found:
        return "There are no GGUF files." if folder else "No other program has models here. Name a FOLDER to look into."
    if not usable:
        return "Nothing there is new."
    return "Use them with --all, or some with --take NAME. They stay where they are."
