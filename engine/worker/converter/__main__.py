"""Serve `Convert`, one job in a process."""

import os
from pathlib import Path

from engine import wire
from engine.errors import CheckpointNotUsable
from engine.worker.converter import adapter, making
from engine.worker.converter.sources import Damaged, Sources
from engine.worker.desk import Desk, made
from engine.worker.model import process_limits


def main() -> None:
    """Serve until the engine lets go."""
    process_limits.be_expendable()
    os.environ.pop("LLAMA_CPP_LIB_PATH", None)
    desk = Desk("converter")

    def convert(request: wire.Convert) -> None:
        def moved(done: int, total: int) -> None:
            desk.report(wire.Moved(job=request.job, done=done, total=total))

        sources, to = Sources(request.folder, request.files), Path(request.to)
        try:
            if request.base:
                size_bytes, tried = adapter.made(sources, to, Path(request.base), request.name, moved), 0
            else:
                size_bytes, tried = making.made(sources, to, request.form, request.name, request.repository, moved)
        except Damaged as error:
            raise CheckpointNotUsable(path=request.folder, why=str(error)) from error
        desk.report(wire.Converted(job=request.job, size_bytes=size_bytes, texts=tried))

    def given(request: wire.Convert) -> tuple[str, ...]:
        base = (request.base,) if request.base else ()
        return (*request.files.values(), *base, *made(os.path.dirname(request.to)))

    desk.serve({wire.Convert: convert}, given=given)


if __name__ == "__main__":
    main()
