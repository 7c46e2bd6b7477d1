"""Which model a command means."""

from engine.engine import Engine
from engine.errors import NoModel
from engine.types import Model


def chosen_model(engine: Engine, wanted: str | None) -> Model | None:
    """The model named by the person, else the newest real one that is in its place, else None.

    A test model is used only when it is named: what it writes is noise.
    """
    if wanted is not None:
        return engine.models.find(wanted)
    real = [model for model in engine.models.for_chat() if not model.is_test]
    return max(real, key=lambda model: (model.added_at, model.id), default=None)


def model_for_chat(engine: Engine, wanted: str | None) -> Model:
    """As `chosen_model`, but a test model rather than none. Raises `NoModel` without any."""
    model = chosen_model(engine, wanted)
    if model is None:
        model = next(iter(engine.models.for_chat()), None)
    if model is None:
        raise NoModel
    return model
