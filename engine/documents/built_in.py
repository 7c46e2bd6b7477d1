"""The embedding model that Hanare comes with, as a GGUF file: found, or made from the installed package's weights.

The file's name ends in the beginning of its own SHA-256, so a damaged one is noticed when it is loaded.
"""

from pathlib import Path

from engine import wire
from engine.documents.embedding import THREADS
from engine.errors import EmbedderNotUsable
from engine.operation import Cancel
from engine.runtime.making import made

FILES = "*-f32-*.gguf"  # before, its matrices were written in 16 bits, which are slower; the vectors are the same


class BuiltIn:
    """The file, wherever it stands. From any thread."""

    def __init__(self, folder: Path, private: Path) -> None:
        self._folder, self._private = folder, private

    def load(self, cancel: Cancel) -> wire.Load:
        """What its process is told first. The file is made where it is not there, which takes some seconds.

        Raises `EmbedderNotUsable`, `DiskFull`, `FileNotReadable`, `WorkerDied`, `Cancelled`.
        """
        path = self._found() or self._made(cancel)
        return wire.Load(path=str(path), context_tokens=0, threads=THREADS)

    def loaded(self, report: wire.Loaded) -> None:
        """Raises `EmbedderNotUsable` where what was loaded is not what was made; the file is gone then."""
        path = self._found()
        if path is not None and not path.stem.endswith(f"-{report.sha256[:16]}"):
            path.unlink(missing_ok=True)
            raise EmbedderNotUsable(why="its file was damaged; it is made anew when it is next needed")

    def _found(self) -> Path | None:
        return next(iter(sorted(self._folder.glob(FILES))), None)

    def _made(self, cancel: Cancel) -> Path:
        request = wire.MakeEmbedder(folder=str(self._folder))
        paths = made("embedder maker", "engine.worker.embeddermaker", request, self._private, cancel)
        if not paths:
            raise EmbedderNotUsable(why="its file was not made")
        return paths[0]
