"""Why an answer says what it says: how much less likely it is without each of the passages it was written from.

The answer is read again after its prompt with each passage left out (leave-one-out; Li, Monroe and Jurafsky,
"Understanding neural networks through representation erasure", 2016), so it costs one reading for each. Two passages
that say the same cover for each other: without either the answer stays likely.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.chat.answer import wanted_from
from engine.chat.prompt import from_passages
from engine.errors import TextNotAccepted
from engine.events import Progressed
from engine.operation import Cancel, Operation
from engine.runtime import Runtime
from engine.settings import Settings
from engine.types import Answer, Model, Scored, Share, Source, Why


@dataclass(frozen=True, slots=True)
class _Reading:
    """An answer, whose and how it is read."""

    runtime: Runtime
    answer: Answer
    model: Model
    settings: Settings
    cancel: Cancel

    def after(self, sources: Sequence[Source]) -> Operation[Scored]:
        """How likely it is where these passages are given."""
        turns = from_passages(self.settings.system_prompt, self.answer.question, sources)
        wanted = wanted_from(self.settings, self.model)
        answer = self.answer
        return self.runtime.score(self.model, turns, answer.text, answer.thoughts, wanted, self.cancel)


def why(runtime: Runtime, answer: Answer, model: Model, settings: Settings, cancel: Cancel) -> Operation[Why]:
    """What a written answer leans on. See `Chats.why`."""
    if answer.verbatim or not answer.text.strip() or not answer.sources:
        raise TextNotAccepted(what="An answer", value="weighed", why="only one that a model wrote from passages can be")
    reading, sources, total = _Reading(runtime, answer, model, settings, cancel), answer.sources, readings(answer)
    yield Progressed(done=0, total=total, unit="readings")
    whole = yield from reading.after(sources)
    gains: dict[int, float] = {}
    for done, left_out in enumerate(reversed(sources), start=1):  # what comes before it is still in the model's memory
        yield Progressed(done=done, total=total, unit="readings")
        without = yield from reading.after([one for one in sources if one is not left_out])
        gains[left_out.number] = whole.log_probability - without.log_probability
    yield Progressed(done=total - 1, total=total, unit="readings")
    bare = yield from reading.after(())
    return Why(
        shares=shared([(source, gains[source.number]) for source in sources]),
        gain=whole.log_probability - bare.log_probability, tokens=whole.tokens,
    )  # fmt: skip


def readings(answer: Answer) -> int:
    """How often the answer is read: with all passages, without each of them, and without any."""
    return len(answer.sources) + 2


def shared(gains: Sequence[tuple[Source, float]]) -> tuple[Share, ...]:
    """Gains as parts of the whole; one that is no gain has none."""
    whole = sum(max(gain, 0.0) for _, gain in gains)
    return tuple(
        Share(source=source, gain=gain, share=max(gain, 0.0) / whole if whole > 0 else 0.0) for source, gain in gains
    )
