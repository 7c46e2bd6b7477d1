"""Making a model smaller: what it would take, what matters in it, and the new file.

The work is done by a process of its own, which is given the model to read and an empty folder to write in. Nothing
has a model's name before it is whole. Where it came from is kept in the store: the file is as llama-quantize writes it.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from engine import wire
from engine.errors import DiskFull, FileMissing
from engine.events import Changed, Event, ModelLoading, Progressed
from engine.models import Models
from engine.models.cards import mark_of
from engine.models.rate import Rate
from engine.operation import Cancel, Hold, Operation
from engine.places import Places
from engine.quantizations import QUANTIZATIONS, Recipe
from engine.quantize.asking import MODULE, asked
from engine.quantize.checking import check_recipe, check_target
from engine.quantize.folder import beside, given_name
from engine.quantize.naming import named
from engine.quantize.targets import Targets
from engine.quantize.texts import Texts
from engine.runtime import gguf
from engine.types import Importance, Made, Model, PreviewedSize

CHUNK_TOKENS = 512  # as llama-imatrix has it
PLAIN = Recipe()
PART, MATRIX = "new.gguf", "importance.gguf"
OWN_TEXT = "own text"  # all that a file says of whose text a matrix was measured with: files are passed on


class Quantizing:
    """For one library. Every method from any thread; several models may be made at once."""

    def __init__(self, models: Models, texts: Texts, places: Places, module: str = MODULE) -> None:
        """`module` is what the process runs. `targets` keeps all who make models here from making two of one name."""
        self._models, self._texts, self._places, self._module = models, texts, places, module
        self.targets = Targets(places.models)

    def preview(
        self,
        model_id: int,
        cancel: Cancel,
        recipe: Recipe = PLAIN,
        *,
        weighed: bool = False,
        quantizations: Sequence[str] = tuple(QUANTIZATIONS),
    ) -> Operation[tuple[PreviewedSize, ...]]:
        """What a model would take in each of `quantizations`, the rest being as `recipe` has it; nothing is written.

        `weighed`: with an importance matrix. By llama.cpp's own rules, to the byte for a model in one file and with
        all layers. Yields Progressed(unit="sizes"). Raises `NotFound`, `ModelDamaged`, `FileMissing`, `ModelNotMade`,
        `TextNotAccepted`, `WorkerDied`, `Cancelled`.
        """
        model = self._source(model_id, recipe)
        request = wire.PreviewSizes(
            path=str(model.path), **_wishes(recipe), quantizations=tuple(quantizations), weighed=weighed
        )
        found: list[PreviewedSize] = []
        for report in self._asked(request, model, cancel, Hold()):
            if isinstance(report, wire.SizePreviewed):
                found.append(PreviewedSize(
                    quantization=report.quantization, size_bytes=report.size_bytes, needs_matrix=report.needs_matrix,
                    otherwise=report.otherwise, why=report.why,
                ))  # fmt: skip
                yield Progressed(done=len(found), total=len(quantizations), unit="sizes", now=report.quantization)
        return tuple(found)

    def measure(
        self, model_id: int, wish: Importance, to: Path, cancel: Cancel, hold: Hold | None = None
    ) -> Operation[int]:
        """Measure which of a model's weights text uses, and keep that in the file `to`; of how many pieces it was.

        Yields ModelLoading and Progressed(unit="tokens"). Raises as `quantize`.
        """
        parts = gguf.parts_of(self._source(model_id, Recipe()).path)
        with self.targets.taken(check_target(parts, to)) as target, beside(target) as folder:
            part, chunks = yield from self._measured(model_id, wish, folder, cancel, hold or Hold())
            given_name(part, target)
        return chunks

    def quantize(
        self, model_id: int, recipe: Recipe, cancel: Cancel, *, importance: Importance | None = None,
        to: Path | None = None, hold: Hold | None = None,
    ) -> Operation[Model]:  # fmt: skip
        """Make a model anew by `recipe`, and add it to the library; the one it is made from stays as it is.

        It lies in the models folder, or in the file `to`, which must not be there yet. While `hold` is pressed the work
        rests; a Stop leaves nothing. Yields ModelLoading and Progressed(unit="tokens") for an importance matrix, then
        Progressed(unit="bytes"), and Changed("models"). Raises `TextNotAccepted`, `NotFound`, `ModelDamaged`,
        `FileMissing`, `FileNotReadable`, `ModelNotMade`, `MatrixNeeded`, `MatrixNotUsable`, `NotEnoughRoom`,
        `DiskFull`, `WorkerDied`, `WorkerSilent`, `Cancelled`, and what reading the text raises.
        """
        hold = hold or Hold()
        model = self._source(model_id, recipe)
        name = named(model.name, recipe.quantization)
        with self.targets.named(gguf.parts_of(model.path), name, to) as target, beside(target) as folder:
            matrix, chunks, called = None, 0, ""
            if importance is not None:
                called = self._called(importance)
                if importance.text is None:
                    matrix = importance.path
                else:
                    matrix, chunks = yield from self._measured(model_id, importance, folder, cancel, hold)
            part = folder / PART
            sha256 = yield from self._made(model, recipe, part, matrix, cancel, hold)
            facts = gguf.facts_of(target, gguf.headers_of(part))
            given_name(part, target)
            made = Made(
                parent_id=model.id, parent=model.name, parent_sha256=sha256, recipe=recipe, importance=called,
                chunks=chunks, llama_cpp=version("llama-cpp-python"),
            )  # fmt: skip
            kept = self._models.keep_made(target, name if to is None else target.stem, made, facts)
        yield Changed(what="models")
        return kept

    # Its own affairs.

    def _source(self, model_id: int, recipe: Recipe) -> Model:
        model = self._models.get(model_id)
        if model.missing:
            raise FileMissing(path=str(model.path))
        check_recipe(recipe, model)
        return model

    def _called(self, importance: Importance) -> str:
        if importance.text is None:
            return importance.path.name if importance.path else ""
        return self._texts.called(importance)

    def _measured(
        self, model_id: int, wish: Importance, folder: Path, cancel: Cancel, hold: Hold
    ) -> Generator[Event, None, tuple[Path, int]]:
        model, to = self._models.get(model_id), folder / MATRIX
        text = self._texts.gathered(wish, wish.chunks * CHUNK_TOKENS, cancel)
        request = wire.MeasureImportance(
            path=str(model.path), to=str(to), text=text, chunks=wish.chunks, chunk_tokens=CHUNK_TOKENS, called=OWN_TEXT
        )
        rate, chunks = Rate("tokens"), 0
        for report in self._asked(request, model, cancel, hold):
            if isinstance(report, wire.Loading):
                yield ModelLoading(model=model.name, fraction=report.fraction)
            elif isinstance(report, wire.Reading):
                yield rate.progressed(report.done, report.total, "")
            elif isinstance(report, wire.ImportanceMeasured):
                chunks = report.chunks
        return to, chunks

    def _made(
        self, model: Model, recipe: Recipe, part: Path, matrix: Path | None, cancel: Cancel, hold: Hold
    ) -> Generator[Event, None, str]:
        """The SHA-256 of what it was made from: what is known, else reckoned beside the work and kept for the next."""
        cards, mark = self._models.cards, mark_of(model.path)
        checksum = cards.known_checksum(model)
        known = checksum.files[0][1] if checksum else ""
        request = wire.Quantize(
            path=str(model.path), to=str(part), **_wishes(recipe), quantization=recipe.quantization,
            matrix=str(matrix) if matrix else "", hashes=not known,
        )  # fmt: skip
        rate, sha256 = Rate(), known
        for report in self._asked(request, model, cancel, hold):
            if isinstance(report, wire.Moved):
                yield rate.progressed(report.done, report.total, "")
            elif isinstance(report, wire.Quantized):
                sha256 = known or report.sha256
        if not known and model.facts.parts == 1:
            with suppress(DiskFull):  # then it is reckoned again the next time
                cards.keep_checksum(model, mark, ((model.path.name, sha256),))
        return sha256

    def _asked(self, request: wire.Message, model: Model, cancel: Cancel, hold: Hold) -> Iterator[wire.Message]:
        """What a process reports of a model. Its file is checked while the process starts, before llama.cpp sees it."""
        check = partial(gguf.read_facts, model.path)
        return asked(self._places.private, request, cancel, hold, self._module, check)


def _wishes(recipe: Recipe) -> dict[str, Any]:
    """The fields of a recipe but for its quantization, for a message."""
    return {name: value for name, value in asdict(recipe).items() if name != "quantization"}
