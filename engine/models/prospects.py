"""Whether a model will fit and how fast it will be, for any way to load it: reckoned, and measured where it ran.

Writing a token goes through all active weights once, so how fast a model writes is how many bytes a second go through
this computer, by the bytes of the model. What goes through is learned from answers of other models here; before any was
written, it is guessed from its memory and its cores. Reading goes through the same weights for many tokens at once and
is held back by reckoning; it is scaled by the number of active weights. Of a model that has answered so loaded,
the estimate is still learned from the others, so that its error can be told.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from engine.loading import LoadOptions, fields_of, possible
from engine.models.pace import pace
from engine.models.ways_down import ways_down
from engine.operation import Cancel, Operation
from engine.runtime.paces import Ran, Speeds
from engine.types import Fit, Model, ModelFacts, Paces, Prospect, WaysDown

LEAST_BYTES = 16 << 20  # active ones; of smaller models most of the time goes elsewhere
OTHER_FORM = 1.0  # how far apart two models seem whose weights lie in other forms, in doublings of their size


class Prospects:
    """The prospects of one library's models. Every method from any thread."""

    def __init__(
        self,
        speeds: Speeds,
        everything: Callable[[], Iterable[Model]],
        need: Callable[[Model, LoadOptions], Fit],
    ) -> None:
        """`everything` gives all models of the library, `need` what one so loaded takes."""
        self._speeds, self._everything, self._need = speeds, everything, need
        self._guessed_per_s = 0.0

    def of(self, model: Model, options: LoadOptions) -> Prospect:
        """The prospect of a model, which need not be of the library, when it is loaded as `options` have it."""
        options = possible(options, model.facts)
        fit = self._need(model, options)
        here = tuple(self._everything())
        ways = WaysDown()
        if not fit.fits:
            loading = {**model.loading, **fields_of(options)}
            ways = ways_down(replace(model, loading=loading), [each for each in here if _serves(each)], options)
        measured = self._speeds.of(model, options)
        expected, like = self._expected(model, options, here, itself=not measured.writing)
        return Prospect(fit=fit, ways=ways, measured=measured, expected=expected, like=like)

    def written(self, options: LoadOptions) -> list[tuple[int, float]]:
        """Of each model that was measured here: the bytes that a token goes through, and how many tokens a second."""
        sizes = {
            each.id: each.facts.active_bytes
            for each in self._everything()
            if each.is_own and each.facts.active_bytes >= LEAST_BYTES
        }
        ran = [run for run in self._speeds.everything(options) if run.model_id in sizes and run.paces.writing]
        return [(sizes[run.model_id], run.paces.writing) for run in ran]

    @property
    def knows_pace(self) -> bool:
        """Whether `look_at_computer` has been done since the start."""
        return self._guessed_per_s > 0

    def look_at_computer(self, cancel: Cancel) -> Operation[float]:
        """How many bytes of weights a second this computer may go through; `of` reckons with it from then on.

        Takes some tenths of a second.
        """
        cancel.check()
        yield from ()
        self._guessed_per_s = pace(()).bytes_per_s
        return self._guessed_per_s

    def _expected(
        self, model: Model, options: LoadOptions, here: tuple[Model, ...], *, itself: bool
    ) -> tuple[Paces, str]:
        """What is to be expected, and of which model that was learned: another one, or `itself` loaded otherwise."""
        facts = model.facts
        if facts.active_bytes < LEAST_BYTES or facts.use != "chat":
            return Paces(), ""
        others = {
            each.id: each for each in here
            if (itself or each.id != model.id) and each.facts.active_bytes >= LEAST_BYTES
        }  # fmt: skip
        ran = [run for run in self._speeds.everything(options) if run.model_id in others]
        if not ran:
            return Paces(writing=self._guessed_per_s / facts.active_bytes), ""
        run = min(ran, key=lambda run: _distance(others[run.model_id].facts, facts))
        like = others[run.model_id]
        return _scaled(run, like.facts, facts), like.name


def _serves(model: Model) -> bool:
    return model.facts.use == "chat" and not model.missing


def _scaled(run: Ran, like: ModelFacts, facts: ModelFacts) -> Paces:
    """How fast a model will be, by how fast another one was."""
    return Paces(
        reading=run.paces.reading * _active_weights(like) / max(1.0, _active_weights(facts)),
        writing=run.paces.writing * like.active_bytes / facts.active_bytes,
    )


def _active_weights(facts: ModelFacts) -> float:
    """How many weights are gone through for a token, where all of them take as much room."""
    return facts.parameters * facts.active_bytes / facts.tensor_bytes


def _distance(one: ModelFacts, other: ModelFacts) -> float:
    """How unlike two models are, in doublings."""
    doublings = abs(math.log2(one.active_bytes / other.active_bytes))
    return doublings + (OTHER_FORM if one.quantization != other.quantization else 0)
