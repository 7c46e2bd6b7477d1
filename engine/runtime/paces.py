"""How fast each model has been on this computer, by how it was loaded: learned from its answers.

Answers of a few tokens tell little, and those with guesses more than the model itself can; both are passed over. A
faster answer counts at once and a slower one only in part, for a computer has other things to do at times.
"""

import contextlib
from typing import NamedTuple

from engine.errors import EngineError
from engine.loading import LoadOptions
from engine.runtime.peaks import computer, file_of, key_of
from engine.store.models import ModelRows
from engine.types import Model, Paces, Speed

LEAST_WRITTEN, LEAST_READ = 16, 64  # tokens
FALL = 0.2  # what a slower answer counts against those before


class Ran(NamedTuple):
    """How fast a model of the library was."""

    model_id: int
    paces: Paces
    on_card: bool


class Speeds:
    """Kept with the models in the store. Every method from any thread."""

    def __init__(self, rows: ModelRows) -> None:
        """`rows` keep them."""
        self._rows = rows
        self._computer = computer()

    def of(self, model: Model, options: LoadOptions) -> Paces:
        """How fast this model was when it was so loaded."""
        reading, writing = self._rows.speed(model.id, self._computer, key_of(model, options), file_of(model))
        return Paces(reading=reading, writing=writing)

    def everything(self, options: LoadOptions) -> tuple[Ran, ...]:
        """How fast the models here were; only with a graphics card, or only without, as is to be expected so loaded."""
        ran = [
            Ran(model_id, Paces(reading=reading, writing=writing), bool(on_card))
            for model_id, reading, writing, on_card in self._rows.speeds(self._computer)
        ]
        on_card = options.gpu_layers != 0 and any(run.on_card for run in ran)
        return tuple(run for run in ran if run.on_card is on_card and run.paces.writing)

    def keep(self, model: Model, options: LoadOptions, speed: Speed, *, on_card: bool) -> None:
        """An answer was written so fast. Where it cannot be kept, the next one will tell."""
        before = self.of(model, options)
        writes = speed.tokens >= LEAST_WRITTEN and not speed.guessed
        reads = speed.prompt_tokens - speed.reused_tokens >= LEAST_READ
        writing = _learned(before.writing, speed.tokens_per_s if writes else 0.0)
        reading = _learned(before.reading, speed.reading_tokens_per_s if reads else 0.0)
        if (reading, writing) == (before.reading, before.writing):
            return
        with contextlib.suppress(EngineError):
            self._rows.keep_speed(
                model.id, self._computer, key_of(model, options), file_of(model), reading, writing, on_card=on_card
            )


def _learned(before: float, now: float) -> float:
    if not now:
        return before
    return max(now, before + FALL * (now - before))
