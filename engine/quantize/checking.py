"""What is looked at before a model is made smaller: the recipe, and where the new file is to lie."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from engine.errors import FileMissing, ModelNotMade, TextNotAccepted
from engine.quantizations import QUANTIZATIONS, TENSOR_FORMS, Recipe
from engine.types import Model

USES = frozenset({"chat", "embedding", "reranking", "diffusion"})
LONGEST_PATTERN = 200


def check_recipe(recipe: Recipe, model: Model) -> None:
    """Raise `TextNotAccepted` for a wish that cannot be, `ModelNotMade` for a file that is no model of weights."""
    if model.facts.use not in USES:
        raise ModelNotMade(path=str(model.path), why="it is no model that could be made smaller")
    if recipe.quantization not in QUANTIZATIONS:
        why = f"there are {', '.join(QUANTIZATIONS)}"
        raise TextNotAccepted(what="A quantization", value=recipe.quantization, why=why)
    for form in filter(None, (recipe.output, recipe.embedding, *(form for _, form in recipe.tensors))):
        if form not in TENSOR_FORMS:
            raise TextNotAccepted(what="The form of a tensor", value=form, why=f"there are {', '.join(TENSOR_FORMS)}")
    for pattern, _ in recipe.tensors:
        _check_pattern(pattern)
    layers = model.facts.layers
    wrong = [layer for layer in recipe.pruned if not 0 <= layer < layers]
    if wrong:
        why = f"the model has {layers}, counted from 0"
        raise TextNotAccepted(what="A layer to leave out", value=wrong[0], why=why)
    if len(set(recipe.pruned)) >= layers > 0:
        raise TextNotAccepted(what="What is left out", value="everything", why="at least one layer has to stay")


def check_target(sources: Iterable[Path], to: Path) -> Path:
    """Where a file made from `sources` will lie.

    Raises `TextNotAccepted` where a file is already, `FileMissing` for its folder."""
    target = Path(os.path.abspath(to.expanduser()))
    for part in sources:
        with suppress(OSError):
            if os.path.samefile(part, target):
                why = "it is the file that it would be made from"
                raise TextNotAccepted(what="The new file", value=str(target), why=why)
    if os.path.lexists(target):
        raise TextNotAccepted(what="The new file", value=str(target), why="there is a file of this name already")
    if target.suffix.lower() != ".gguf":
        raise TextNotAccepted(what="The new file", value=str(target), why="its name has to end in .gguf")
    if not target.parent.is_dir():
        raise FileMissing(path=str(target.parent))
    return target


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
        usable = 0 < len(pattern) <= LONGEST_PATTERN and "\0" not in pattern
    except re.error:
        usable = False
    if not usable:
        raise TextNotAccepted(what="A pattern", value=pattern[:40] or "empty", why="it is no regular expression")
