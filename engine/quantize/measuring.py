"""What a smaller model lost: it and the larger one read the same text, in a process of its own, and are compared.

What comes of it is kept, in figures; of the text only what it is called.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from engine import wire
from engine.errors import FileMissing, ModelsNotComparable, NothingToMeasureAgainst, from_os_error
from engine.events import Changed, ModelLoading
from engine.loading import LoadOptions
from engine.models import Models
from engine.models.rate import Rate
from engine.operation import Cancel, Hold, Operation
from engine.places import Places
from engine.quantize.asking import MODULE, asked
from engine.quantize.families import family
from engine.quantize.texts import Texts
from engine.runtime import gguf
from engine.store.costs import CostRows
from engine.types import Cost, CostSide, CostText, Family, Model

CHUNK_TOKENS = 512  # as llama-perplexity has it
ROW_COPIES_BYTES = 6  # for each word of the vocabulary at each place judged: a model's own number, and what is kept
KEPT = "expected"
SAMPLE = CostText()


class Measuring:
    """For one library. Every method from any thread."""

    def __init__(self, models: Models, costs: CostRows, texts: Texts, places: Places, module: str = MODULE) -> None:
        """`module` is what the process runs."""
        self._models, self._costs, self._texts, self._places, self._module = models, costs, texts, places, module

    def family(self, model_id: int) -> Family:
        """The models made of the same one as this, or of this, with what was measured. Raises `NotFound`."""
        model = self._models.get(model_id)
        return family(model, self._models.all(), self._costs.all())

    def measure(
        self, model_id: int, cancel: Cancel, *, against_id: int | None = None, text: CostText = SAMPLE,
        hold: Hold | None = None,
    ) -> Operation[Cost]:  # fmt: skip
        """Measure what a model lost against another, None for the large one of its family, and keep the figures.

        While `hold` is pressed the work rests; a Stop leaves nothing. Yields ModelLoading, Progressed(unit="tokens")
        and Changed("models"). Raises `NotFound`, `NothingToMeasureAgainst`, `ModelsNotComparable`, `FileMissing`,
        `ModelDamaged`, `ModelNotUsable`, `TextNotAccepted`, `NoRoomToMeasure`, `DiskFull`, `WorkerDied`,
        `WorkerSilent`, `Cancelled`, and what reading the text raises.
        """
        small = self._models.get(model_id)
        large = self._large(small) if against_id is None else self._models.get(against_id)
        _check(small, large)
        called = self._texts.called(text)
        words = self._texts.gathered(text, text.chunks * CHUNK_TOKENS, cancel)
        rate, measured = Rate("tokens"), None
        with self._folder(small, large) as to:
            request = wire.MeasureCost(
                path=str(small.path), against=str(large.path), text=words, chunks=text.chunks,
                chunk_tokens=CHUNK_TOKENS, to=to,
            )  # fmt: skip
            for report in asked(self._places.private, request, cancel, hold or Hold(), self._module):
                if isinstance(report, wire.Loading):
                    yield ModelLoading(model=small.name, fraction=report.fraction)
                elif isinstance(report, wire.Reading):
                    yield rate.progressed(report.done, report.total, "")
                elif isinstance(report, wire.CostMeasured):
                    measured = report
        assert measured is not None  # it is the last report of a job that has not failed
        cost = self._costs.keep(self._cost(small, large, called, measured))
        yield Changed(what="models")
        return cost

    # Its own affairs.

    def _large(self, model: Model) -> Model:
        large = self.family(model.id).large
        if large is None or large.id == model.id:
            raise NothingToMeasureAgainst(model=model.name)
        return large

    def _cost(self, small: Model, large: Model, called: str, found: wire.CostMeasured) -> Cost:
        one = CostSide(
            name=small.name, size_bytes=small.facts.size_bytes, perplexity=found.perplexity,
            reading_per_s=found.reading_per_s, writing_per_s=found.writing_per_s,
            memory_bytes=self._models.need(small).need_bytes,
        )  # fmt: skip
        other = replace(
            one, name=large.name, size_bytes=large.facts.size_bytes, perplexity=found.large_perplexity,
            reading_per_s=found.large_reading_per_s, writing_per_s=found.large_writing_per_s,
            memory_bytes=self._models.need(large).need_bytes,
        )  # fmt: skip
        return Cost(
            model_id=small.id, against_id=large.id, small=one, large=other, text=called, chunks=found.chunks,
            words=found.words, divergence=found.divergence, divergence_99=found.divergence_99, same=found.same,
            llama_cpp=version("llama-cpp-python"),
        )  # fmt: skip

    @contextmanager
    def _folder(self, small: Model, large: Model) -> Iterator[str]:
        """The file for what the large one expects, "" where both models fit into memory together."""
        if self._both_fit(small, large):
            yield ""
            return
        try:
            folder = tempfile.TemporaryDirectory(dir=self._places.private, prefix="measuring-")
        except OSError as error:
            raise from_os_error(error, self._places.private) from error
        with folder as name:
            yield str(Path(name) / KEPT)

    def _both_fit(self, small: Model, large: Model) -> bool:
        options = LoadOptions(context_tokens=CHUNK_TOKENS)
        fits = [self._models.fit(one.facts, options) for one in (small, large)]
        rows_bytes = CHUNK_TOKENS // 2 * large.facts.vocabulary * ROW_COPIES_BYTES
        return sum(one.need_bytes for one in fits) + 2 * rows_bytes <= fits[0].free_bytes


def _check(small: Model, large: Model) -> None:
    for model in (small, large):
        if model.missing:
            raise FileMissing(path=str(model.path))
        if model.facts.use != "chat":
            raise ModelsNotComparable(model=small.name, other=large.name, why=f"{model.name} writes no text")
        gguf.read_facts(model.path)
    if small.id == large.id:
        raise ModelsNotComparable(model=small.name, other=large.name, why="it is the same file")
    if small.facts.vocabulary != large.facts.vocabulary:
        raise ModelsNotComparable(model=small.name, other=large.name, why="they cut texts into other tokens")
