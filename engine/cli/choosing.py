"""Which model a command means."""

import argparse

from engine.engine import Engine
from engine.errors import NoModel
from engine.types import Model

GUIDE = (
    "The built-in guide knows Hanare, and quotes the sentences of your documents that fit best. "
    "For more, see: hanare models recommended"
)


def chosen_model(engine: Engine, wanted: str | None) -> Model | None:
    """The model named by the person, else the newest of their own that is in its place, else the guide, else None.

    A test model is used only when it is named, for what it writes is noise; so is a stage of the guide.
    """
    if wanted is not None:
        return engine.models.find(wanted)
    real = [model for model in engine.models.for_chat() if not model.is_test and not model.is_stage]
    return max(real, key=lambda model: (model.is_own, model.added_at, model.id), default=None)


def model_for_chat(engine: Engine, wanted: str | None) -> Model:
    """As `chosen_model`, but a test model rather than none. Raises `NoModel` without any."""
    model = chosen_model(engine, wanted)
    if model is None:
        model = next(iter(engine.models.for_chat()), None)
    if model is None:
        raise NoModel
    return model


def add_load_anyway(command: argparse.ArgumentParser) -> None:
    """Declare the wish to load a model that does not fit."""
    command.add_argument(
        "--load-anyway", action="store_true", help="load the model even where it needs more memory than is free"
    )


def allow_load_anyway(engine: Engine, arguments: argparse.Namespace, *models: Model | None) -> None:
    """Heed that wish for these models."""
    for model in models:
        if arguments.load_anyway and model is not None:
            engine.runtime.load_anyway(model.id)
