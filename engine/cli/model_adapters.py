"""`hanare models attach|detach`: which adapters work on a model, and how strongly."""

import argparse
from typing import Any

from engine.cli.printing import Screen, as_json, carry_out
from engine.cli.wording import inert
from engine.engine import Cancel, Engine
from engine.types import Model


def add_commands(actions: Any, shared: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    attach = actions.add_parser(
        "attach", parents=[shared], help="have a LoRA adapter work on a model, or change how strongly it does"
    )
    attach.add_argument("model", metavar="MODEL", help="name, number or path of the model")
    attach.add_argument("adapter", metavar="ADAPTER", help="name, number or path of the adapter; add its file first")
    attach.add_argument(
        "--strength", type=float, default=1.0, metavar="S", help="from -2 to 2; 0 is off (default: 1, as trained)"
    )
    attach.set_defaults(run=run_attach)

    detach = actions.add_parser("detach", parents=[shared], help="take an adapter off a model; its file stays")
    detach.add_argument("model", metavar="MODEL", help="name, number or path of the model")
    detach.add_argument("adapter", metavar="ADAPTER", help="name, number or path of the adapter")
    detach.set_defaults(run=run_detach)


def run_attach(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Attach an adapter and print what works on the model now."""
    model, adapter = engine.models.find(arguments.model), engine.models.find(arguments.adapter)
    cancel = Cancel()
    work = engine.models.adapters.attach(model.id, adapter.id, cancel, arguments.strength)
    _tell(screen, carry_out(work, cancel, screen.follow))
    return 0


def run_detach(engine: Engine, arguments: argparse.Namespace, screen: Screen) -> int:
    """Take an adapter off and print what works on the model now."""
    model, adapter = engine.models.find(arguments.model), engine.models.find(arguments.adapter)
    _tell(screen, engine.models.adapters.detach(model.id, adapter.id))
    return 0


def attached_lines(model: Model) -> list[str]:
    """One line for each adapter that works on a model."""
    return [
        inert(f"     + {adapter.name}  (adapter, {strength_words(adapter.strength)})"
              f"{', its file is missing' if adapter.missing else ''}")
        for adapter in model.adapters
    ]  # fmt: skip


def strength_words(strength: float) -> str:
    """ "strength 0.5", "off"."""
    return f"strength {strength:g}" if strength else "off"


def _tell(screen: Screen, model: Model) -> None:
    screen.say(inert(model.name))
    for line in attached_lines(model) or ["     no adapter is attached"]:
        screen.say(line)
    screen.document(as_json(model))
