"""kill -9 while a model is converted, and a disk that fills up under it: the final name is absent or loads.

The process is killed as soon as there is something of the file to see, a random moment later: while its head is tried,
while weights stream into their places, when it is whole. Or another program takes all of the disk but a little, at that
moment. A failure is a file of a model's name that does not load and answer, a full disk that is called otherwise,
something left in the folder, or a second time that does not bring the model. Where no small file system can be had, the
disk is not tried.
"""

import contextlib
import os
import random
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from engine.engine import Cancel, Engine, Places, finish
from engine.errors import DiskFull, EngineError, NotEnoughRoom
from tests.fakes.checkpoints import byte_level, checkpoint
from tests.reliability.r14_kill_while_making_models import killed_in, unloadable
from tests.reliability.row import Outcome, Size, Tally

KILLS = {Size.CHANGE: 5, Size.NIGHT: 50}
FILLED = {Size.CHANGE: 3, Size.NIGHT: 20}
LATER_S = 1.2
SHAPE = {"hidden_size": 512, "intermediate_size": 1536, "num_hidden_layers": 12, "num_attention_heads": 8}
DISK_MIB = 320


def run(size: Size) -> Outcome:
    """The kills, then the full disks, each in a data folder of its own."""
    tally, chance, hits = Tally(), random.Random(27), 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "Large"
        checkpoint(folder, "LlamaForCausalLM", byte_level("llama-bpe"), form="bfloat16", **SHAPE)
        for number in range(KILLS[size]):
            with Engine.open(Places(Path(temporary) / f"killed {number}")) as engine:
                hit, wrong = killed(engine, folder, chance.uniform(0, LATER_S))
            hits += hit
            tally.check(not wrong, f"kill {number}: {wrong}")
        tally.check(hits > 0, "no kill hit a file that was being written")
        if os.name == "posix" and os.geteuid() == 0:
            full = 0
            whole = (folder / "model.safetensors").stat().st_size
            for number in range(FILLED[size]):
                with small_disk(Path(temporary) / "disk") as disk, Engine.open(Places(disk / "data")) as engine:
                    hit, wrong = filled(engine, folder, disk / "filler", int(whole * chance.random() * 0.9))
                full += hit
                tally.check(not wrong, f"full disk {number}: {wrong}")
            tally.check(full > 0, "no disk was full before all was written")
    return tally.outcome


def killed(engine: Engine, folder: Path, later_s: float) -> tuple[bool, str]:
    """Kill, look, do it again; whether it was at work then, and what is wrong."""
    work = partial(convert, engine, folder)
    hit = killed_in(work, engine.places.models, "converter", later_s)
    return hit, unloadable(engine) or again(engine, folder)


def filled(engine: Engine, folder: Path, filler: Path, left_bytes: int) -> tuple[bool, str]:
    """Have the disk full but for `left_bytes` as soon as there is something of the file.

    Whether it was full before all was written, and what is wrong.
    """
    over = threading.Event()

    def fill() -> None:
        while not list(engine.places.models.rglob("new.gguf")) and not over.wait(0.0005):
            pass
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(filler.parent).free - left_bytes)

    thread, hit, wrong = threading.Thread(target=fill), False, ""
    thread.start()
    try:
        convert(engine, folder)
    except (DiskFull, NotEnoughRoom):
        hit = True
    except EngineError as error:
        wrong = f"a full disk is called {error}"
    over.set()
    thread.join()
    left = [path.name for path in engine.places.models.iterdir() if hit or path.suffix != ".gguf"]
    filler.unlink(missing_ok=True)
    return hit, wrong or (f"left behind: {left}" if left else "") or unloadable(engine) or again(engine, folder)


def again(engine: Engine, folder: Path) -> str:
    """Convert once more; what is wrong with what is there then."""
    try:
        convert(engine, folder)
    except EngineError as error:
        return f"the second time: {error}"
    left = [path.name for path in engine.places.models.iterdir() if path.suffix != ".gguf"]
    return unloadable(engine) or (f"left behind: {left}" if left else "")


def convert(engine: Engine, folder: Path) -> None:
    """Once."""
    finish(engine.converting.convert(folder, Cancel()))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
