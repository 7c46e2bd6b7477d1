"""`hanare models list|add|stages|set|projector|remove`; the rest is in files of its own."""

import argparse
from pathlib import Path
from typing import Any

from engine.cli import (
    downloads,
    model_adapters,
    model_card,
    model_convert,
    model_finding,
    model_import,
    model_measure,
    model_options,
    model_quantize,
    model_token,
)
from engine.cli.model_lines import model_facts, one_line
from engine.cli.printing import Screen, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine

COMPARE_STAGES = 'Compare with: hanare compare PROMPT --models "{earliest}" "Built-in guide"'


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    family = commands.add_parser("models", help="the models on this computer")
    actions = family.add_subparsers(dest="action", metavar="ACTION", required=True)

    listing = actions.add_parser("list", parents=[shared], help="every model Hanare knows")
    listing.set_defaults(run=run_list)

    add = actions.add_parser("add", parents=[shared], help="use a GGUF file where it lies; it is not copied")
    add.add_argument("path", type=Path, metavar="FILE")
    add.set_defaults(run=run_add)

    stages = actions.add_parser(
        "stages", parents=[shared], help="have the built-in guide as it was while it learned, to compare it with"
    )
    stages.set_defaults(run=run_stages)

    model_import.add_commands(actions, shared)
    model_card.add_commands(actions, shared)

    change = actions.add_parser(
        "set", parents=[shared], help="how a model is loaded: its context, its cache, when it leaves",
        description=model_options.DESCRIPTION,
    )  # fmt: skip
    change.add_argument("model", metavar="MODEL", help="name, number or path")
    change.add_argument("options", nargs="*", metavar="OPTION=VALUE", help="none shows how it is loaded now")
    change.set_defaults(run=model_options.run_set)
    model_adapters.add_commands(actions, shared)
    model_quantize.add_commands(actions, shared)
    model_measure.add_commands(actions, shared)
    model_convert.add_commands(actions, shared)

    model_finding.add_commands(actions, shared)
    downloads.add_commands(actions, shared)
    model_token.add_commands(actions, shared)

    projector = actions.add_parser("projector", parents=[shared], help="the file with which a model sees pictures")
    projector.add_argument("model", metavar="MODEL", help="name, number or path")
    projector.add_argument(
        "file", nargs="?", metavar="FILE", help='choose it: a file, "none", or "auto" for the one beside the model'
    )
    projector.set_defaults(run=run_projector)

    remove = actions.add_parser("remove", parents=[shared], help="forget a model; files of your own stay on disk")
    remove.add_argument("model", metavar="MODEL", help="name, number or path")
    remove.set_defaults(run=run_remove)


def run_list(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print every model with what it is."""
    models = engine.models.all()
    for model in models:
        screen.say(one_line(model))
        for line in model_adapters.attached_lines(model):
            screen.say(line)
    if all(model.built_in for model in models):
        screen.say("There are no models of your own yet. Add one with: hanare models add FILE")
        screen.say("See what suits this computer with: hanare models recommended")
    unfinished = engine.downloads.all()
    if unfinished:
        screen.heading("Downloads")
    for download in unfinished:
        screen.say(downloads.one_download(download))
    if unfinished:
        screen.say("Go on with them with: hanare models resume")
    facts = [model_facts(model) for model in models]
    screen.document({"models": facts, "downloads": [downloads.download_facts(one) for one in unfinished]})
    return 0


def run_add(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Check a file and remember where it lies."""
    cancel = Cancel()
    model = carry_out(engine.models.add(arguments.path.expanduser().absolute(), cancel), cancel, screen.follow)
    screen.say(f"Added: {one_line(model)}")
    screen.document(model_facts(model))
    return 0


def run_stages(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Add the earlier stages of the guide, and show them."""
    cancel = Cancel()
    models = carry_out(engine.models.stages.add(cancel), cancel, screen.follow)
    for model in models:
        screen.say(one_line(model))
    screen.say(
        COMPARE_STAGES.format(earliest=models[0].name) if models else "The built-in guide came without earlier stages."
    )
    screen.document({"models": [model_facts(model) for model in models]})
    return 0


def run_projector(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Say with which file a model sees, or choose one."""
    model = engine.models.find(arguments.model)
    if arguments.file is not None:
        path = None if arguments.file in ("none", "auto") else Path(arguments.file).expanduser().absolute()
        model = engine.models.choose_projector(model.id, path, by_itself=arguments.file == "auto")
    if model.projector is None:
        screen.say(inert(f"{model.name} sees no pictures: there is no projector for it."))
    else:
        screen.say(inert(f"{model.name} sees pictures with {model.projector}"))
    screen.document(model_facts(model))
    return 0


def run_remove(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Forget a model."""
    model = engine.models.find(arguments.model)
    engine.models.remove(model.id)
    screen.say(f"Removed: {inert(model.name)}")
    screen.document(model_facts(model))
    return 0
