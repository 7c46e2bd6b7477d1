"""kill -9 while a model is fetched, and every other mishap on its way: the file is whole, and little comes twice.

The hub stops sending at a random byte, the fetcher is killed there, and the download is asked for again. The mishaps:
a byte that arrives changed, a bit that flips on the disk or in the journal, another file on the hub, a server that
knows no ranges or forgets them, broken and short answers, addresses that hold no longer, "too many" and "not now", and
a disk without room. A failure is a file with another hash, more than `MOST_AGAIN_BYTES` sent again, anything but the
model left in the folder, or no typed error where one is due. `worst` is the most that came twice.
"""

import hashlib
import os
import random
import resource
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DownloadCorrupt, EngineError, NoRoomForDownload, WorkerDied
from tests.fakes.gguf_bytes import Row, model_bytes, weighed
from tests.fakes.hub import FakeHub
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 10, Size.NIGHT: 100}
FLIPS = {Size.CHANGE: 2, Size.NIGHT: 20}
ROUNDS = {Size.CHANGE: 1, Size.NIGHT: 10}  # of each of the other mishaps
MOST_AGAIN_BYTES = 8 << 20
LONGEST_S = 60.0
ARRIVES_S = 0.3
REPOSITORY, FILE = "someone/Model-GGUF", "model-Q8_0.gguf"
CONTENT = weighed(model_bytes(rows=[Row("token_embd.weight", (1024, 6 * 1024))]))  # 24 MiB


def run(size: Size) -> Outcome:
    """The kills, then the others."""
    tally, chance = Tally(unit="MiB again"), random.Random(13)
    for number in range(KILLS[size]):
        with opened() as (engine, hub):
            wrong, again = killed(engine, hub, chance.randrange(1 << 20, len(CONTENT)))
        tally.saw(again / (1 << 20))
        tally.check(not wrong, f"kill {number}: {wrong}")
    times: list[tuple[Callable[[Engine, FakeHub, int], str], int]] = [
        *((mishap, FLIPS[size]) for mishap in (flipped, flipped_on_disk, flipped_in_journal)),
        *((mishap, ROUNDS[size]) for mishap in MISHAPS),
    ]
    for mishap, count in times:
        for _ in range(count):
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
    again = hub.sent - len(CONTENT)
    return wrong or (f"{again} bytes came again" if again > MOST_AGAIN_BYTES else ""), again


def flipped(engine: Engine, hub: FakeHub, at: int) -> str:
    """One byte arrives changed: said, nothing kept, and well the next time."""
    hub.flip_at = at
    wrong = refused(engine, DownloadCorrupt)
    hub.flip_at = None
    return wrong or fetched(engine, CONTENT)


def flipped_on_disk(engine: Engine, hub: FakeHub, at: int) -> str:
    """A bit of what had arrived flips on the disk."""
    kill_at(engine, hub, max(at, 4 << 20))
    flip(engine, "part", at)
    wrong = fetched(engine, CONTENT)
    again = hub.sent - len(CONTENT)
    return wrong or (f"{again} bytes came again" if again > MOST_AGAIN_BYTES + (1 << 20) else "")


def flipped_in_journal(engine: Engine, hub: FakeHub, at: int) -> str:
    """A bit flips in what is known of the pieces."""
    kill_at(engine, hub, max(at, 4 << 20))
    flip(engine, "journal", at)
    return fetched(engine, CONTENT)


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


def never_ranges(engine: Engine, hub: FakeHub, at: int) -> str:
    """It never sent anything but all of it, and the connection breaks."""
    hub.knows_ranges, hub.cut_after = False, at
    return fetched(engine, CONTENT)


def cut(engine: Engine, hub: FakeHub, at: int) -> str:
    """The connection breaks."""
    hub.cut_after = at
    return fetched(engine, CONTENT)


def short(engine: Engine, hub: FakeHub, at: int) -> str:
    """Answers end in their middle."""
    hub.short_bodies = 1 + at % 4
    return fetched(engine, CONTENT)


def expiring(engine: Engine, hub: FakeHub, at: int) -> str:
    """The addresses of the storage hold for a few requests."""
    hub.address_holds = 1 + at % 3
    return fetched(engine, CONTENT)


def busy(engine: Engine, hub: FakeHub, at: int) -> str:
    """The server takes few connections, and has no time at first."""
    hub.most_bodies, hub.retry_after, hub.troubled = 1 + at % 2, "1", 1
    return fetched(engine, CONTENT)


def no_room(engine: Engine, hub: FakeHub, at: int) -> str:
    """The disk takes no file so large: said before anything comes, and nothing is left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (at, before[1]))
    try:
        wrong = refused(engine, NoRoomForDownload)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    return wrong or (f"{hub.sent} bytes were sent" if hub.sent else fetched(engine, CONTENT))


MISHAPS = (changed, without_ranges, never_ranges, cut, short, expiring, busy, no_room)


def refused(engine: Engine, kind: type[EngineError]) -> str:
    """Download, which is to end in this error and to leave nothing; what is wrong."""
    try:
        finish(engine.models.download(REPOSITORY, FILE, Cancel()))
    except kind:
        left = list(engine.places.models.iterdir())
        return f"left behind: {left}" if left else ""
    return f"it went as if nothing were wrong, in place of a {kind.__name__}"


def flip(engine: Engine, ending: str, at: int) -> None:
    """Change one bit of the unfinished file or of its journal."""
    (path,) = engine.places.models.glob(f"*.{ending}")
    with path.open("r+b") as file:
        file.seek(at % path.stat().st_size)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ (1 << at % 8)]))


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
