"""The engine's side of an entailment model: pairs of texts go to its process, what one is to the other comes back.

Such a model was trained for natural language inference (NLI): whether what is said follows from what stands
there, contradicts it, or neither.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine import wire
from engine.documents.chosen_model import ChosenModel
from engine.documents.kept_process import KeptProcess
from engine.documents.library_model import FindModel, loading
from engine.documents.words import mostly_cjk
from engine.errors import Cancelled, CheckerNotUsable
from engine.operation import Cancel
from engine.runtime.gguf_labels import order_of
from engine.settings import Settings, checker_in

THREADS = 0  # somebody waits for it: as many as the computer can spare


class Relation(NamedTuple):
    """How likely it is that a text follows from another, has nothing to do with it, or contradicts it."""

    entailment: float
    neutral: float
    contradiction: float


UNTOLD = Relation(0.0, 1.0, 0.0)  # the model does not read the language
Relate = Callable[[Sequence[tuple[str, str]]], Sequence[Relation]]


class Entailer:
    """Judges texts by others, in a process of its own."""

    def __init__(self, private: Path, load: Callable[[Cancel], wire.Load]) -> None:
        """`load` says which GGUF file."""
        self._reads_japanese = False
        self._kept = KeptProcess(private, "encoder", "engine.worker.encoder", load, loaded=self._heard)

    def relations(self, pairs: Sequence[tuple[str, str]], cancel: Cancel) -> tuple[Relation, ...]:
        """What the second text of each pair is to the first.

        Raises `CheckerNotUsable`, `ModelNotUsable`, `WorkerDied`, `Cancelled`.
        """
        found: list[wire.Classified] = []

        def heard(report: wire.Message) -> None:
            if isinstance(report, wire.Classified):
                found.append(report)

        self._kept.ask(wire.Classify(pairs=tuple(pairs)), cancel, heard)
        if not found:
            raise Cancelled
        order = order_of(found[0].labels)
        if order is None:
            raise CheckerNotUsable(why="its labels are not entailment, neutral and contradiction")
        if len(found[0].rows) != len(pairs):
            raise CheckerNotUsable(why="it judged other texts than it was asked about")
        return tuple(
            Relation(*(row[at] for at in order)) if self._reads_japanese or not mostly_cjk(said) else UNTOLD
            for row, (_, said) in zip(found[0].rows, pairs, strict=True)
        )

    def close(self) -> None:
        """End the process and whatever waits."""
        self._kept.close()

    def _heard(self, report: wire.Loaded) -> None:
        self._reads_japanese = report.reads_japanese


class Entailers(ChosenModel[Entailer]):
    """The entailment model that is chosen, where one is."""

    def __init__(self, private: Path, settings: Callable[[], Settings], find: FindModel) -> None:
        def make(model_id: int) -> Entailer:
            return Entailer(private, loading(find, model_id, "entailment", THREADS))

        super().__init__(lambda: checker_in(settings().checker), make)
