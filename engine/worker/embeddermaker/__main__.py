"""Serve `MakeEmbedder`."""

import hashlib
import os
from pathlib import Path

from engine import wire
from engine.errors import from_os_error
from engine.worker.desk import Desk, made
from engine.worker.embedder.model import checked_folder
from engine.worker.embeddermaker.making import write

NAME = "all-MiniLM-L6-v2"


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("embedder maker")

    def make(request: wire.MakeEmbedder) -> None:
        def moved(done: int, total: int) -> None:
            desk.report(wire.Moved(job=request.job, done=done, total=total))

        folder, source = Path(request.folder), checked_folder()
        part = folder / f"{NAME}.part"
        try:
            for left in folder.glob(f"{NAME}*"):
                left.unlink()
            try:
                write(source, part, NAME, moved)
                with part.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                path = folder / f"{NAME}-{sha256[:16]}.gguf"
                os.replace(part, path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise from_os_error(error, folder) from error
        desk.report(wire.ModelsMade(job=request.job, paths=(str(path),)))

    desk.serve({wire.MakeEmbedder: make}, given=lambda request: made(request.folder))


if __name__ == "__main__":
    main()
