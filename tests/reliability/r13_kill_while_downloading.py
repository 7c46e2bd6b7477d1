"""kill -9 while a model is fetched, and every other mishap on its way: the file is whole, and little comes twice.

The hub stops sending at a random byte, the fetcher is killed there, and the download is asked for again. A failure is
a file with another hash, more than `MOST_AGAIN_BYTES` asked for again, anything but the model
left in the folder, or no typed error where one is due. `worst` is the most that came twice.
"""

import hashlib
import os
import random
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DownloadCorrupt, EngineError, WorkerDied
from tests.fakes.gguf_bytes import Row, model_bytes
from tests.fakes.hub import FakeHub
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 10, Size.NIGHT: 100}
ROUNDS = {Size.CHANGE: 1, Size.NIGHT: 10}  # of the four other mishaps
MOST_AGAIN_BYTES = 8 << 20
LONGEST_S = 60.0
ARRIVES_S = 0.3
REPOSITORY, FILE = "someone/Model-GGUF", "model-Q8_0.gguf"
CONTENT = model_bytes(rows=[Row("token_embd.weight", (1024, 6 * 1024))])  # 24 MiB


def run(size: Size) -> Outcome:
    """The kills, then the others."""
    tally, chance = Tally(unit="MiB again"), random.Random(13)
    for number in range(KILLS[size]):
        with opened() as (engine, hub):
            wrong, again = killed(engine, hub, chance.randrange(1 << 20, len(CONTENT)))
        tally.saw(again / (1 << 20))
        tally.check(not wrong, f"kill {number}: {wrong}")
    for _ in range(ROUNDS[size]):
        for mishap in (flipped, changed, without_ranges, cut):
            with opened() as (engine, hub):
                wrong = mishap(engine, hub, chance.randrange(1 << 20, len(CONTENT) - 1))
            tally.check(not wrong, f"{mishap.__name__}: {wrong}")
    return tally.outcome


@contextmanager
def opened() -> Iterator[tuple[Engine, FakeHub]]:
    """An engine on an empty data folder, and its hub."""
    with tempfile.TemporaryDirectory() as folder, FakeHub() as hub:
        os.environ["HF_ENDPOINT"] = hub.endpoint
        hub.put(REPOSITORY, FILE, CONTENT)
        with Engine.open(Places(Path(folder) / "data")) as engine:
            yield engine, hub


def killed(engine: Engine, hub: FakeHub, at: int) -> tuple[str, int]:
    """Kill at this byte and ask again; what is wrong, and how much of what had been sent came again."""
    kill_at(engine, hub, at)
    wrong = fetched(engine, CONTENT)
    asked = hub.bodies()[-1].asked_range
    resumed_at = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
    again = at - resumed_at
    return wrong or (f"{again} bytes came again" if again > MOST_AGAIN_BYTES else ""), again


def flipped(engine: Engine, hub: FakeHub, at: int) -> str:
    """One byte arrives changed: said, nothing kept, and well the next time."""
    hub.flip_at = at
    try:
        finish(engine.models.download(REPOSITORY, FILE, Cancel()))
    except DownloadCorrupt:
        left = list(engine.places.models.iterdir())
        hub.flip_at = None
        return f"left behind: {left}" if left else fetched(engine, CONTENT)
    return "a changed byte was not noticed"


def changed(engine: Engine, hub: FakeHub, at: int) -> str:
    """Another file stands there when the download is asked for again."""
    kill_at(engine, hub, at)
    other = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    hub.put(REPOSITORY, FILE, other, commit="b" * 40)
    return fetched(engine, other)


def without_ranges(engine: Engine, hub: FakeHub, at: int) -> str:
    """The server sends all of it again, whatever it is asked for."""
    kill_at(engine, hub, at)
    hub.knows_ranges = False
    return fetched(engine, CONTENT)


def cut(engine: Engine, hub: FakeHub, at: int) -> str:
    """The connection breaks."""
    hub.cut_after = at
    return fetched(engine, CONTENT)


def kill_at(engine: Engine, hub: FakeHub, at: int) -> None:
    """Kill the fetcher when the hub has sent so many bytes and they have had time to arrive."""
    hub.stall_after = at

    def follow() -> None:
        with suppress(WorkerDied):
            finish(engine.models.download(REPOSITORY, FILE, Cancel()))

    thread = threading.Thread(target=follow)
    thread.start()
    if not hub.stalled.wait(LONGEST_S):
        raise RuntimeError("the hub never came to its byte")
    threading.Event().wait(ARRIVES_S)
    for child in psutil.Process().children(recursive=True):
        if "engine.worker.fetcher" in " ".join(child.cmdline()):
            os.kill(child.pid, signal.SIGKILL)
    thread.join(LONGEST_S)
    hub.stall_after = None
    hub.go_on.set()


def fetched(engine: Engine, content: bytes) -> str:
    """Download to the end; what is wrong with what is there then."""
    try:
        model = finish(engine.models.download(REPOSITORY, FILE, Cancel()))
    except EngineError as error:
        return f"{type(error).__name__}: {error}"
    if hashlib.sha256(model.path.read_bytes()).digest() != hashlib.sha256(content).digest():
        return "the file has another hash"
    left = [path.name for path in engine.places.models.iterdir() if path != model.path]
    return f"left behind: {left}" if left else ""
