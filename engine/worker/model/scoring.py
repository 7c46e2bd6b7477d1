"""How likely an answer is that is there already: it is read after its prompt, and each of its tokens is weighed.

It has its part of the steps as any answer has, so it holds up nobody else and hears Stop. A step weighs no more of its
tokens than it could have guesses: what is kept of a row is one number, and there are never many rows at a time.
"""

from collections.abc import Callable

from engine import wire
from engine.worker.model.aside import common_length
from engine.worker.model.generation import Generation
from engine.worker.model.loaded_model import LoadedModel
from engine.worker.model.memory import Strand
from engine.worker.model.sampler import finite, log_probabilities
from engine.worker.model.template import Picture
from engine.worker.model.threads import Used


class Scoring(Generation):
    """Does one `wire.Score` and reports `Reading` and `Scored`."""

    def __init__(self, model: LoadedModel, report: Callable[[wire.Message], None], request: wire.Score) -> None:
        """Raises `PromptTooLong` where prompt and answer have no room."""
        written = wire.Generate(
            job=request.job, messages=request.messages, thinking=request.thinking, strengths=request.strengths,
            begun=request.text, begun_thoughts=request.thoughts, temperature=0.0,
        )  # fmt: skip
        super().__init__(model, report, written)
        asked = model.vocabulary.tokens([part for part in self._asked if not isinstance(part, Picture)])
        at = max(1, common_length(asked, self.tokens, min(len(asked), len(self.tokens))))
        self._answer = self.tokens[at:]
        self.tokens = self.tokens[: max(at, len(self.tokens) - 1)]  # nothing is asked after the last one
        self._prompt_tokens = len(self.tokens)
        self._from = at - 1
        self._log_probability, self._weighed = 0.0, 0

    @property
    def may_be_held(self) -> list[int]:
        """The prompt: what comes after its last token has to be seen."""
        return self.tokens[: self._from + 1]

    @property
    def weighed_from(self) -> int:
        """The last token of the prompt: after it comes the answer."""
        return self._from

    def begin(self, strand: Strand) -> None:
        """Read the answer from its first token on, also where that had begun and had to make room."""
        self._log_probability, self._weighed = 0.0, 0
        super().begin(strand)

    def pick(self, row: int) -> str:
        """Weigh what comes after row `row` of the step just done and after those behind it; "end" after the last."""
        assert self.strand
        rows = len(self.strand.held) - self._from - self._weighed
        for number, token in enumerate(self._answer[self._weighed :][:rows]):
            values = log_probabilities(self._model.context, row + number, self._model.vocabulary.size)
            self._log_probability += finite(values[token])
        self._weighed = min(self._weighed + rows, len(self._answer))
        self.tell()
        return "end" if len(self.strand.held) == len(self.tokens) else ""

    def finish(self, end: str, read: Used, written: Used) -> None:
        """Report the sum, or that it was stopped."""
        if end == "stopped":
            self._report(wire.Failed(job=self.job, code="Cancelled"))
            return
        self._report(
            wire.Scored(
                job=self.job, log_probability=self._log_probability, tokens=len(self._answer),
                prompt_tokens=self._from + 1, reused_tokens=self._reused or 0,
            )
        )  # fmt: skip
