"""`hanare models inspect|fit`: what a model is, and whether it fits and how fast it will be.

Both work on files that are not in the library.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.cli.advice import ways_down_lines
from engine.cli.arguments import at_least_one
from engine.cli.card_lines import described, differing_line, prospect_lines
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine
from engine.loading import CACHES, LoadOptions, possible
from engine.types import Fit, Model


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    inspect = actions.add_parser("inspect", parents=[shared], help="what a GGUF file is, read without loading it")
    inspect.add_argument("model", metavar="MODEL", help="a file, or the name or number of a known model")
    inspect.add_argument("--context", type=at_least_one, metavar="TOKENS", help="reckon with this context length")
    inspect.add_argument("--tensors", action="store_true", help="list the tensors in another form than most")
    inspect.add_argument("--diff", action="store_true", help="show where the chat template differs from its original")
    inspect.add_argument("--sha256", action="store_true", help="read the whole file for its SHA-256")
    inspect.set_defaults(run=run_inspect)

    fit = actions.add_parser(
        "fit", parents=[shared], help="whether a model fits this computer, and how fast it will be"
    )
    fit.add_argument("model", metavar="MODEL", help="a file, or the name or number of a known model")
    fit.add_argument("--context", type=at_least_one, metavar="TOKENS", help="with this context length")
    fit.add_argument("--kv", choices=tuple(CACHES), metavar="TYPE", help=f"with this cache: {', '.join(CACHES)}")
    fit.set_defaults(run=run_fit)


def run_inspect(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print what a file's header says and what it will need; nothing is loaded."""
    model = _meant(engine, arguments.model)
    options = _options(engine, model, arguments.context, None)
    cancel = Cancel()
    known = carry_out(engine.models.cards.beside(model, cancel), cancel, screen.follow)
    if arguments.sha256:
        checksum = carry_out(engine.models.cards.reckon_checksum(model, cancel), cancel, screen.follow)
        known = replace(known, checksum=checksum)
    fit = engine.models.need(model, options)
    for name, value in described(model, known, fit):
        screen.say(f"{name + ':':<20}{inert(value)}")
    if arguments.tensors:
        screen.heading("In another form than most")
        for differing in known.card.differing:
            screen.say(inert(differing_line(differing)))
    if arguments.diff and known.template is not None:
        screen.heading("Chat template")
        for line in known.template.lines:
            screen.say(inert(line))
    screen.document({
        "path": str(model.path), **as_json(known.card.facts), "fit": fit_facts(fit),
        "card": {name: value for name, value in as_json(known.card).items() if name != "facts"},
        "template_diff": as_json(known.template), "checksum": as_json(known.checksum),
        "adapters": as_json(known.adapters), "repository": model.repository, "commit": model.commit,
    })  # fmt: skip
    return 0


def run_fit(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print whether a model fits and how fast it will be, so loaded, and what would fit where it does not."""
    model = _meant(engine, arguments.model)
    options = _options(engine, model, arguments.context, arguments.kv)
    if not engine.models.prospects.knows_pace:
        cancel = Cancel()
        carry_out(engine.models.prospects.look_at_computer(cancel), cancel, screen.follow)
    found = engine.models.prospects.of(model, options)
    for line in prospect_lines(model.facts, found):
        screen.say(inert(line))
    if not found.fit.fits:
        for line in ways_down_lines(found.ways):
            screen.say(inert(line))
    screen.document({
        "path": str(model.path), "context_tokens": found.fit.context_tokens, "key_cache": options.key_cache,
        "value_cache": options.value_cache, "fit": fit_facts(found.fit), "reckoned_bytes": found.fit.reckoned_bytes,
        "memory_error": found.memory_error, "expected": as_json(found.expected), "like": found.like,
        "measured": as_json(found.measured), "speed_error": found.speed_error,
        "ways": {"context_tokens": found.ways.context_tokens, "cache": found.ways.cache,
                 "model": found.ways.model.name if found.ways.model else "", "quantization": found.ways.quantization,
                 "quantized_bytes": found.ways.quantized_bytes},
    })  # fmt: skip
    return 0


def fit_facts(fit: Fit) -> dict[str, Any]:
    """A reckoning of memory and its verdict."""
    return {**as_json(fit), "fits": fit.fits}


def _meant(engine: Engine, text: str) -> Model:
    """The model of the library that is meant, or the file, as if it were of the library."""
    path = Path(text).expanduser()
    if path.is_file() or text.lower().endswith(".gguf"):
        return engine.models.cards.stranger(path)
    return engine.models.find(text)


def _options(engine: Engine, model: Model, context_tokens: int | None, cache: str | None) -> LoadOptions:
    options = engine.models.options(model)
    if context_tokens:
        options = replace(options, context_tokens=context_tokens)
    return possible(replace(options, key_cache=cache, value_cache=cache) if cache else options, model.facts)
