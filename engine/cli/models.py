"""`hanare models list|add|inspect|projector|remove`; the other files of this family have the rest."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli import (
    downloads,
    model_adapters,
    model_convert,
    model_finding,
    model_import,
    model_measure,
    model_options,
    model_quantize,
)
from engine.cli.arguments import at_least_one
from engine.cli.model_lines import model_facts, one_line, weights
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert, size
from engine.engine import Cancel, Engine
from engine.loading import options_of
from engine.types import Fit, ModelFacts

READS_AGAIN = {
    "anywhere": "what comes after a change, and nothing before it",
    "marks": "the last message where that is changed or answered anew; the whole chat where one further up is",
    "window": "as others; in a reopened chat, all of it where a message before the last one is changed",
}


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands of this family."""
    family = commands.add_parser("models", help="the models on this computer")
    actions = family.add_subparsers(dest="action", metavar="ACTION", required=True)

    listing = actions.add_parser("list", parents=[shared], help="every model Hanare knows")
    listing.set_defaults(run=run_list)

    add = actions.add_parser("add", parents=[shared], help="use a GGUF file where it lies; it is not copied")
    add.add_argument("path", type=Path, metavar="FILE")
    add.set_defaults(run=run_add)

    model_import.add_commands(actions, shared)

    inspect = actions.add_parser("inspect", parents=[shared], help="what a GGUF file is and what memory it needs")
    inspect.add_argument("model", metavar="MODEL", help="a file, or the name or number of a known model")
    inspect.add_argument("--context", type=at_least_one, metavar="TOKENS", help="reckon with this context length")
    inspect.set_defaults(run=run_inspect)

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
    if not models:
        screen.say("There are no models yet. Add one with: hanare models add FILE")
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


def run_inspect(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print what a file's header says and what it will need; nothing is loaded."""
    path, options, seeing_bytes = Path(arguments.model).expanduser(), options_of(engine.settings), 0
    if not path.is_file() and not arguments.model.lower().endswith(".gguf"):
        model = engine.models.find(arguments.model)
        path, options = model.path, engine.models.options(model)
        seeing_bytes = engine.models.need(model).seeing_bytes
    facts = engine.models.inspect(path.absolute())
    fit = engine.models.fit(facts, replace(options, context_tokens=arguments.context or options.context_tokens))
    fit = replace(fit, seeing_bytes=seeing_bytes)
    for name, value in described(facts, fit):
        screen.say(f"{name + ':':<18}{inert(value)}")
    screen.document({"path": str(path.absolute()), **as_json(facts), "fit": fit_facts(fit)})
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


def described(facts: ModelFacts, fit: Fit) -> list[tuple[str, str]]:
    """What a person wants to know of a model file, line by line."""
    verdict = "fits" if fit.fits else "does not fit"
    if facts.use == "adapter":
        return [
            ("Name", facts.name),
            ("Adapter for", f"models of the architecture {facts.architecture}"),
            ("Made from", facts.base or "the file does not say"),
            ("Weights", weights(facts.parameters).removesuffix(" weights")),
            ("Size", size(facts.size_bytes)),
            ("Memory", f"{size(facts.tensor_bytes)} on top of the model that it is attached to"),
        ]
    more = f", draft model {size(fit.draft_bytes)}" if fit.draft_bytes else ""
    more += f", {size(fit.seeing_bytes)} more where a picture is shown" if fit.seeing_bytes else ""
    return [
        ("Name", facts.name),
        ("Architecture", facts.architecture),
        ("Weights", weights(facts.parameters).removesuffix(" weights")),
        ("Quantization", facts.quantization),
        ("Size", size(facts.size_bytes)),
        ("Context length", f"{facts.context_tokens:,} tokens"),
        ("Layers", f"{facts.layers}, {facts.embedding} wide"),
        ("Vocabulary", f"{facts.vocabulary:,} tokens"),
        ("Reads again", READS_AGAIN[facts.goes_back]),
        ("Chat template", "in the file" if facts.template else "none in the file; a common one is used"),
        (
            "Memory",
            f"{size(fit.need_bytes)} for {fit.context_tokens:,} tokens of context (weights {size(fit.weights_bytes)}, "
            f"context {size(fit.context_bytes)}, working space {size(fit.working_bytes)}{more}); it {verdict} in the "
            f"{size(fit.free_bytes)} free now",
        ),
    ]


def fit_facts(fit: Fit) -> dict[str, Any]:
    """A reckoning of memory and its verdict."""
    return {**as_json(fit), "fits": fit.fits}
