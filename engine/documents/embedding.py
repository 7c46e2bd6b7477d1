"""The engine's side of an embedding model: texts go to its process, unit vectors come back.

A model in a GGUF file is run by llama.cpp, the one that Hanare comes with also by sentence-transformers.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import arrays as np
from engine import wire
from engine.documents.kept_process import IDLE_S, KeptProcess
from engine.documents.meaning import Floats
from engine.errors import EmbedderNotUsable, EngineError
from engine.operation import Cancel

# The name under which vectors are kept: the model and the beginning of the hash of its weights.
NAME = "all-MiniLM-L6-v2 53aa5117"
THREADS = 1  # two beside another busy program are ten times slower than one


class Embedder:
    """Turns texts into unit vectors in a process of its own."""

    def __init__(
        self,
        private: Path,
        load: Callable[[Cancel], wire.Load] | None = None,
        *,
        loaded: Callable[[wire.Loaded], None] = lambda _: None,
        module: str = "",
        idle_s: float = IDLE_S,
    ) -> None:
        """`load` says which GGUF file; without it, the model that Hanare comes with is run by sentence-transformers.

        `loaded` hears of each load, and raises where the file will not do. `module` runs in place of both.
        """
        if load is None or module:
            module = module or "engine.worker.embedder"
            self._kept = KeptProcess(private, "embedder", module, idle_s=idle_s)
        else:
            self._kept = KeptProcess(
                private, "encoder", "engine.worker.encoder", load, loaded=loaded, idle_s=idle_s
            )  # fmt: skip
        self.cut = 0  # texts so far that were longer than the model reads

    @property
    def warm(self) -> bool:
        """Whether it can answer at once."""
        return self._kept.warm

    @property
    def trouble(self) -> EngineError | None:
        """Why it could not be made warm the last time."""
        return self._kept.trouble

    def warm_up(self, texts: Sequence[str] = ()) -> None:
        """Start it on the side and have it read `texts`, unless it is starting or running."""
        self._kept.warm_up(lambda cancel: self.vectors(texts, cancel))

    def let_go(self) -> None:
        """Give its memory back now; it is started again when it is next needed."""
        self._kept.let_go()

    def vectors(self, texts: Sequence[str], cancel: Cancel, *, question: bool = False) -> Floats:
        """One unit vector a text, as rows. With `question` the texts are questions.

        Raises `EmbedderNotUsable`, `ModelNotUsable`, `WorkerDied`, `Cancelled`.
        """
        found: list[Floats] = []

        def heard(report: wire.Message) -> None:
            if isinstance(report, wire.Embedded):
                found.append(_unpacked(report, len(texts)))
                self.cut += report.cut

        try:
            self._kept.ask(wire.Embed(texts=tuple(texts), question=question), cancel, heard)
        except ValueError as error:
            raise EmbedderNotUsable(why="it sent vectors of another shape") from error
        if not found:
            cancel.check()
            raise EmbedderNotUsable(why="it sent no vectors")
        return found[0]

    def close(self) -> None:
        """End the process and whatever waits."""
        self._kept.close()


def _unpacked(report: wire.Embedded, count: int) -> Floats:
    """The vectors of a report. Raises `ValueError` for anything but `count` rows of finite numbers."""
    numbers = np.frombuffer(base64.b64decode(report.vectors, validate=True), "<f4")
    if not np.isfinite(numbers).all():
        raise ValueError("not a number")
    return numbers.reshape(count, report.dimensions).astype(np.float32)
