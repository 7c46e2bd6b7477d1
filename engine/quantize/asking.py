"""One job in a process of its own, which reads models and writes what is made of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from engine import wire
from engine.operation import Cancel, Hold
from engine.runtime.process import Process

KIND, MODULE = "quantizer", "engine.worker.quantizer"
NICENESS = 5  # as of a model that answers: the window and other programs come first


def asked(
    private: Path, request: wire.Message, cancel: Cancel, hold: Hold, module: str = MODULE,
    check: Callable[[], object] = lambda: None,
) -> Iterator[wire.Message]:  # fmt: skip
    """What it reports. It is ended by a Stop, and rests while `hold` is pressed. Raises as `Process.ask`.

    `check` is called while it starts. It is asked only where that raises nothing.
    """
    with (
        Process(KIND, module, private=private, niceness=NICENESS) as process,
        hold.calling(lambda resting: process.tell(wire.Pause(resting=resting))),
    ):
        try:
            check()
        except BaseException:
            process.end()
            raise
        yield from process.ask(request, cancel, stop_by_ending=True, job_to_blame=True)
