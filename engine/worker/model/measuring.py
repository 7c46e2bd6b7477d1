"""How many tokens texts have, and the template around them, without a word being decoded."""

from collections.abc import Sequence

from engine import wire
from engine.worker.model.generation import BYTES_PER_TOKEN, MOST_BYTES_PER_TOKEN
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.template import Picture, Turns, pictures_of, thoughts_left_out

_SHORT = "a"


def measured(model: LoadedModel, request: wire.Measure) -> wire.Measured:
    """The answer to `request`. A text that is far too long is estimated, not read.

    The frame is what the template makes of one and of two exchanges of one letter each.
    """
    turns = thoughts_left_out(request.messages)
    one = _frame(model, ["user"])
    two = _frame(model, ["user", "assistant", "user"])
    turn_tokens = max(0, (two - one + 1) // 2)
    return wire.Measured(
        job=request.job,
        tokens=tuple(_count(model, turn["content"]) + _seen(model, turn) for turn in turns),
        turn_tokens=turn_tokens,
        fixed_tokens=max(0, one - turn_tokens),
    )


def _frame(model: LoadedModel, roles: Sequence[str]) -> int:
    """How many tokens a chat has beside those of its words."""
    turns: Turns = [{"role": role, "content": _SHORT} for role in roles]
    parts, _ = model.template.render(turns)
    written = [part for part in parts if not isinstance(part, Picture)]
    return len(model.vocabulary.tokens(written)) - len(roles) * _count(model, _SHORT)


def _seen(model: LoadedModel, turn: dict[str, str]) -> int:
    """The tokens of the pictures of a turn."""
    return sum(model.sight.count(width, height) for _, width, height in pictures_of(turn)) if model.sight else 0


def _count(model: LoadedModel, text: str) -> int:
    if len(text) > model.context_tokens * MOST_BYTES_PER_TOKEN:
        return len(text) // BYTES_PER_TOKEN
    return model.vocabulary.count(text)
