"""Serve `MakeModels`: write each test model that is not there yet."""

import os
from pathlib import Path

from engine import wire
from engine.errors import from_os_error
from engine.worker.desk import Desk, made
from engine.worker.testmodels.making import SHAPES, write


def main() -> None:
    """Serve until the engine lets go."""
    desk = Desk("test models")

    def make(request: wire.MakeModels) -> None:
        folder, paths = Path(request.folder), []
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for shape in SHAPES:
                path = folder / shape.file
                if not path.exists():
                    part = path.with_name(path.name + ".part")
                    try:
                        write(shape, part)
                        os.replace(part, path)
                    finally:
                        part.unlink(missing_ok=True)
                paths.append(str(path))
        except OSError as error:
            raise from_os_error(error, folder) from error
        desk.report(wire.ModelsMade(job=request.job, paths=tuple(paths)))

    desk.serve({wire.MakeModels: make}, given=lambda request: made(request.folder))


if __name__ == "__main__":
    main()
