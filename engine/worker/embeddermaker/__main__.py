"""Serve `MakeEmbedder`."""

import hashlib
import os
from pathlib import Path

from engine import wire
from engine.errors import from_os_error
from engine.worker.desk import Desk, made
from engine.worker.embedder.model import checked_folder
from engine.worker.embeddermaker.making import write

NAME, FORM = "all-MiniLM-L6-v2", "f32"


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("embedder maker")

    def make(request: wire.MakeEmbedder) -> None:
        def moved(done: int, total: int) -> None:
            desk.report(wire.Moved(job=request.job, done=done, total=total))

        folder, source = Path(request.folder), checked_folder()
        part = folder / f"{NAME}.part"
        try:
            try:
                write(source, part, NAME, moved)
                with part.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                path = folder / f"{NAME}-{FORM}-{sha256[:16]}.gguf"
                os.replace(part, path)
            finally:
                part.unlink(missing_ok=True)
            for left in folder.glob(f"{NAME}*"):
                if left != path:
                    left.unlink()
        except OSError as error:
            raise from_os_error(error, folder) from error
        desk.report(wire.ModelsMade(job=request.job, paths=(str(path),)))

    desk.serve({wire.MakeEmbedder: make}, given=lambda request: made(request.folder))


if __name__ == "__main__":
    main()
