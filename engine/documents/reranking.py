"""The engine's side of a reranking model: a question and texts go to its process, scores come back."""

from collections.abc import Callable, Sequence
from pathlib import Path

from engine import wire
from engine.documents.chosen_model import ChosenModel
from engine.documents.kept_process import KeptProcess
from engine.documents.library_model import FindModel, loading
from engine.errors import Cancelled, EmbedderNotUsable
from engine.operation import Cancel
from engine.settings import Settings, reranker_in

THREADS = 0  # somebody waits for it: as many as the computer can spare
MOST = 30  # hits that are reordered


class Reranker:
    """Says how well texts answer a question, in a process of its own."""

    def __init__(self, private: Path, load: Callable[[Cancel], wire.Load]) -> None:
        """`load` says which GGUF file."""
        self._kept = KeptProcess(private, "encoder", "engine.worker.encoder", load)

    @property
    def warm(self) -> bool:
        """Whether it can answer at once."""
        return self._kept.warm

    def warm_up(self) -> None:
        """Start it on the side, unless it is starting or running."""
        self._kept.warm_up(lambda cancel: self.scores("", (), cancel))

    def scores(self, question: str, texts: Sequence[str], cancel: Cancel) -> tuple[float, ...]:
        """A score for each text, the higher the better, on a scale of the model's own.

        Raises `EmbedderNotUsable`, `ModelNotUsable`, `WorkerDied`, `Cancelled`.
        """
        found: list[tuple[float, ...]] = []

        def heard(report: wire.Message) -> None:
            if isinstance(report, wire.Reranked):
                found.append(report.scores)

        self._kept.ask(wire.Rerank(question=question, texts=tuple(texts)), cancel, heard)
        if not found:
            raise Cancelled
        if len(found[0]) != len(texts):
            raise EmbedderNotUsable(why="it rated other texts than it was asked for")
        return found[0]

    def close(self) -> None:
        """End the process and whatever waits."""
        self._kept.close()


class Rerankers(ChosenModel[Reranker]):
    """The reranking model that is chosen, where one is."""

    def __init__(self, private: Path, settings: Callable[[], Settings], find: FindModel) -> None:
        def make(model_id: int) -> Reranker:
            return Reranker(private, loading(find, model_id, "reranking", THREADS))

        super().__init__(lambda: reranker_in(settings().reranker), make)
