"""`hanare compare`: one prompt to several models."""

import argparse
from collections.abc import Collection, Iterable
from typing import Any

from engine.cli.arguments import at_least_one, spoken
from engine.cli.chat import STATUS
from engine.cli.choosing import add_load_anyway, allow_load_anyway
from engine.cli.documents import source_facts
from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine
from engine.events import Event, ModelLoading, PromptRead, TextAdded, TrialMoved
from engine.types import Comparison, Model


def add_commands(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the command."""
    compare = commands.add_parser("compare", parents=[shared], help="one prompt to two or more models")
    compare.add_argument("prompt", type=spoken, metavar="PROMPT")
    compare.add_argument("--models", nargs="+", required=True, metavar="MODEL", help="names, numbers or paths")
    compare.add_argument("--documents", action="store_true", help="give every model the same passages to answer from")
    compare.add_argument(
        "--at-once", action="store_true", help="run them side by side; their speeds then disturb each other"
    )
    compare.add_argument(
        "--without-adapters", type=at_least_one, nargs="+", default=[], metavar="N",
        help="the N-th model answers without the adapters attached to it; so name a model twice to see what they do",
    )  # fmt: skip
    add_load_anyway(compare)
    compare.set_defaults(run=run_compare)


def run_compare(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Print each model's answer and what it cost."""
    models = [engine.models.find(name) for name in arguments.models]
    allow_load_anyway(engine, arguments, *models)
    comparison = compare(
        engine, screen, arguments.prompt, models, with_documents=arguments.documents, at_once=arguments.at_once,
        without_adapters=[number - 1 for number in arguments.without_adapters],
    )  # fmt: skip
    screen.document(comparison_facts(comparison))
    return max(STATUS.get(trial.state, 0) for trial in comparison.trials)


def compare(
    engine: Engine,
    screen: Screen,
    prompt: str,
    models: list[Model],
    *,
    with_documents: bool = False,
    at_once: bool = False,
    without_adapters: Collection[int] = (),
) -> Comparison:
    """Run a comparison and print it. The answers stream when they come one after the other."""
    cancel = Cancel()
    writing = -1

    def on_event(event: Event) -> None:
        nonlocal writing
        if not isinstance(event, TrialMoved):
            screen.follow(event)
        elif isinstance(event.event, TextAdded) and not at_once:
            if event.column != writing:
                screen.say("\n" if writing >= 0 else "")
                model = models[event.column]
                off = event.column in without_adapters
                screen.heading(
                    _titled(model.name, () if off else [(each.name, each.strength) for each in model.adapters])
                )
                writing = event.column
            screen.piece(event.event.text)
        elif isinstance(event.event, ModelLoading | PromptRead):
            screen.follow(event.event)

    work = engine.comparisons.run(
        prompt, [model.id for model in models], cancel, with_documents=with_documents, at_once=at_once,
        without_adapters=without_adapters,
    )  # fmt: skip
    comparison = carry_out(work, cancel, on_event)
    if at_once:
        for trial in comparison.trials:
            screen.say()
            screen.heading(_titled(trial.model, trial.adapters))
            screen.say(inert(trial.text))
    screen.say("\n")
    _table(screen, comparison)
    for source in comparison.sources:
        screen.source(source)
    return comparison


def _table(screen: Screen, comparison: Comparison) -> None:
    columns = ("Model", "First token", "Tokens/s", "Tokens", "Peak memory")
    titles = [_titled(trial.model, trial.adapters) for trial in comparison.trials]
    widest = max(len(columns[0]), *map(len, titles))
    screen.heading(f"{columns[0]:<{widest}}  {columns[1]:>12}  {columns[2]:>9}  {columns[3]:>7}  {columns[4]:>12}")
    for title, trial in zip(titles, comparison.trials, strict=True):
        speed = trial.speed
        if speed is None:
            screen.say(f"{title:<{widest}}  {trial.note or trial.state.value}")
            continue
        screen.say(
            f"{title:<{widest}}  {speed.first_token_s:>10.2f} s  {speed.tokens_per_s:>9.1f}  "
            f"{speed.tokens:>7}  {speed.peak_bytes / 1e6:>9.0f} MB"
        )


def _titled(model: str, adapters: Iterable[tuple[str, float]]) -> str:
    """A model and the adapters that work on it: "Ume + formal x0.5"."""
    return inert(" + ".join([model, *(f"{name} x{strength:g}" for name, strength in adapters if strength)]))


def comparison_facts(comparison: Comparison) -> dict[str, Any]:
    """Everything the page shows of a comparison."""
    return {**as_json(comparison), "sources": [source_facts(source) for source in comparison.sources]}
