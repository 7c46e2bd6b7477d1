"""What the tests of downloads share: files to fetch, and downloads that were stopped in the middle."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager

import psutil

from engine.events import DownloadNoted, Event, Progressed
from engine.models import Models
from engine.operation import Cancel
from engine.places import Places
from engine.types import Model
from tests.fakes.gguf_bytes import Row, model_bytes, weighed
from tests.fakes.hub import FakeHub

REPOSITORY, FILE = "someone/Model-GGUF", "model-Q8_0.gguf"
MOST_AGAIN_BYTES = 8 << 20  # that a kill may cost
SMALL = model_bytes()
LARGE = weighed(model_bytes(rows=[Row("token_embd.weight", (1024, 5 * 1024))]))  # 20 MiB


def told(download: Generator[Event, None, Model]) -> tuple[list[DownloadNoted], Model]:
    """What a download had to say beside how far it was, and the model."""
    notes: list[DownloadNoted] = []
    while True:
        try:
            event = next(download)
        except StopIteration as end:
            return notes, end.value
        if isinstance(event, DownloadNoted):
            notes.append(event)


def left_over(places: Places) -> list[str]:
    """What lies in the models folder besides whole models."""
    return sorted(path.name for path in places.models.iterdir() if path.suffix != ".gguf")


def fetcher_pid() -> int:
    """The process that downloads now."""
    (found,) = [
        child.pid for child in psutil.Process().children() if "engine.worker.fetcher" in " ".join(child.cmdline())
    ]
    return found


@contextmanager
def stalled(hub: FakeHub, models: Models, cancel: Cancel) -> Iterator[Generator[Event, None, Model]]:
    """A download of which 18 MiB were sent and nothing more comes."""
    hub.stall_after = 18 << 20
    download = models.download(REPOSITORY, FILE, cancel)
    for event in download:
        if isinstance(event, Progressed) and event.done >= 17 << 20:
            break
    yield download
    hub.stall_after = None
    hub.go_on.set()
