"""The model process for a model that sees: what clip.cpp reads and computes stays apart from all who only write."""

import os
from collections.abc import Callable
from typing import Any

from engine import wire
from engine.worker.model import process_limits
from engine.worker.model.__main__ import ModelDesk
from engine.worker.model.llama import Flag
from engine.worker.model.sight import Sight


class VisionDesk(ModelDesk):
    """A model's desk, whose model is given eyes."""

    def eyes(self, request: wire.Load, flag: Flag, threads: int) -> Callable[[Any], Sight] | None:
        """What gives them, once the model is in memory."""
        return lambda model: Sight(request.projector, model, threads, flag, request.context_tokens)


def main() -> None:
    """Run as `python -m engine.worker.vision`."""
    process_limits.be_expendable()
    process_limits.open_peak()
    for name in ("LLAMA_CPP_LIB_PATH", "MTMD_CPP_LIB"):
        os.environ.pop(name, None)
    VisionDesk("vision").serve()


if __name__ == "__main__":
    main()
