"""A model in one line, and as a document for programs."""

from typing import Any

from engine.cli.printing import as_json
from engine.cli.wording import count, inert, size
from engine.types import Model


def one_line(model: Model) -> str:
    """A model in one line of a list."""
    facts = model.facts
    note = f", adapter for {facts.architecture} models" if facts.use == "adapter" else ""
    note += ", comes with Hanare" if model.built_in else ""
    note += ", its file is missing" if model.missing else ", sees pictures" if model.projector else ""
    return inert(
        f"{model.id:>3}  {model.name}  "
        f"({weights(facts.parameters)}, {facts.quantization}, {size(facts.size_bytes)}{note})"
    )


def weights(parameters: int) -> str:
    """A number of weights as people say it."""
    for unit, scale in (("billion", 1e9), ("million", 1e6), ("thousand", 1e3)):
        if parameters >= scale:
            return f"{parameters / scale:.1f} {unit} weights"
    return count(parameters, "weight")


def model_facts(model: Model) -> dict[str, Any]:
    """Everything the page shows of a model."""
    return {**as_json(model), "built_in": model.built_in}
