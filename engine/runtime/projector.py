"""The file with which a model sees: what of it can be known before llama.cpp reads it."""

from collections.abc import Sequence
from pathlib import Path

from engine.errors import ModelCannotSee, ModelDamaged, ProjectorNotForModel
from engine.runtime.gguf import read_facts
from engine.runtime.measures import File, identity
from engine.types import Model, ModelFacts, Turn

# For one picture at the size that projectors of 2025 and 2026 take: 4,096 patches, some of whose states are as wide as
# the feed-forward layer. An estimate: larger ones exist, and llama.cpp says what they would need.
LOOKING_BYTES = 320 << 20


NONE = "it is no projector: a model does not see with it"


def projector_facts(path: Path) -> ModelFacts:
    """What the header says. Raises `ModelDamaged` for what is no projector, `FileMissing`, `FileNotReadable`."""
    facts = read_facts(path)
    if facts.use != "vision":
        raise ModelDamaged(path=str(path), why=NONE)
    return facts


def must_fit(path: Path, model: Model) -> None:
    """Raise `ProjectorNotForModel` where a file is no projector, or one of other models; as `read_facts` for it."""
    facts = read_facts(path)
    if facts.use != "vision":
        raise ProjectorNotForModel(projector=path.name, model=model.name, why=NONE)
    if not fits(facts, model.facts):
        why = f"it makes rows of {facts.embedding} numbers of a picture, and the model takes {model.facts.embedding}"
        raise ProjectorNotForModel(projector=path.name, model=model.name, why=why)


def fits(projector: ModelFacts, model: ModelFacts) -> bool:
    """Whether what it makes of a picture is as wide as the model; some do not say."""
    return projector.embedding in (0, model.embedding)


def projector_bytes(path: Path) -> int:
    """The memory it needs beside its model. Raises as `projector_facts`."""
    return projector_facts(path).tensor_bytes + LOOKING_BYTES


def projector_for(model: Model, turns: Sequence[Turn]) -> File | None:
    """The projector, where there are pictures among the turns. Raises `ModelCannotSee`."""
    if not any(turn.pictures for turn in turns):
        return None
    if model.projector is None:
        raise ModelCannotSee(model=model.name)
    return identity(model.projector)
