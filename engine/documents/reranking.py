"""The engine's side of a reranking model: a question and texts go to its process, scores come back."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import wire
from engine.documents.kept_process import KeptProcess
from engine.documents.library_model import FindModel, loading
from engine.errors import Cancelled, EmbedderNotUsable
from engine.operation import Cancel
from engine.settings import Settings, reranker_in

THREADS = 0  # somebody waits for it: as many as the computer can spare
MOST = 30  # hits that are reordered


class Rerankers:
    """The reranking model that is chosen, where one is. From any thread."""

    def __init__(self, private: Path, settings: Callable[[], Settings], find: FindModel) -> None:
        self._private, self._settings, self._find = private, settings, find
        self._lock = threading.Lock()
        self._model_id = 0
        self._reranker: Reranker | None = None

    def chosen(self) -> "Reranker | None":
        """The one of the settings, not started yet; None where none is wanted."""
        model_id = reranker_in(self._settings().reranker)
        with self._lock:
            gone = self._reranker if model_id != self._model_id else None
            if model_id != self._model_id:
                load = loading(self._find, model_id, "reranking", THREADS)
                self._reranker = Reranker(self._private, load) if model_id else None
                self._model_id = model_id
            found = self._reranker
        if gone is not None:
            gone.close()
        return found

    def close(self) -> None:
        """End its process."""
        with self._lock:
            gone, self._reranker, self._model_id = self._reranker, None, 0
        if gone is not None:
            gone.close()


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
